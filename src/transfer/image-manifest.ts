import { type ImageManifest, imageManifestBytes, parseImageManifest } from '../images/plan/manifest.ts'
import type { Store, WriteCondition } from '../store/store.ts'
import type { Digest, Key } from '../words/model.ts'
import { bytesBody } from './bytes-body.ts'

/** Where `lading images` writes down what it has made: beside the releases. */
export interface ImageManifestPlace {
  readonly store: Store
  readonly key: Key
}

export const IMAGE_MANIFEST_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const

/** How often it is read again because another run has changed it meanwhile. */
const ROUNDS = 3

/**
 * Takes what was made of certain contents out of the image manifest. One that cannot be read stays as it is: `verify` says
 * so.
 * @throws what `guard` throws
 */
export async function forgetImages(
  { store, key }: ImageManifestPlace,
  isGone: (source: Digest) => boolean,
  { guard, signal }: Pick<WriteCondition, 'guard' | 'signal'>,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const found = await store.get(key, { signal })
    const manifest = found && readable(found.bytes, key)
    if (found === undefined || manifest === undefined) return
    const left = without(manifest, isGone)
    if (left === undefined) return
    const condition: WriteCondition = { when: { etag: found.etag }, guard, signal }
    const put = await store.put(key, bytesBody(imageManifestBytes(left)), IMAGE_MANIFEST_HEADERS, condition)
    if (put.status === 'stored') return
  }
}

/** @returns `undefined` when nothing of these is in it */
function without(manifest: ImageManifest, isGone: (source: Digest) => boolean): ImageManifest | undefined {
  const left = <T extends { readonly src: { readonly sha256: Digest } }>(all: ReadonlyMap<string, T>) =>
    new Map([...all].filter(([, { src }]) => !isGone(src.sha256)))
  const [images, failures] = [left(manifest.images), left(manifest.failures)]
  const isSame = images.size === manifest.images.size && failures.size === manifest.failures.size
  return isSame ? undefined : { ...manifest, images, failures }
}

function readable(bytes: Uint8Array, label: string): ImageManifest | undefined {
  try {
    return parseImageManifest(bytes, label)
  } catch {
    return undefined
  }
}

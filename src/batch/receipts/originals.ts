import { type FolderImage, findInFolder } from '../../images/find.ts'
import { noImages } from '../../images/no-images.ts'
import type { Store, StoredObject } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import { forEachBounded } from '../../transfer/pool.ts'
import { LadingError, printable } from '../../words/errors.ts'
import type { Body } from '../../words/model.ts'
import { formatBytes, plural } from '../../words/units.ts'
import { imageHeader } from '../plan/image-header.ts'
import { originalKey } from '../plan/keys.ts'
import type { ItemSource } from '../plan/manifest.ts'

/** The content type by extension, for bytes that do not tell. */
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
}

/** The largest source that a worker would decode. */
const MAX_SOURCE_BYTES = 50_000_000

/** Originals that are read and put at once. */
const PUTS_AT_ONCE = 32

/** An image, or a folder or link that may hold some, which the batch goes on without. */
export interface Refused {
  readonly path: string
  readonly reason: string
}

/** What a batch can be made of. */
export interface Candidates {
  readonly images: readonly FolderImage[]
  /** What will not be taken, and why. */
  readonly refused: readonly Refused[]
}

/**
 * The images of a folder that workers would decode, in order of path.
 *
 * @param command that reads them, for messages
 * @throws E_ROOT_EMPTY and what `scan` throws
 */
export function findCandidates(root: string, command: string, signal?: AbortSignal): Candidates {
  const { images: found, missed } = findInFolder({ root, command, signal })
  const images = found.filter(({ size }) => size <= MAX_SOURCE_BYTES)
  const large = found.filter(({ size }) => size > MAX_SOURCE_BYTES)
  const most = formatBytes(MAX_SOURCE_BYTES)
  if (images.length === 0) {
    const refused = `All of its images (${large.length}) are larger than ${most}.`
    throw noImages({ where: root, files: found.length, refused })
  }
  const tooLarge = large.map(({ path, size }) => ({ path, reason: `${formatBytes(size)}, more than ${most}` }))
  return { images, refused: [...missed, ...tooLarge] }
}

/** A source and where its original lies. */
export interface Original {
  readonly path: string
  readonly src: ItemSource
}

export interface PutOriginals {
  readonly originals: readonly Original[]
  /** Originals that were not there yet, or not whole, and their bytes. */
  readonly put: number
  readonly bytes: number
  /** Images that were there when the folder was listed, and could not be read. */
  readonly refused: readonly Refused[]
}

export interface PutOptions {
  readonly signal?: AbortSignal | undefined
  /** Told after each. */
  readonly onDone?: ((done: number, total: number) => void) | undefined
}

/**
 * Puts every original that the store does not hold whole, under its digest: a second run sends nothing.
 *
 * @throws E_UNREADABLE when none of them can be read
 */
export async function putOriginals(
  store: Store,
  images: readonly FolderImage[],
  options: PutOptions = {},
): Promise<PutOriginals> {
  const { signal, onDone } = options
  const found = new Map<string, Original>()
  const refused: Refused[] = []
  let [put, bytes, done] = [0, 0, 0]
  const pool = { concurrency: PUTS_AT_ONCE, weigh: ({ size }: FolderImage) => size, signal }
  await forEachBounded(images, pool, async (image) => {
    const content = await image.read().catch(reasonOf)
    if (typeof content === 'string') {
      refused.push({ path: image.path, reason: content })
      onDone?.(++done, images.length)
      return
    }
    const body = bytesBody(content)
    const extension = extensionOf(image.path)
    const header = imageHeader(content)
    const type = header?.type ?? TYPES[extension] ?? 'application/octet-stream'
    const key = originalKey(body.sha256, extension)
    const there = await store.head(key, { signal })
    if (!isWhole(there, body)) {
      const when = there === undefined ? 'absent' : { etag: there.etag }
      const { status } = await store.put(key, body, { 'content-type': type }, { when, signal })
      if (status === 'stored') {
        put += 1
        bytes += body.size
      }
    }
    const size = header && { width: header.width, height: header.height }
    found.set(image.path, { path: image.path, src: { key, sha256: body.sha256, bytes: body.size, type, ...size } })
    onDone?.(++done, images.length)
  })
  const [unread] = refused
  if (unread && found.size === 0) {
    const why = `${printable(unread.path)}: ${unread.reason}`
    throw new LadingError('E_UNREADABLE', `none of ${plural(images.length, 'image')} can be read`, { why })
  }
  return { originals: images.flatMap(({ path }) => found.get(path) ?? []), put, bytes, refused }
}

/** Nobody else writes there, but a disk loses bytes: one that was lost or cut is put again. */
const isWhole = (there: StoredObject | undefined, { size, sha256 }: Body): boolean =>
  there !== undefined && there.size === size && (there.sha256 ?? sha256) === sha256

/** Of a million images, one that was removed or locked meanwhile stops nothing. */
function reasonOf(error: unknown): string {
  if (error instanceof LadingError && error.code === 'E_UNREADABLE') return error.message
  throw error
}

const extensionOf = (path: string): string => /\.([0-9A-Za-z]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''

import { readImage } from '../../images/find.ts'
import { noImages } from '../../images/no-images.ts'
import type { SiteFile } from '../../site/file.ts'
import { scan } from '../../site/scan/scan.ts'
import type { Store } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import { forEachBounded } from '../../transfer/pool.ts'
import { formatBytes } from '../../units.ts'
import { imageHeader } from '../plan/image-header.ts'
import { originalKey } from '../plan/keys.ts'
import type { ItemSource } from '../plan/manifest.ts'

/** Accepted file extensions, with the content type that is used when the bytes do not tell. */
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

/** Images that were found in a folder, before they are read. */
export interface FoundImages {
  readonly files: readonly SiteFile[]
  /** Images that will not be taken, and why. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * The images of a folder, in order of path. Links are followed only inside it, as everywhere.
 *
 * @throws E_ROOT_EMPTY and what `scan` throws
 */
export function findImages(root: string, signal?: AbortSignal): FoundImages {
  const names = { include: [], exclude: [], allowControl: false, strict: false }
  const all = scan({ root, signal, ...names, mayBeEmpty: true, forImages: 'lading batch submit' }).files
  const named = all.filter(({ path }) => extensionOf(path) in TYPES)
  const images = named.filter(({ originOnly }) => !originOnly)
  const [files, large] = [images.filter(isSmall), images.filter((image) => !isSmall(image))]
  const most = formatBytes(MAX_SOURCE_BYTES)
  if (files.length === 0) {
    const refused = large.length > 0 ? `All of its images (${large.length}) are larger than ${most}.` : undefined
    throw noImages({ where: root, files: all.length, leftOut: named.length, refused })
  }
  const refused = large.map(({ path, size }) => ({ path, reason: `${formatBytes(size)}, more than ${most}` }))
  return { files, refused }
}

const isSmall = ({ size }: SiteFile): boolean => size <= MAX_SOURCE_BYTES

/** A source and where its original lies. */
export interface Original {
  readonly path: string
  readonly src: ItemSource
}

export interface PutOriginals {
  readonly originals: readonly Original[]
  /** Originals that were not there yet, and their bytes. */
  readonly put: number
  readonly bytes: number
}

export interface PutOptions {
  readonly signal?: AbortSignal | undefined
  /** Told after each. */
  readonly onDone?: ((done: number, total: number) => void) | undefined
}

/** Puts every original that the store does not hold, under its digest: a second run sends nothing. */
export async function putOriginals(
  store: Store,
  files: readonly SiteFile[],
  options: PutOptions = {},
): Promise<PutOriginals> {
  const { signal, onDone } = options
  const found = new Map<string, Original>()
  let [put, bytes, done] = [0, 0, 0]
  const pool = { concurrency: PUTS_AT_ONCE, weigh: ({ size }: SiteFile) => size, signal }
  await forEachBounded(files, pool, async (file) => {
    const content = await readImage(file)
    const body = bytesBody(content)
    const extension = extensionOf(file.path)
    const header = imageHeader(content)
    const type = header?.type ?? TYPES[extension] ?? 'application/octet-stream'
    const key = originalKey(body.sha256, extension)
    if ((await store.head(key, { signal })) === undefined) {
      const headers = { 'content-type': type }
      const { status } = await store.put(key, body, headers, { when: 'absent', signal })
      if (status === 'stored') {
        put += 1
        bytes += body.size
      }
    }
    const size = header && { width: header.width, height: header.height }
    found.set(file.path, { path: file.path, src: { key, sha256: body.sha256, bytes: body.size, type, ...size } })
    onDone?.(++done, files.length)
  })
  return { originals: files.flatMap(({ path }) => found.get(path) ?? []), put, bytes }
}

const extensionOf = (path: string): string => /\.([0-9A-Za-z]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''

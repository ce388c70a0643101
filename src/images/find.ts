import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { SiteFile } from '../site/file.ts'
import { scan } from '../site/scan/scan.ts'
import type { Missed } from '../site/scan/scan-trouble.ts'
import type { Store } from '../store/store.ts'
import { LadingError, printable } from '../words/errors.ts'
import type { Key } from '../words/model.ts'
import { codeOf } from '../words/system-error.ts'
import { type NoImages, noImages } from './no-images.ts'

/** An image before it is read. */
export interface FoundImage {
  readonly path: string
  /** Its object, when it lies in a store. */
  readonly key?: Key | undefined
  /** In bytes. */
  readonly size: number
  /** @throws E_UNREADABLE */
  read(): Promise<Uint8Array>
}

/** An image of a folder. */
export interface FolderImage extends FoundImage {
  /** Its path on the disk, without links. */
  readonly disk: string
}

export interface FoundImages<Image extends FoundImage = FoundImage> {
  /** In order of path. */
  readonly images: readonly Image[]
  /** Paths of images of kinds that are not rendered: SVG, TIFF, icons. */
  readonly left: readonly string[]
  /** Images, and what may hold some, that cannot be taken, and why. */
  readonly missed: readonly Missed[]
}

const RENDERED = /\.(?:jpe?g|png|webp|gif|avif)$/i
const OTHER_IMAGES = /\.(?:svgz?|tiff?|bmp|ico|hei[cf]|psd|jxl|jp2)$/i
/** What Lading itself puts beside images. */
const OURS = /^(?:v|b|r|control|bundles|\.lading)\//

/** Images, folders, and links that may have led to a folder. */
const MAY_HOLD_IMAGES = /\.(?:jpe?g|png|webp|gif|avif)$|\/$|(?:^|\/)[^./]+$/i

/** Names of images become no keys: variants and originals are named by what is in them. */
const SCANNED = { allowControl: true, strict: false, mayBeEmpty: true }

export interface FolderChoice {
  readonly root: string
  readonly include?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  /** For messages. */
  readonly command: string
  readonly signal?: AbortSignal | undefined
}

/**
 * The images of a folder. Links are followed only inside it, as everywhere.
 * @throws E_ROOT_EMPTY and what `scan` throws
 */
export function findInFolder({
  root,
  include = [],
  exclude = [],
  command,
  signal,
}: FolderChoice): FoundImages<FolderImage> {
  const found = scan({ root, include, exclude, signal, ...SCANNED, forImages: command })
  const { files: all } = found
  const missed = found.missed.filter(({ path }) => MAY_HOLD_IMAGES.test(path))
  const files = all.filter(({ originOnly }) => !originOnly)
  const images = files
    .filter(({ path }) => RENDERED.test(path))
    .map(({ path, size, disk }) => ({ path, size, disk, read: () => readImage({ disk, path }) }))
  const left = files.map(({ path }) => path).filter((path) => OTHER_IMAGES.test(path))
  const leftOut = all.filter(({ path, originOnly }) => originOnly && RENDERED.test(path)).length
  const [first] = missed
  const refused = first && `None of its images can be read. ${printable(first.path)}: ${printable(first.reason)}`
  return some({ images, left, missed }, { where: root, files: all.length, leftOut, refused })
}

/** The images of a store, without what Lading made there. */
export async function findInStore(store: Store, signal?: AbortSignal): Promise<FoundImages> {
  const images: FoundImage[] = []
  const left: string[] = []
  let files = 0
  for await (const page of store.list('', { signal })) {
    for (const { key, size } of page) {
      if (OURS.test(key)) continue
      files += 1
      if (OTHER_IMAGES.test(key)) left.push(key)
      if (RENDERED.test(key)) images.push({ path: key, key, size, read: () => readObject(store, key, signal) })
    }
  }
  return some({ images, left, missed: [] }, { where: store.label, files })
}

function some<Image extends FoundImage>(found: FoundImages<Image>, place: NoImages): FoundImages<Image> {
  if (found.images.length > 0) return found
  throw noImages(place)
}

/** @throws E_UNREADABLE */
async function readImage({ disk, path }: Pick<SiteFile, 'disk' | 'path'>): Promise<Uint8Array> {
  try {
    // the scan has resolved links; a symlink that has replaced the file since must not be followed
    const handle = await open(disk, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw new LadingError('E_UNREADABLE', `it cannot be read (${codeOf(cause)})`, { subject: printable(path), cause })
  }
}

async function readObject(store: Store, key: Key, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const found = await store.get(key, { signal })
  if (found) return found.bytes
  throw new LadingError('E_UNREADABLE', 'an image is gone', { subject: `${store.label}${printable(key)}` })
}

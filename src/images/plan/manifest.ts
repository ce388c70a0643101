import { parseJson } from '../../plan/state-file.ts'
import { LadingError } from '../../words/errors.ts'
import { type FailureReceipt, isFailureReceipt, isReceipt, isRecord, type Receipt } from './receipt.ts'

/** Name of the image manifest, in the state beside releases. One machine and a fleet write the same. */
export const IMAGES_NAME = 'images.json'

/** What was made of which image of a site. */
export interface ImageManifest {
  /** See `recipeId`. */
  readonly recipe: string
  /** By the source's path below the folder or store that was read. */
  readonly images: ReadonlyMap<string, Receipt>
  readonly failures: ReadonlyMap<string, FailureReceipt>
}

/** Equal manifests give equal bytes, whatever the order in which the images were done. */
export function imageManifestBytes({ recipe, images, failures }: ImageManifest): Uint8Array {
  const writer = createManifestWriter(recipe)
  for (const [path, receipt] of images) writer.image(path, receipt)
  for (const [path, receipt] of failures) writer.failure(path, receipt)
  return writer.bytes()
}

/** Collects an image manifest. Of the same path, the last one counts. */
export interface ManifestWriter {
  image(path: string, receipt: Receipt): void
  failure(path: string, receipt: FailureReceipt): void
  bytes(): Uint8Array
}

/**
 * Entries are kept as bytes, outside the heap, and never become one text: of half a million images that would be longer
 * than V8 allows.
 */
export function createManifestWriter(recipe: string): ManifestWriter {
  const [images, failures] = [new Map<string, Buffer>(), new Map<string, Buffer>()]
  const entry = (path: string, receipt: object): Buffer =>
    Buffer.from(`${JSON.stringify(path)}:${JSON.stringify(receipt)}`)
  return {
    image: (path, receipt) => void images.set(path, entry(path, receipt)),
    failure: (path, receipt) => void failures.set(path, entry(path, receipt)),
    bytes: () =>
      Buffer.concat([
        Buffer.from(`{"v":1,"recipe":${JSON.stringify(recipe)},"images":{`),
        ...listed(images),
        Buffer.from('},"failures":{'),
        ...listed(failures),
        Buffer.from('}}\n'),
      ]),
  }
}

const COMMA = Buffer.from(',')

const listed = (entries: ReadonlyMap<string, Buffer>): Buffer[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, bytes], at) => (at === 0 ? [bytes] : [COMMA, bytes]))

/** @throws E_MANIFEST when it is damaged or of another version */
export function parseImageManifest(bytes: Uint8Array, label: string): ImageManifest {
  const value = parseJson(bytes)
  if (isRecord(value) && value.v === 1 && typeof value.recipe === 'string') {
    const { recipe, images, failures } = value
    if (isRecord(images) && isRecord(failures)) {
      const made = entriesOf(images, isReceipt)
      const failed = entriesOf(failures, isFailureReceipt)
      if (made !== undefined && failed !== undefined) return { recipe, images: made, failures: failed }
    }
  }
  throw new LadingError('E_MANIFEST', 'the image manifest cannot be read', {
    subject: label,
    why: isRecord(value) ? `It is of version ${JSON.stringify(value.v)}, or damaged.` : 'It is no JSON.',
    hint: 'lading images makes it again; what was rendered is not rendered twice.',
  })
}

function entriesOf<T>(
  record: Readonly<Record<string, unknown>>,
  isOne: (value: unknown) => value is T,
): ReadonlyMap<string, T> | undefined {
  const entries = new Map<string, T>()
  for (const [path, value] of Object.entries(record)) {
    if (!isOne(value)) return undefined
    entries.set(path, value)
  }
  return entries
}

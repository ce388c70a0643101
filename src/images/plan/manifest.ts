import { LadingError } from '../../errors.ts'
import { parseJson } from '../../plan/state-file.ts'
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
  // fromEntries creates an own property even for `__proto__`
  const sorted = <T>(map: ReadonlyMap<string, T>) => Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
  const document = { v: 1, recipe, images: sorted(images), failures: sorted(failures) }
  return Buffer.from(`${JSON.stringify(document)}\n`)
}

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

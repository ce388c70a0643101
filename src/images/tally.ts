import type { DropReason, FailureReceipt, Receipt } from './plan/receipt.ts'

/** Assumed display width of an image, in device pixels: half a typical window, at 2x density. */
const SHOWN_WIDTH = 960

/** Summary of a run. The JSON form is a contract: fields are added, never renamed. */
export interface ImageTally {
  readonly images: number
  /** Sources that were rendered by this run; the others were known. Equal bytes are one source. */
  readonly rendered: number
  readonly failed: number
  /** Variants of all images, and those that this run put. */
  readonly variants: number
  readonly put: number
  readonly putBytes: number
  /** Bytes that a visitor loads to see every image once, some 960 pixels wide: before, and with the variants. */
  readonly visit: { readonly before: number; readonly after: number }
  /** Variants that were not worth having, by reason. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
}

export interface Tallied {
  readonly images: Iterable<Receipt>
  readonly failures: Iterable<FailureReceipt>
  readonly rendered: number
  readonly put: number
  readonly putBytes: number
}

export function tally({ images, failures, ...run }: Tallied): ImageTally {
  const [receipts, failed] = [[...images], [...failures].length]
  const dropped: Partial<Record<DropReason, number>> = {}
  for (const { reason } of receipts.flatMap((receipt) => receipt.dropped)) dropped[reason] = (dropped[reason] ?? 0) + 1
  const before = receipts.reduce((sum, { src }) => sum + src.bytes, 0)
  const after = receipts.reduce((sum, receipt) => sum + loadedBytes(receipt), 0)
  const variants = receipts.reduce((sum, receipt) => sum + receipt.variants.length, 0)
  return { images: receipts.length + failed, failed, variants, ...run, visit: { before, after }, dropped }
}

/** Of the most wanted format, the narrowest that fills the place, else the widest; without variants, the original. */
function loadedBytes({ variants, src }: Receipt): number {
  const [first] = variants
  if (first === undefined) return src.bytes
  const ofFormat = variants.filter(({ format }) => format === first.format)
  return (ofFormat.find(({ width }) => width >= SHOWN_WIDTH) ?? ofFormat.at(-1) ?? first).bytes
}

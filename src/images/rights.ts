import { printable } from '../words/errors.ts'

/** Whose work an image is, as its metadata says. Names are those of EXIF. */
export interface Rights {
  readonly Artist?: string
  readonly Copyright?: string
}

/** https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E, 4.6.5 */
const TAGS: ReadonlyMap<number, keyof Rights> = new Map([
  [0x013b, 'Artist'],
  [0x8298, 'Copyright'],
])
const ASCII = 2
const LONGEST = 500
/** Entries of an IFD that are read at most: more are meant to exhaust a reader. */
const MOST_ENTRIES = 512

/** Reads the two out of an EXIF block, `Exif\0\0` and a TIFF; empty for what is damaged or has none. */
export function rightsIn(exif: Buffer | undefined): Rights {
  if (exif === undefined) return {}
  const tiff = exif.toString('latin1', 0, 4) === 'Exif' ? exif.subarray(6) : exif
  try {
    return Object.fromEntries(entriesOf(tiff))
  } catch (error) {
    // an offset leads out of the block
    if (error instanceof RangeError) return {}
    throw error
  }
}

function* entriesOf(tiff: Buffer): Generator<readonly [keyof Rights, string]> {
  const isLittle = tiff.toString('latin1', 0, 2) === 'II'
  const u16 = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const u32 = (at: number): number => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  const start = u32(4)
  const count = Math.min(u16(start), MOST_ENTRIES)
  for (let index = 0; index < count; index++) {
    const at = start + 2 + 12 * index
    const name = TAGS.get(u16(at))
    if (name === undefined || u16(at + 2) !== ASCII) continue
    const length = u32(at + 4)
    // up to four bytes stand in the entry itself
    const from = length <= 4 ? at + 8 : u32(at + 8)
    const text = textIn(tiff.subarray(from, from + Math.min(length, LONGEST)))
    if (text !== '') yield [name, text]
  }
}

/** Up to the first NUL, which separates the photographer's copyright from the editor's: the first is kept. */
const textIn = (bytes: Buffer): string => printable(bytes.toString('utf8').split('\0')[0] ?? '').trim()

/** One picture of an icon file. */
export interface IcoEntry {
  /** Width and height in pixels; at most 256. */
  readonly side: number
  /**
   * A PNG with red, green, blue and alpha, the one kind that every reader of icons takes. As a bitmap, which readers
   * from before 2007 want, 32 pixels take 4.2 kB whatever they show.
   */
  readonly png: Uint8Array
}

const HEADER = 6
const ENTRY = 16

/** An `.ico` file. https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10) */
export function icoFile(entries: readonly IcoEntry[]): Uint8Array {
  const head = Buffer.alloc(HEADER + ENTRY * entries.length)
  head.writeUInt16LE(1, 2) // icons, not cursors
  head.writeUInt16LE(entries.length, 4)
  let offset = head.length
  for (const [index, { side, png }] of entries.entries()) {
    const at = HEADER + ENTRY * index
    head.writeUInt8(side % 256, at) // 0 stands for 256
    head.writeUInt8(side % 256, at + 1)
    head.writeUInt16LE(1, at + 4) // planes
    head.writeUInt16LE(32, at + 6) // bits of a pixel
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([head, ...entries.map(({ png }) => png)])
}

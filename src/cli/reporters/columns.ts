/** Terminals give two columns to most signs of East Asia and to pictures. */
export const columnsOf = (text: string): number =>
  Array.from(text).reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0)

const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{3fffd}]/u

/** The first of them, as many as have room. */
export function fitting(chars: readonly string[], columns: number): readonly string[] {
  let left = columns
  const end = chars.findIndex((char) => {
    left -= columnsOf(char)
    return left < 0
  })
  return end === -1 ? chars : chars.slice(0, end)
}

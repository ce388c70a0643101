/** Bytes at the beginning of a file that tell how it is packed. */
export const HEAD = 6

const UTF16 = 'it is UTF-16: save it as UTF-8 first'

/** What files begin with that are no text. https://en.wikipedia.org/wiki/List_of_file_signatures */
const SIGNS: readonly (readonly [sign: string, why: string])[] = [
  ...(
    [
      ['\x28\xb5\x2f\xfd', 'zstd'],
      ['\xfd7zXZ\0', 'xz'],
      ['BZh', 'bzip2'],
      ['PK\x03\x04', 'zip'],
    ] as const
  ).map(([sign, name]) => [sign, `it is compressed by ${name}: unpack it first, for only gzip is read`] as const),
  ['\xff\xfe', UTF16],
  ['\xfe\xff', UTF16],
]

/** Why a file that begins so cannot be read by lines; nothing where it can. */
export function packedAs(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, HEAD)
  return SIGNS.find(([sign]) => text.startsWith(sign))?.[1]
}

/** A file whose bytes are no lines. */
export class PackedLog extends Error {}

/** UTF-8 is the encoding anyway. */
export const withoutMark = (head: Buffer): Buffer =>
  head.subarray(head.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? 3 : 0)

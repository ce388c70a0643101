import { LadingError } from '../../words/errors.ts'

/** One file of an archive. */
export interface TarEntry {
  /** Its path there, with `/`. */
  readonly name: string
  readonly isExecutable: boolean
  read(): Promise<Uint8Array>
}

/** https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 */
const BLOCK = 512
const NAME_BYTES = 100
const PREFIX_BYTES = 155

/**
 * A reproducible ustar archive: it depends on names, bytes and executable bits alone. Sorted by name; owner, group and
 * time are 0; without folder entries, since extraction creates folders anyway.
 *
 * @throws E_KEY_TOO_LONG for a name that the format cannot hold
 */
export async function* tar(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  for (const entry of sorted) {
    const bytes = await entry.read()
    yield header(entry, bytes.byteLength)
    yield bytes
    yield new Uint8Array(-bytes.byteLength & (BLOCK - 1))
  }
  yield new Uint8Array(2 * BLOCK)
}

function header({ name, isExecutable }: TarEntry, size: number): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  const [prefix, rest] = split(name)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  const fields: readonly (readonly [offset: number, text: string])[] = [
    [0, rest],
    [100, octal(isExecutable ? 0o755 : 0o644, 7)],
    [108, octal(0, 7)], // user
    [116, octal(0, 7)], // group
    [124, octal(size, 11)],
    [136, octal(0, 11)], // time
    [148, ' '.repeat(8)], // the checksum is computed with its own field as spaces
    [156, '0'], // a plain file
    [257, 'ustar\x0000'],
    [345, prefix],
  ]
  for (const [offset, text] of fields) block.write(text, offset)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** Splits a long name at a `/` into prefix and rest. */
function split(name: string): readonly [prefix: string, rest: string] {
  if (Buffer.byteLength(name) <= NAME_BYTES) return ['', name]
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)]
    if (Buffer.byteLength(rest) > NAME_BYTES) break
    if (Buffer.byteLength(prefix) <= PREFIX_BYTES) return [prefix, rest]
  }
  throw new LadingError('E_KEY_TOO_LONG', 'a file has too long a path for an archive', { subject: name })
}

import type { Key } from '../../words/model.ts'

/** Longest file name we make, in bytes; common file systems allow 255, and names get a suffix. */
const MAX_NAME = 200

/** Ends the name of an object's file. It is escaped in keys, so `a` (file `a~`) fits beside `a/b` (folder `a`). */
const LEAF = '~'

/** Ends a folder that holds the rest of a segment too long for one name. Escaped in keys as well. */
const MORE = '+'

/** Windows gives these names to devices, with any extension and in any folder. https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/

/**
 * A key's file below the store's folder, `/`-separated, with {@link LEAF} at its end. Only `a-z 0-9 . _ -` stand for
 * themselves, all else is `%xx` of its UTF-8 bytes: upper case too, because file systems may ignore case.
 */
export function fileOfKey(key: Key): string {
  return folderOfPrefix(key) + LEAF
}

/** The folder in which every key starting with `prefix` (without its last `/`) has its file. */
export function folderOfPrefix(prefix: string): string {
  return prefix.split('/').map(escapeSegment).join('/')
}

/** The key of a file that {@link fileOfKey} named; `undefined` for any other file. */
export function keyOfFile(file: string): Key | undefined {
  if (!file.endsWith(LEAF)) return undefined
  const path = file.slice(0, -LEAF.length).replaceAll(`${MORE}/`, '')
  try {
    const key = decodeURIComponent(path)
    return fileOfKey(key) === file ? key : undefined
  } catch {
    return undefined
  }
}

/** What all keys below a folder begin with, without its last `/`; `undefined` for a folder of no key. */
export const keyOfFolder = (folder: string): string | undefined => keyOfFile(folder + LEAF)

function escapeSegment(segment: string): string {
  let escaped = ''
  for (const byte of Buffer.from(segment)) {
    const char = String.fromCharCode(byte)
    escaped += /[a-z0-9._-]/.test(char) ? char : hex(byte)
  }
  if (DEVICE.test(escaped)) escaped = hex(escaped.charCodeAt(0)) + escaped.slice(1)
  if (escaped.endsWith('.')) escaped = `${escaped.slice(0, -1)}%2e`
  const pieces = escaped.match(new RegExp(`.{1,${MAX_NAME}}`, 'g')) ?? []
  return pieces.join(`${MORE}/`)
}

function hex(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`
}

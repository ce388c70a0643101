import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { type ErrorCode, LadingError, printable } from '../../words/errors.ts'
import { codeOf, isAbsent } from '../../words/system-error.ts'
import { formatBytes, shellWord } from '../../words/units.ts'
import { IMAGE_LIMITS } from '../plan/limits.ts'

/** A source of icons, in memory and not looked into: that is for a process that can be killed. */
export interface IconSource {
  readonly path: string
  readonly bytes: Buffer
  readonly isVector: boolean
}

/** Bytes of an SVG: every visitor loads it. */
const SVG_BYTES = 1_000_000

/** What SVG, and no image of pixels, begins with, in any encoding. */
const MARKUP = /^(?:\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)?[\s\0]*</

const TAKEN = 'Name an SVG, or an image of 512 pixels or more.'

/** @throws E_UNREADABLE, E_IMAGE_BYTES, E_IMAGE_FORMAT */
export async function readIconSource(path: string): Promise<IconSource> {
  const bytes = await readFileAt(path)
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw compressed(path)
  const isVector = MARKUP.test(bytes.toString('latin1', 0, 1024))
  if (isVector && bytes.length > SVG_BYTES) throw tooLarge(path, bytes.length, SVG_BYTES)
  return { path, bytes, isVector }
}

/** A link is followed: the file is named by a person, and not found in a folder. */
async function readFileAt(path: string): Promise<Buffer> {
  const subject = printable(path)
  try {
    // a pipe would be waited for
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = await handle.stat()
      if (!stat.isFile()) {
        const message = stat.isDirectory() ? 'This is a folder, not an image' : 'This is not a file'
        throw new LadingError('E_UNREADABLE', message, { subject, hint: TAKEN })
      }
      if (stat.size > IMAGE_LIMITS.bytes) throw tooLarge(path, stat.size, IMAGE_LIMITS.bytes)
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof LadingError) throw cause
    const message = isAbsent(cause) ? 'There is no such file' : `It cannot be read (${codeOf(cause)})`
    throw new LadingError('E_UNREADABLE', message, { subject, hint: TAKEN, cause })
  }
}

const tooLarge = (path: string, size: number, most: number): LadingError =>
  notAnIcon('E_IMAGE_BYTES', {
    path,
    why: `it has ${formatBytes(size)}, more than the limit of ${formatBytes(most)}`,
    hint: 'Simplify it, or save it smaller: no icon is larger than 512 pixels.',
  })

/** Browsers take an SVG that is compressed only from a server that says so of it. */
const compressed = (path: string): LadingError =>
  notAnIcon('E_IMAGE_FORMAT', {
    path,
    why: 'it is compressed',
    hint: `Unpack it: gunzip -c ${shellWord(path)} > logo.svg`,
  })

/** What is told of a source that no icons are made of. */
export function notAnIcon(
  code: ErrorCode,
  { path, why, hint }: { readonly path: string; readonly why: string; readonly hint: string },
): LadingError {
  const sentence = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`
  return new LadingError(code, 'no icons can be made of this', { subject: printable(path), why: sentence, hint })
}

import { isAscii, isUtf8 } from 'node:buffer'
import { createHash, hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { TextDecoder } from 'node:util'
import { LadingError } from '../words/errors.ts'
import type { Body, Digest } from '../words/model.ts'
import { codeOf } from '../words/system-error.ts'
import { magicOf } from './content-type/magic.ts'
import type { FileFacts, SourceFile } from './file.ts'
import { unreadable } from './scan/scan-trouble.ts'
import { type DeployCredentials, deployCredentials } from './secrets/deploy-credentials.ts'
import { type FileScan, scanOf } from './secrets/file-scan.ts'
import { speaksOfOtherCharset } from './text/charset.ts'

/** One piece of a large file, in bytes. */
const PIECE = 1 << 20

/** Reused for every file: a fresh buffer each costs more than the hashing. */
const piece = Buffer.allocUnsafe(PIECE)

const NO_CREDENTIALS = deployCredentials({})

/**
 * Reads a file once and tells what it is, and which secrets are in it. (Twice, when it carries an inline source map.)
 * @throws E_SOURCE_CHANGED when it is no longer the file that was found; a system error (EACCES, EIO) as it comes
 */
export function readFacts(file: SourceFile, credentials: DeployCredentials = NO_CREDENTIALS): FileFacts {
  return withFile(file, (handle) => {
    const first = readSync(handle, piece, 0, PIECE, 0)
    const head = piece.subarray(0, first)
    if (first < PIECE) {
      if (first !== file.size) throw sourceChanged(file.path)
      const other = isAscii(head) && (hasEscape(head) || speaksOfOtherCharset(head))
      const sha256 = hash('sha256', head)
      const magic = magicOf(head)
      const scan = scanOf(file.path, head, { magic, credentials })
      scan.feed(head, true)
      return { sha256, utf8: !other && isUtf8(head), magic, findings: findingsOf(scan, file, sha256) }
    }
    return readLarge(file, handle, { first, credentials })
  })
}

/** An inline map counts only if it contains sources, which takes the whole text to check. */
function findingsOf(scan: FileScan, file: SourceFile, sha256: Digest): FileFacts['findings'] {
  return scan.findings(() => readWhole(file, sha256).toString('latin1'))
}

interface Beginning {
  readonly first: number
  readonly credentials: DeployCredentials
}

function readLarge(file: SourceFile, handle: number, { first, credentials }: Beginning): FileFacts {
  const digest = createHash('sha256')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const head = piece.subarray(0, first)
  const magic = magicOf(head)
  const scan = scanOf(file.path, head, { magic, credentials })
  let other = speaksOfOtherCharset(head)
  let ascii = true
  let utf8 = true
  let position = 0
  for (let got = first; got > 0; got = readSync(handle, piece, 0, PIECE, position)) {
    const bytes = piece.subarray(0, got)
    digest.update(bytes)
    utf8 = utf8 && decodes(decoder, bytes)
    ascii = ascii && isAscii(bytes)
    other = other || (ascii && hasEscape(bytes))
    position += got
    scan.feed(bytes, position >= file.size)
  }
  if (position !== file.size) throw sourceChanged(file.path)
  const sha256 = digest.digest('hex')
  const isLabelled = utf8 && decodes(decoder, undefined) && !(ascii && other)
  return { sha256, utf8: isLabelled, magic, findings: findingsOf(scan, file, sha256) }
}

/** ISO-2022-JP is 7-bit: it switches between character sets by sequences that begin with this byte. */
const hasEscape = (bytes: Uint8Array): boolean => bytes.includes(0x1b)

function decodes(decoder: TextDecoder, bytes: Uint8Array | undefined): boolean {
  try {
    decoder.decode(bytes, { stream: bytes !== undefined })
    return true
  } catch {
    return false
  }
}

/** Errors of denied access; permissions may change between hashing and sending. */
const DENIED = new Set(['EACCES', 'EPERM', 'EIO', 'EISDIR'])

/** @throws E_UNREADABLE, E_SOURCE_CHANGED */
function withFile<T>(file: SourceFile, use: (handle: number) => T): T {
  try {
    return withSameFile(file, use)
  } catch (error) {
    throw DENIED.has(codeOf(error)) ? unreadable([file.path], error) : error
  }
}

/** Whether the right to read it is missing, without reading it. One that has changed meanwhile is found out later. */
export function isDenied(file: SourceFile): boolean {
  try {
    withFile(file, () => undefined)
  } catch (error) {
    return error instanceof LadingError && error.code === 'E_UNREADABLE'
  }
  return false
}

/** Opens without following a link that was put there meanwhile, and only if it is still the file that was found. */
function withSameFile<T>(file: SourceFile, use: (handle: number) => T): T {
  let handle: number
  try {
    handle = openSync(file.disk, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    throw GONE.has(codeOf(error)) ? sourceChanged(file.path, error) : error
  }
  try {
    const stat = fstatSync(handle)
    const isSame = stat.ino === file.ino && stat.dev === file.dev && stat.size === file.size && stat.isFile()
    if (!isSame) throw sourceChanged(file.path)
    return use(handle)
  } finally {
    closeSync(handle)
  }
}

/** Errors that mean the path is no longer a file: gone, a link, or a pipe. */
const GONE = new Set(['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR'])

/** The whole file, which must have the planned digest. For text that is parsed. */
export function readWhole(file: SourceFile, sha256: Digest): Buffer {
  const bytes = withFile(file, (handle) => {
    const whole = Buffer.allocUnsafe(file.size)
    fill(file, handle, { into: whole, start: 0 })
    return whole
  })
  if (hash('sha256', bytes) !== sha256) throw sourceChanged(file.path)
  return bytes
}

/** Reads as many bytes as there is room for. */
function fill(file: SourceFile, handle: number, { into, start }: { into: Buffer; start: number }): void {
  let filled = 0
  while (filled < into.length) {
    const got = readSync(handle, into, filled, into.length - filled, start + filled)
    if (got === 0) throw sourceChanged(file.path)
    filled += got
  }
}

/** The file's bytes as they are, read again when they are sent. */
export function fileBody(file: SourceFile, sha256: Digest): Body {
  return {
    size: file.size,
    sha256,
    read: async (start, end, into = Buffer.allocUnsafe(end - start)) =>
      withFile(file, (handle) => {
        fill(file, handle, { into, start })
        return into
      }),
  }
}

/**
 * A body that is generated on demand and must match its planned digest. Generated once for all pieces of a file: it
 * stays in memory from the first read to the last.
 */
export function madeBody(path: string, size: number, sha256: Digest, make: () => Uint8Array): Body {
  const makeChecked = (): Uint8Array => {
    const bytes = make()
    if (bytes.byteLength !== size || hash('sha256', bytes) !== sha256) throw sourceChanged(path)
    return bytes
  }
  let made: Uint8Array | undefined
  return {
    size,
    sha256,
    read: async (start, end) => {
      const bytes = made ?? makeChecked()
      made = end < size ? bytes : undefined
      return bytes.subarray(start, end)
    },
  }
}

/** The error for a file that is no longer what was hashed. */
export function sourceChanged(path: string, cause?: unknown): LadingError {
  return new LadingError('E_SOURCE_CHANGED', 'A file changed while it was being deployed', {
    subject: path,
    why: 'What was planned is no longer what lies on the disk.',
    hint: 'Let the build finish, then run the same command again.',
    cause,
  })
}

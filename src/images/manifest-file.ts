import { constants } from 'node:fs'
import { access, open, readlink, realpath, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { LadingError } from '../words/errors.ts'
import { codeOf } from '../words/system-error.ts'
import { shellWord } from '../words/units.ts'

/** How every image manifest begins, of whatever version, also one that a formatter has laid out anew. */
const START = /^\s*\{\s*"v"\s*:\s*\d+\s*,\s*"recipe"\s*:\s*"/

/** Links that Linux follows in one path, https://man7.org/linux/man-pages/man7/path_resolution.7.html */
const MAX_LINKS = 40

/** Where `--manifest` wants an image manifest. */
export interface ImageManifestFile {
  /** @throws E_WRITE */
  write(bytes: Uint8Array): Promise<void>
}

/**
 * Looks whether an image manifest may be written there, before the work that it tells of is done.
 * @throws E_OUT where another file lies, E_WRITE
 */
export async function imageManifestFile(file: string): Promise<ImageManifestFile> {
  const isOurs = await lookAt(file).catch((cause: unknown) => refuse(file, cause))
  if (!isOurs) {
    throw new LadingError('E_OUT', 'something else lies where the image manifest is to be written', {
      subject: file,
      hint: 'Name another file with --manifest.',
    })
  }
  return {
    write: (bytes) => writeFile(file, bytes).catch((cause: unknown) => refuse(file, cause)),
  }
}

/** Whether nothing lies there, an empty file, a manifest, or what is no file, such as a pipe. @throws a system error */
async function lookAt(file: string): Promise<boolean> {
  const stats = await stat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  await access(stats === undefined ? dirname(await placeOf(file)) : file, constants.W_OK)
  if (stats?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
  return !stats?.isFile() || stats.size === 0 || START.test(await headOf(file))
}

/**
 * Where a file that is not there is made: links to nothing are followed, each from the folder where it really lies. A
 * `..` behind a linked folder leaves the one that it leads to, so only what is not there is resolved by its letters.
 */
async function placeOf(file: string, links = MAX_LINKS): Promise<string> {
  const to = links === 0 ? undefined : await readlink(file).catch(() => undefined)
  if (to === undefined) return file
  const path = isAbsolute(to) ? to : `${await realpath(dirname(file))}/${to}`
  const folder = await realpath(dirname(path)).catch(() => resolve(dirname(path)))
  return placeOf(join(folder, basename(path)), links - 1)
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function refuse(file: string, cause: unknown): Promise<never> {
  const code = codeOf(cause)
  // what leads through a file is no such case: no folder can be made there
  const place = code === 'ENOENT' ? await placeOf(file) : file
  const why = REASONS[code] ?? `The disk answered ${code}.`
  throw new LadingError('E_WRITE', 'the image manifest cannot be written', {
    subject: file,
    why: place === file ? why : `It is a link to ${place}. ${why}`,
    hint: adviceOn(code, place),
    cause,
  })
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'It is a folder.',
  ELOOP: 'A link in its path leads nowhere.',
}

function adviceOn(code: string, place: string): string {
  if (code === 'ENOENT') return `Make its folder: mkdir -p ${shellWord(dirname(place))}`
  if (code === 'ELOOP') return 'Remove that link, or name another file with --manifest.'
  return 'Name a file with --manifest that this user may write.'
}

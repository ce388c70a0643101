import { constants } from 'node:fs'
import { access, open, readlink, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LadingError } from '../words/errors.ts'
import { codeOf } from '../words/system-error.ts'
import { shellWord } from '../words/units.ts'

/** How every image manifest begins, of whatever version, also one that a formatter has laid out anew. */
const START = /^\s*\{\s*"v"\s*:\s*\d+\s*,\s*"recipe"\s*:\s*"/

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

/** Where a file that is not there is made: links to nothing are followed. */
async function placeOf(file: string): Promise<string> {
  const to = await readlink(file).catch(() => undefined)
  return to === undefined ? file : placeOf(resolve(dirname(file), to))
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
  const why = code === 'EISDIR' ? 'It is a folder.' : `The disk answered ${code}.`
  throw new LadingError('E_WRITE', 'the image manifest cannot be written', {
    subject: file,
    why: place === file ? why : `It is a link to ${place}. ${why}`,
    hint:
      code === 'ENOENT'
        ? `Make its folder: mkdir -p ${shellWord(dirname(place))}`
        : 'Name a file with --manifest that this user may write.',
    cause,
  })
}

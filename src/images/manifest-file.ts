import { constants } from 'node:fs'
import { access, open, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LadingError } from '../words/errors.ts'
import { codeOf, isAbsent } from '../words/system-error.ts'
import { shellWord } from '../words/units.ts'

/** How every image manifest begins, of whatever version. */
const START = /^\{"v":\d+,"recipe":"/

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
  const isOurs = await lookAt(file).catch((cause: unknown) => {
    throw unwritten(file, cause)
  })
  if (!isOurs) {
    throw new LadingError('E_OUT', 'something else lies where the image manifest is to be written', {
      subject: file,
      hint: 'Name another file with --manifest.',
    })
  }
  return {
    write: (bytes) =>
      writeFile(file, bytes).catch((cause: unknown) => {
        throw unwritten(file, cause)
      }),
  }
}

/** Whether nothing lies there, an empty file, a manifest, or what is no file, such as a pipe. @throws a system error */
async function lookAt(file: string): Promise<boolean> {
  const stats = await stat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  await access(stats === undefined ? dirname(file) : file, constants.W_OK)
  if (stats?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
  return !stats?.isFile() || stats.size === 0 || START.test(await headOf(file))
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

function unwritten(file: string, cause: unknown): LadingError {
  return new LadingError('E_WRITE', 'the image manifest cannot be written', {
    subject: file,
    why: codeOf(cause) === 'EISDIR' ? 'It is a folder.' : `The disk answered ${codeOf(cause)}.`,
    hint: isAbsent(cause)
      ? `Make its folder: mkdir -p ${shellWord(dirname(file))}`
      : 'Name a file with --manifest that this user may write.',
    cause,
  })
}

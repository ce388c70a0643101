import { randomUUID } from 'node:crypto'
import { lstat, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolders } from '../../transfer/make-folders.ts'
import { putNewFile } from '../../transfer/put-new-file.ts'
import { LadingError, printable } from '../../words/errors.ts'
import { codeOf, isAbsent } from '../../words/system-error.ts'

export interface SetFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** What became of a file. */
export type Written = 'new' | 'replaced' | 'unchanged'

interface Place extends SetFile {
  readonly path: string
  readonly temporary: string
  readonly state: Written
}

/**
 * Writes files of one folder, which is made where there is none: each as a whole, and none before all of them lie ready
 * on the disk. What is there with other contents is replaced only by `force`, and a source never.
 * @throws E_OUT, E_WRITE; then what was new is gone again
 */
export async function writeSet(
  folder: string,
  files: readonly SetFile[],
  { force, sources }: { readonly force: boolean; readonly sources: readonly string[] },
): Promise<readonly Written[]> {
  const places = await Promise.all(files.map((file) => placeOf(folder, file)))
  const others = places.filter(({ state }) => state === 'replaced')
  const own = await Promise.all(sources.map(trueName))
  for (const { path } of others) if (own.includes(await trueName(path))) throw isSource(path)
  if (others.length > 0 && !force) throw taken(folder, others)
  const due = places.filter(({ state }) => state !== 'unchanged')
  makeFolder(folder)
  const added: string[] = []
  try {
    for (const { temporary, bytes } of due) await writeFile(temporary, bytes, { flag: 'wx', flush: true })
    for (const { temporary, path } of due.filter(({ state }) => state === 'new')) {
      await putNewFile(temporary, path) // whoever put a file there in the meantime keeps it
      added.push(path)
    }
    for (const { temporary, path } of others) await rename(temporary, path)
  } catch (cause) {
    await Promise.all(added.map((path) => rm(path, { force: true })))
    throw unwritten(folder, cause)
  } finally {
    await Promise.all(due.map(({ temporary }) => rm(temporary, { force: true })))
  }
  return places.map(({ state }) => state)
}

/** Without links; a file that has gone in the meantime is none that could be overwritten. */
const trueName = (path: string): Promise<string> => realpath(path).catch(() => path)

function makeFolder(folder: string): void {
  try {
    makeFolders(folder)
  } catch (cause) {
    throw ['EEXIST', 'ENOTDIR'].includes(codeOf(cause)) ? notAFolder(folder, cause) : unwritten(folder, cause)
  }
}

async function placeOf(folder: string, file: SetFile): Promise<Place> {
  const path = join(folder, file.name)
  const temporary = join(folder, `.${randomUUID()}.lading`)
  return { ...file, path, temporary, state: await stateOf(path, file.bytes) }
}

/** @throws E_OUT when something else than a file has the name: not even `force` puts a file in its place */
async function stateOf(path: string, bytes: Uint8Array): Promise<Written> {
  try {
    const stat = await lstat(path)
    if (!stat.isFile()) {
      const what = stat.isSymbolicLink() ? 'A link' : stat.isDirectory() ? 'A folder' : 'Something that is no file'
      throw new LadingError('E_OUT', `${what} has the name of an icon`, {
        subject: printable(path),
        hint: 'Move it out of the way, or name another folder: --out FOLDER',
      })
    }
    return stat.size === bytes.length && (await readFile(path)).equals(bytes) ? 'unchanged' : 'replaced'
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return 'new'
    if (cause instanceof LadingError) throw cause
    throw isAbsent(cause) ? notAFolder(dirname(path), cause) : unwritten(path, cause)
  }
}

const notAFolder = (path: string, cause: unknown): LadingError =>
  new LadingError('E_OUT', 'The output folder is not a folder', {
    subject: printable(path),
    hint: 'Name a folder, or one that is to be made: --out public',
    cause,
  })

const isSource = (path: string): LadingError =>
  new LadingError('E_OUT', 'the source has the name of an icon that is made of it', {
    subject: printable(path),
    why: 'It would be replaced by its own icon.',
    hint: 'Keep it elsewhere, or under another name.',
  })

const taken = (folder: string, others: readonly Place[]): LadingError =>
  new LadingError('E_OUT', 'files with these names and other contents are there already', {
    subject: printable(folder),
    why: 'They may be yours, so nothing was written.',
    hint: 'Add --force to replace them, or name another folder: --out FOLDER',
    details: others.map(({ name }) => name),
  })

function unwritten(path: string, cause: unknown): LadingError {
  const isTaken = codeOf(cause) === 'EEXIST'
  return new LadingError('E_WRITE', 'the icons cannot be written', {
    subject: printable(path),
    why: isTaken ? 'A file appeared there in the meantime.' : `The disk answered ${codeOf(cause)}.`,
    hint: isTaken
      ? 'Run the same command again.'
      : 'Check the owner and the mode of the folder, and the room on the disk.',
    cause,
  })
}

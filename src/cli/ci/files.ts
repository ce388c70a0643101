import { realpathSync, rmSync } from 'node:fs'
import { appendFile, open, stat } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import { LadingError } from '../../index.ts'
import { PAGE_START } from './markdown.ts'

/** Appends a page about the run to the file where the platform looks for it, apart from what others wrote there. */
export async function addPage(path: string, page: string): Promise<void> {
  await append(path, `\n\n${page}`)
}

/** Fills the file that was claimed. */
export async function writePage(path: string, page: string): Promise<void> {
  await append(path, page)
}

/** To open a pipe that nobody reads would last for ever, and no signal would end it. */
async function append(path: string, text: string): Promise<void> {
  if ((await stat(path).catch(() => undefined))?.isFIFO()) throw new Error('it is a pipe')
  await appendFile(path, text)
}

/** Appends `name=value` lines, which later steps read as outputs of this one. */
export async function addOutputs(
  path: string,
  outputs: Readonly<Record<string, string | number | boolean | undefined>>,
): Promise<void> {
  const lines = Object.entries(outputs).flatMap(([name, value]) =>
    value === undefined || /[\r\n]/.test(String(value)) ? [] : [`${name}=${value}\n`],
  )
  await append(path, lines.join(''))
}

/** A file that a page may be written into. */
export interface Claim {
  readonly path: string
  isBelow(folder: string): boolean
  /** Takes away what was made. @throws E_WRITE, for it would be published */
  drop(): never
}

/**
 * Empties or makes the file that a page is asked for in: whether it can be written is known before anything is sent.
 * @throws E_WRITE, also for a file that is no page: a slip of the hand costs no site and no configuration
 */
export async function claimPage(path: string): Promise<Claim> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isFIFO()) throw unwritable(path, 'it is a pipe')
  if (there?.isFile() && there.size > 0 && !(await isPage(path))) {
    throw unwritable(path, 'another file has this name, which is no page')
  }
  try {
    await (await open(path, 'w')).close()
  } catch (cause) {
    throw unwritable(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
  return {
    path,
    isBelow: (folder) => isBelow(folder, path),
    drop: () => {
      if (there === undefined) rmSync(path)
      throw unwritable(path, 'the page would be published with the site')
    },
  }
}

async function isPage(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined)
  try {
    const head = await file?.read(Buffer.alloc(PAGE_START.length), 0, PAGE_START.length, 0)
    return head?.buffer.toString() === PAGE_START
  } finally {
    await file?.close()
  }
}

const unwritable = (subject: string, why: string, cause?: unknown): LadingError =>
  new LadingError('E_WRITE', 'the summary cannot be written', {
    subject,
    why,
    hint: 'Give --summary the name of a new file, or of an older page, in a folder that is there and is not published.',
    cause,
  })

function isBelow(folder: string, file: string): boolean {
  try {
    return wayInto(realpathSync(folder), realpathSync(dirname(file))) !== undefined
  } catch {
    return false // there is no such folder
  }
}

/** The path of what lies in a folder, seen from there. */
export function wayInto(folder: string, file: string): string | undefined {
  const way = relative(folder, file)
  return way.split(sep)[0] === '..' || isAbsolute(way) ? undefined : way
}

import { randomUUID } from 'node:crypto'
import { constants, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { access, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import type { SyncOptions } from '../config/interface.ts'
import { decodeSavedPlan, encodeSavedPlan, isMarked, type SavedPlan, type Unusable } from '../plan/saved-plan.ts'
import { LadingError } from '../words/errors.ts'
import { codeOf, isAbsent } from '../words/system-error.ts'
import { shellWord } from '../words/units.ts'
import type { Draft } from './draft.ts'
import { type PlanOptions, pin } from './pin.ts'

/** @throws E_PLAN */
export function readSavedPlan(file: string, options: PlanOptions): SavedPlan {
  const read = decodeSavedPlan(textOf(file, options))
  if (typeof read !== 'string') return read
  throw new LadingError('E_PLAN', UNUSABLE[read], {
    subject: file,
    hint:
      read === 'foreign'
        ? 'Name what lading plan --save FILE has written, or the folder with the site.'
        : `Make it again: ${planLine(file, options)}`,
  })
}

const UNUSABLE: Readonly<Record<Unusable, string>> = {
  foreign: 'This file is no saved plan',
  damaged: 'The saved plan is damaged, or was edited',
  version: 'The saved plan has the form of another version of Lading',
}

function textOf(file: string, options: PlanOptions): string {
  try {
    // a pipe would be waited for, and no signal could end that
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : ''
  } catch (cause) {
    const [message, hint] = isAbsent(cause)
      ? ['There is no such plan', `Make it: ${planLine(file, options)}`]
      : ['The saved plan cannot be read', 'Check the owner and the mode of the file.']
    throw new LadingError('E_PLAN', message, { subject: file, why: `The disk answered ${codeOf(cause)}.`, hint, cause })
  }
}

/** The command that makes it. */
export function planLine(file: string, { root, repair, download }: PlanOptions): string {
  const flags = [...(repair ? ['--repair'] : []), ...(download ? ['--download'] : [])]
  return ['lading plan', shellWord(root), '--save', shellWord(file), ...flags].join(' ')
}

/**
 * Looks whether a plan may be saved there, before the work of making it.
 * @throws E_PLAN where something else lies, or where it would be published; E_WRITE
 */
export async function checkSaveTo(file: string, { root, delivery }: SyncOptions): Promise<void> {
  const isOurs = await lookAt(file).catch((cause: unknown) => {
    throw unwritten(file, cause)
  })
  const folder = [root, ...('dir' in delivery ? [delivery.dir] : [])].find((place) => isBelow(place, file))
  if (folder !== undefined) {
    throw new LadingError('E_PLAN', 'The plan would be published with the site', {
      subject: file,
      hint: `Save it to a file outside of ${folder}.`,
    })
  }
  if (isOurs) return
  throw new LadingError('E_PLAN', 'Something else lies where the plan is to be saved', {
    subject: file,
    hint: 'Name another file with --save.',
  })
}

function isBelow(folder: string, file: string): boolean {
  try {
    const way = relative(realpathSync(folder), realpathSync(dirname(file)))
    return way.split(sep)[0] !== '..' && !isAbsolute(way)
  } catch {
    return false // there is no such folder
  }
}

/** Whether nothing lies there, or an earlier plan, or the empty file that `mktemp` makes. @throws a system error */
async function lookAt(file: string): Promise<boolean> {
  await access(dirname(file), constants.W_OK)
  const stats = lstatSync(file, { throwIfNoEntry: false })
  if (stats === undefined) return true
  return stats.isFile() && (stats.size === 0 || isMarked(readFileSync(file, 'utf8')))
}

/** Saves what was planned: a reader sees the earlier plan or this one, and nobody but the owner sees either. */
export async function savePlan(file: string, made: Draft, options: PlanOptions): Promise<void> {
  const temporary = `${file}.${randomUUID()}`
  try {
    await writeFile(temporary, encodeSavedPlan(pin(made, options)), { flag: 'wx', mode: 0o600, flush: true })
    await rename(temporary, file)
  } catch (cause) {
    throw unwritten(file, cause)
  } finally {
    await rm(temporary, { force: true })
  }
}

function unwritten(file: string, cause: unknown): LadingError {
  return new LadingError('E_WRITE', 'The plan cannot be saved', {
    subject: file,
    why: `The disk answered ${codeOf(cause)}.`,
    hint:
      codeOf(cause) === 'ENOENT'
        ? `Make its folder: mkdir -p ${shellWord(dirname(file))}`
        : 'Check the owner and the mode of the folder, and the room on the disk.',
    cause,
  })
}

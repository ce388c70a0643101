import { randomUUID } from 'node:crypto'
import { constants, lstatSync } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DoctorOptions } from '../config/doctor.ts'
import type { Target } from '../config/interface.ts'
import { openAndRead } from '../draft/opened.ts'
import { probeStores } from '../line/facts.ts'
import type { Run } from '../line/run.ts'
import type { StoreFindings } from '../plan/pointer.ts'
import { NO_POINTER } from '../plan/pointer.ts'
import { openStore } from '../providers.ts'
import type { ProbedFacts } from '../store/store.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import { STATE_FOLDER } from '../transfer/state.ts'
import { visitorOf } from '../visitor/check.ts'
import { diagnose, type PublicFacts, unseen } from '../visitor/diagnose.ts'
import { LadingError, printable } from '../words/errors.ts'
import { isAbsent } from '../words/system-error.ts'

/** What was found out about one place. */
export interface Diagnosis {
  /** `store`; `state` where that is a different store; or `url`, the public address that visitors use. */
  readonly place: 'store' | 'state' | 'url'
  readonly label: string
  /** Whether this is a folder that is not there yet. Whether it could be made was found out, and it was not. */
  readonly isMissing: boolean
  /** Absent for a folder, of which everything is known, and for `url`. */
  readonly facts: ProbedFacts | undefined
  /** Of `url`. */
  readonly public?: PublicFacts | undefined
  /**
   * For a store, whether this differs from what the last publish relied on; the next one relies on these facts. For
   * `url`, whether `cors` differs from the configuration.
   */
  readonly isNews: boolean
}

/**
 * Finds out what the stores of a configuration do, by the probe: a few objects below `.lading/` are written and removed
 * again; in a folder, a single one, and for a folder that is not there, none. What is found is kept with the pointer, where
 * there is one, for all later runs. Where a public address is configured, one object below `a/` and one below `.lading/`
 * are asked for there, and removed.
 * @throws E_ACCESS_DENIED, E_STORE where a folder cannot be written or made
 */
export async function doctor(options: DoctorOptions, run: Run = {}): Promise<Diagnosis[]> {
  // looked at before anything is written: a store makes its folder. Of one that is given nothing lies on this disk
  const missing = new Set(run.openStore ? [] : [options.target, options.state].filter(isMissing))
  for (const target of [options.target, options.state])
    if (target?.kind === 'folder') await (missing.has(target) ? askParent(target) : tryStore(target, options, run))
  const found = await probeStores(options, run)
  const opened = await openAndRead(options, run, run.emit ?? (() => {}))
  const { live, state } = opened
  const known = live?.pointer.facts
  if (live !== undefined && found !== undefined && !isSame(known, found)) {
    // a run that publishes at the same time wins: it has probed too, or knows as much
    await state.movePointer({ ...NO_POINTER, ...live.pointer, facts: found }, live.etag)
  }
  const stores = [
    { place: 'store', target: options.target, facts: found?.site, isNews: !isSame(known?.site, found?.site) },
    { place: 'state', target: options.state, facts: found?.state, isNews: !isSame(known?.state, found?.state) },
  ] as const
  const places = stores.flatMap(({ target, ...rest }): Diagnosis[] =>
    target === undefined ? [] : [{ ...rest, label: target.label, isMissing: missing.has(target) }],
  )
  const { url } = options
  if (url === undefined) return places
  const asking = { options, visitor: visitorOf(options, run) }
  const seen = missing.has(options.target) ? unseen(options) : await diagnose(opened.store, url, asking)
  const isNews = seen.cors !== undefined && (seen.cors === 'open') !== seen.declaredCors
  return [...places, { place: 'url', label: url.href, isMissing: false, facts: undefined, public: seen, isNews }]
}

type FolderTarget = Extract<Target, { kind: 'folder' }>

/** A link is there, wherever it leads: no folder can be made below it. Other errors are left to the store to report. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path) !== undefined
  } catch (error) {
    return !isAbsent(error)
  }
}

const isMissing = (target: Target | undefined): boolean => target?.kind === 'folder' && !isThere(target.path)

/**
 * Of a folder that is not there nothing is made: it may be a slip of the pen. Whether it could be made, the nearest
 * folder above it tells by its mode alone.
 */
async function askParent({ path }: FolderTarget): Promise<void> {
  const parent = nearest(dirname(path))
  const message = `the folder "${printable(path)}" cannot be made`
  if (!(await isFolder(parent))) {
    throw new LadingError('E_STORE', message, {
      subject: parent,
      why: 'It would lie in this, which is no folder.',
      hint: 'Name another folder.',
    })
  }
  try {
    await access(parent, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new LadingError('E_ACCESS_DENIED', message, {
      subject: parent,
      why: 'It would lie in this folder, where we may not write.',
      hint: 'Check the owner and the mode of this path, or name another folder.',
      cause,
    })
  }
}

const nearest = (path: string): string => (isThere(path) || dirname(path) === path ? path : nearest(dirname(path)))

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false // a link that leads nowhere
  }
}

/** How a folder behaves is known; whether this one can be written is not. */
async function tryStore(target: FolderTarget, options: DoctorOptions, run: Run): Promise<void> {
  const store = await (run.openStore ?? openStore)(target, options)
  const key = `${STATE_FOLDER}probe/${randomUUID()}`
  await store.put(key, bytesBody(Buffer.from('probe')), {}, { when: 'absent', signal: run.signal })
  try {
    await store.get(key, { signal: run.signal })
  } finally {
    await store.remove([key]) // also when the run was stopped
  }
}

function isSame<T extends StoreFindings | ProbedFacts>(a: T | undefined, b: T | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DoctorOptions } from '../config/doctor.ts'
import type { Target } from '../config/interface.ts'
import { type Opened, openAndRead } from '../draft/opened.ts'
import { probeStores } from '../line/facts.ts'
import type { Run } from '../line/run.ts'
import type { StoreFindings } from '../plan/pointer.ts'
import { NO_POINTER } from '../plan/pointer.ts'
import { openStore } from '../providers.ts'
import type { ProbedFacts } from '../store/store.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import { STATE_FOLDER } from '../transfer/state.ts'
import { visitorOf } from '../visitor/check.ts'
import { diagnose, type PublicFacts } from '../visitor/diagnose.ts'

/** What was found out about one place. */
export interface Diagnosis {
  /** `store`; `state` where that is a different store; or `url`, the public address that visitors use. */
  readonly place: 'store' | 'state' | 'url'
  readonly label: string
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
 * again; in a folder, a single one. What is found is kept with the pointer, where there is one, for all later runs. Where
 * a public address is configured, one object below `a/` and one below `.lading/` are asked for there, and removed.
 * @throws E_ACCESS_DENIED, E_STORE where a folder cannot be written
 */
export async function doctor(options: DoctorOptions, run: Run = {}): Promise<Diagnosis[]> {
  for (const target of [options.target, options.state])
    if (target?.kind === 'folder') await tryFolder(target, options, run)
  const found = await probeStores(options, run)
  const opened = await openAndRead(options, run, run.emit ?? (() => {}))
  const { live, state } = opened
  const known = live?.pointer.facts
  if (live !== undefined && found !== undefined && !isSame(known, found)) {
    // a run that publishes at the same time wins: it has probed too, or knows as much
    await state.movePointer({ ...NO_POINTER, ...live.pointer, facts: found }, live.etag)
  }
  const places: Diagnosis[] = [
    { place: 'store', label: options.target.label, facts: found?.site, isNews: !isSame(known?.site, found?.site) },
  ]
  if (options.state !== undefined) {
    const { label } = options.state
    places.push({ place: 'state', label, facts: found?.state, isNews: !isSame(known?.state, found?.state) })
  }
  return [...places, ...(await lookThroughUrl(options, opened, run))]
}

type FolderTarget = Extract<Target, { kind: 'folder' }>

/**
 * How a folder behaves is known; whether this one can be written is not. Of one that is not there, nothing is made: it
 * may be a slip of the pen. Whether it could be made is tried under another name.
 */
async function tryFolder(target: FolderTarget, options: DoctorOptions, run: Run): Promise<void> {
  if (existsSync(target.path)) return tryStore(target, options, run)
  const path = join(nearestFolder(dirname(target.path)), `.lading-probe-${randomUUID()}`)
  try {
    await tryStore({ ...target, path }, options, run)
  } finally {
    if (existsSync(path)) await rm(path, { recursive: true })
  }
}

const nearestFolder = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path))

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

async function lookThroughUrl(options: DoctorOptions, { store }: Opened, run: Run): Promise<Diagnosis[]> {
  if (options.url === undefined) return []
  const found = await diagnose(store, options.url, { options, visitor: visitorOf(options, run) })
  const isNews = found.cors !== undefined && (found.cors === 'open') !== found.declaredCors
  return [{ place: 'url', label: options.url.href, facts: undefined, public: found, isNews }]
}

function isSame<T extends StoreFindings | ProbedFacts>(a: T | undefined, b: T | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

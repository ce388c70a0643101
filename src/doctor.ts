import type { DoctorOptions } from './config/doctor.ts'
import { type Opened, openAndRead } from './draft/opened.ts'
import { probeStores } from './facts.ts'
import type { StoreFindings } from './plan/pointer.ts'
import { NO_POINTER } from './plan/pointer.ts'
import type { Run } from './run.ts'
import type { ProbedFacts } from './store/store.ts'
import { visitorOf } from './visitor/check.ts'
import { diagnose, type PublicFacts } from './visitor/diagnose.ts'

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
 * again. What is found is kept with the pointer, where there is one, for all later runs. Where a public address is
 * configured, one object below `a/` and one below `.lading/` are asked for there, and removed.
 */
export async function doctor(options: DoctorOptions, run: Run = {}): Promise<Diagnosis[]> {
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

async function lookThroughUrl(options: DoctorOptions, { store }: Opened, run: Run): Promise<Diagnosis[]> {
  if (options.url === undefined) return []
  const found = await diagnose(store, options.url, { options, visitor: visitorOf(options, run) })
  const isNews = found.cors !== undefined && (found.cors === 'open') !== found.declaredCors
  return [{ place: 'url', label: options.url.href, facts: undefined, public: found, isNews }]
}

function isSame<T extends StoreFindings | ProbedFacts>(a: T | undefined, b: T | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

import type { StoreOptions } from './config/resolve.ts'
import { openAndRead } from './draft/opened.ts'
import { probeStores } from './facts.ts'
import type { StoreFindings } from './plan/pointer.ts'
import { NO_POINTER } from './plan/pointer.ts'
import type { Run } from './run.ts'
import type { ProbedFacts } from './store/store.ts'

/** What was found out about one store. */
export interface Diagnosis {
  /** `store`, or `state` where that is another one. */
  readonly place: 'store' | 'state'
  readonly label: string
  /** Absent for a folder, of which everything is known. */
  readonly facts: ProbedFacts | undefined
  /** Whether this differs from what the last publish relies on; the next one relies on what was found now. */
  readonly isNews: boolean
}

/**
 * Finds out what the stores of a configuration do, by the probe: a few objects below `.lading/` are written and removed
 * again. What is found is kept with the pointer, where there is one, for all later runs.
 */
export async function doctor(options: StoreOptions, run: Run = {}): Promise<Diagnosis[]> {
  const found = await probeStores(options, run)
  const opened = await openAndRead(options, run, run.emit ?? (() => {}))
  const { live, state } = opened
  const known = live?.pointer.facts
  if (live !== undefined && found !== undefined && !isSame(known, found)) {
    // somebody who publishes at this moment has the better right, and probes or knows as much
    await state.movePointer({ ...NO_POINTER, ...live.pointer, facts: found }, live.etag)
  }
  const places: Diagnosis[] = [
    { place: 'store', label: options.target.label, facts: found?.site, isNews: !isSame(known?.site, found?.site) },
  ]
  if (options.state !== undefined) {
    const { label } = options.state
    places.push({ place: 'state', label, facts: found?.state, isNews: !isSame(known?.state, found?.state) })
  }
  return places
}

function isSame<T extends StoreFindings | ProbedFacts>(a: T | undefined, b: T | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

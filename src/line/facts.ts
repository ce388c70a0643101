import type { StoreOptions } from '../config/resolve.ts'
import { learn, type Opened } from '../draft/opened.ts'
import type { StoreFindings } from '../plan/pointer.ts'
import { probeStore } from '../providers.ts'
import type { ProbedFacts } from '../store/store.ts'
import type { Emit } from '../words/events.ts'
import type { Run } from './run.ts'

/**
 * How the stores really behave: from the pointer or, at the first publish, from the probe, which writes. Warns of what
 * weakens a guarantee.
 */
export async function findFacts(
  opened: Opened,
  options: StoreOptions,
  run: Run & { readonly emit: Emit },
): Promise<StoreFindings | undefined> {
  const facts = opened.live?.pointer.facts ?? (await probeStores(options, run))
  learn(opened, facts)
  warn(facts, run.emit)
  return facts
}

/** Probes the store, and the state's if that is another one; `undefined` when neither needs it. */
export async function probeStores(options: StoreOptions, run: Run): Promise<StoreFindings | undefined> {
  const probe = run.probeStore ?? probeStore
  const given = { ...options, env: run.env }
  const site = await probe(options.target, given)
  const state = options.state && (await probe(options.state, given))
  return site === undefined && state === undefined ? undefined : { site, state }
}

function warn(facts: StoreFindings | undefined, emit: Emit): void {
  for (const found of [facts?.site, facts?.state]) if (found !== undefined) warnOf(found, emit)
}

function warnOf({ conditionalWrites, forgets }: ProbedFacts, emit: Emit): void {
  if (conditionalWrites !== 'full') {
    emit({
      type: 'warning',
      code: 'W_LOCK_ADVISORY',
      message: 'this store does not hold writers apart: the lock between deploys is only a request',
      items: [],
      fix: 'let one pipeline deploy at a time',
    })
  }
  if (forgets.length > 0) {
    emit({
      type: 'warning',
      code: 'W_STORE_FORGETS',
      message: 'this store says that it takes these headers, and does not keep them',
      items: forgets,
      fix: 'let the CDN set them',
    })
  }
}

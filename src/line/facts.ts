import type { StoreOptions } from '../config/resolve.ts'
import { isPublished, learn, type Opened } from '../draft/opened.ts'
import type { StoreFindings } from '../plan/pointer.ts'
import { probeStore } from '../providers.ts'
import type { ProbedFacts } from '../store/store.ts'
import type { Emit } from '../words/events.ts'
import type { Run } from './run.ts'

/** How long a failed run lets a probe come to its end by itself, in milliseconds. */
const END_MS = 1500

/** How the stores of a run really behave. */
export interface Facts {
  /** Begins to probe where nothing has been published yet, so that the answer is there when it is needed. */
  ahead(opened: Opened): void
  /**
   * From the pointer or, at the first publish, from the probe, which writes. Warns of what weakens a guarantee. What the
   * probe wrote may still be on its way out: the caller waits for {@link cleaned} before it publishes.
   */
  find(opened: Opened): Promise<StoreFindings | undefined>
  /**
   * Waits until what a probe has written is removed, which goes on behind its answer.
   * @throws what the removal fails with
   */
  cleaned(): Promise<void>
  /** Waits, after a failure, until a probe that runs has removed what it has written; ends one that takes long. */
  end(): Promise<void>
}

export function openFacts(options: StoreOptions, run: Run & { readonly emit: Emit }): Facts {
  let isOver = false
  let probing: Promise<StoreFindings | undefined> | undefined
  const stop = new AbortController()
  const signal = run.signal === undefined ? stop.signal : AbortSignal.any([run.signal, stop.signal])
  const removals: Promise<void>[] = []
  const onRemoval = (removal: Promise<void>): void => {
    removal.catch(() => undefined) // thrown again by `cleaned`
    removals.push(removal)
  }
  const probed = (): Promise<StoreFindings | undefined> => {
    probing ??= probeStores(options, { ...run, signal }, onRemoval)
    return probing
  }
  return {
    ahead(opened) {
      if (!isOver && !isPublished(opened)) probed().catch(() => undefined) // thrown again where it is needed
    },
    async find(opened) {
      const facts = opened.live?.pointer.facts ?? (await probed())
      learn(opened, facts)
      warn(facts, run.emit)
      return facts
    },
    async cleaned() {
      await Promise.all(removals)
    },
    async end() {
      isOver = true
      const patience = setTimeout(() => stop.abort(), END_MS)
      await probing?.catch(() => undefined)
      await Promise.allSettled(removals)
      clearTimeout(patience)
    },
  }
}

/**
 * Probes the store, and the state's if that is another one; `undefined` when neither needs it.
 * @param onRemoval takes over the removal of what was written; without it that is waited for
 */
export async function probeStores(
  options: StoreOptions,
  run: Run,
  onRemoval?: (removal: Promise<void>) => void,
): Promise<StoreFindings | undefined> {
  const probe = run.probeStore ?? probeStore
  const given = { ...options, env: run.env, signal: run.signal, onRemoval }
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

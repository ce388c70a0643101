import type { SyncOptions } from './config/interface.ts'
import { isNews } from './draft/change.ts'
import { type Draft, draft } from './draft/draft.ts'
import { openStores } from './draft/opened.ts'
import { refuseOlder } from './draft/order.ts'
import { type RepairOptions, withoutCopies } from './draft/repair.ts'
import { type Done, fileEvents, referenceEvents, summarize } from './draft/summary.ts'
import type { Emit, Summary } from './events.ts'
import { carryOut } from './line.ts'
import { openStore, readOnly } from './providers.ts'
import type { Run } from './run.ts'
import { SYSTEM_CLOCK } from './transfer/lease.ts'
import { describeDeploy } from './transfer/locked.ts'
import { VERSION } from './version.ts'

/**
 * scan -> hash -> plan, then the second half of the line: upload -> publish -> invalidate ({@link carryOut}). These
 * two files know the order; no other does.
 *
 * Assets first, each proved; then what lies at its own path; pages last of all; then the pointer. Whatever stops the
 * run before the pointer has moved leaves the live release live.
 * @throws LadingError; nothing is published then
 */
export async function sync(options: SyncOptions & RepairOptions, run: Run = {}): Promise<Summary> {
  const { emit, finish } = begin(options, run, false)
  const heard = { ...run, emit }
  const stores = await openStores(withoutCopies(options), heard, emit)
  const sayOnce = once(sayFindings)
  const { made, outcomes, published } = await carryOut<Draft>({
    options,
    stores,
    run: heard,
    async make(again) {
      const made = await draft(options, { ...heard, stores, again })
      sayOnce(made, emit)
      return made
    },
  })
  return finish(made, { outcomes, release: published?.release })
}

/** scan -> hash -> plan, and no further: says what `sync` would do, and why. Changes neither the store nor the site. */
export async function plan(options: SyncOptions & RepairOptions, run: Run = {}): Promise<Summary> {
  const { emit, finish } = begin(options, run, true)
  const made = await draft(options, { ...run, emit, openStore: readOnly(run.openStore ?? openStore) })
  if (isNews(made)) refuseOlder(made, options)
  sayFindings(made, emit)
  sayUnsettled(made, (run.clock ?? SYSTEM_CLOCK).wallMs(), emit)
  return finish(made, undefined)
}

/** What a plan says while another run is at work may be another thing a moment later. */
function sayUnsettled({ unsettled }: Draft, wallMs: number, emit: Emit): void {
  if (unsettled?.deploy.phase !== 'publish') return
  emit({
    type: 'warning',
    code: 'W_UNSETTLED',
    message: 'a deploy has not been finished; sync waits for it, or goes on from where it died',
    items: [describeDeploy(unsettled, wallMs)],
  })
}

interface Begun {
  readonly emit: Emit
  finish(made: Draft, done: Done | undefined): Summary
}

function begin(options: SyncOptions, run: Run, dryRun: boolean): Begun {
  const emit = countingRetries(run.emit ?? (() => {}))
  const started = performance.now()
  const { delivery, root, target, channel } = options
  const url = delivery.mode === 'mirror' ? undefined : delivery.url.href
  emit({ type: 'start', version: VERSION, mode: delivery.mode, root, target: target.label, url, channel, dryRun })
  return {
    emit,
    finish(made, done) {
      for (const event of fileEvents(made, done)) emit(event)
      const summary: Summary = { ...summarize(made, done), ms: Math.round(performance.now() - started) }
      emit({ type: 'summary', ...summary })
      return summary
    },
  }
}

/** Progress says how often requests had to be tried again; the store says so one at a time. */
function countingRetries(emit: Emit): Emit {
  let retries = 0
  return (event) => {
    if (event.type === 'retry') retries += 1
    emit(event.type === 'progress' ? { ...event, retries } : event)
  }
}

function once<A extends unknown[]>(deed: (...given: A) => void): (...given: A) => void {
  let isDone = false
  return (...given) => {
    if (!isDone) deed(...given)
    isDone = true
  }
}

function sayFindings({ warnings, references }: Draft, emit: Emit): void {
  for (const event of referenceEvents(references)) emit(event)
  for (const warning of warnings) emit({ type: 'warning', ...warning })
}

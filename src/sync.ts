import type { SyncOptions } from './config/interface.ts'
import type { Draft } from './draft/draft.ts'
import type { Held } from './draft/hold.ts'
import { openStores } from './draft/opened.ts'
import type { PlannedOptions, SavingOptions } from './draft/pin.ts'
import { type RepairOptions, withoutCopies } from './draft/repair-options.ts'
import type { Done } from './draft/summary.ts'
import { lookWhetherUpToDate, NOT_LOOKED, type Unchanged } from './draft/up-to-date.ts'
import type { Run } from './line/run.ts'
import { openStore, readOnly } from './providers.ts'
import { VERSION } from './version.ts'
import type { Emit, Summary } from './words/events.ts'

type Options = SyncOptions & RepairOptions & PlannedOptions

/**
 * scan -> hash -> plan, then the second half of the pipeline: upload -> publish -> invalidate (`carryOut`). Only these
 * two files know the order. What an unchanged site does not need is loaded lazily.
 *
 * Assets first, each verified; then files at their own paths; pages last; then the pointer. Whatever stops the run
 * before the pointer has moved leaves the live release live.
 *
 * With `planned` it is that plan, or nothing: what is thought out is held against it, again when another run came first.
 * @throws LadingError; nothing is published then
 */
export async function sync(options: Options, run: Run = {}): Promise<Summary> {
  const { emit, finish, finishUnchanged } = begin(options, run, false)
  const heard = { ...run, emit }
  const held = await holdToPlan(options)
  const stores = await openStores(withoutCopies(options), heard, emit)
  const known = held === undefined ? await lookWhetherUpToDate(options, stores, heard) : NOT_LOOKED
  if (known.answer !== undefined) return finishUnchanged(known.answer)
  const [{ draft }, { carryOut }, { FIRST }, { unchangedAfter }] = await Promise.all([
    import('./draft/draft.ts'),
    import('./line/line.ts'),
    import('./draft/change.ts'),
    import('./draft/summary.ts'),
  ])
  const sayOnce = once(sayFindings)
  const { made, outcomes, published } = await carryOut<Draft>({
    options,
    stores,
    run: heard,
    async make(again, prepare) {
      const before = again === FIRST ? { known: known.read, seen: known.takeSeen() } : NOTHING
      const made = await draft(options, {
        ...heard,
        stores,
        again,
        ...before,
        onKnown: held === undefined ? prepare : undefined,
      })
      held?.check(made, again)
      await sayOnce(made, emit)
      return made
    },
  })
  const summary = await finish(made, { outcomes, release: published?.release })
  const pointer = published?.pointer ?? made.live?.pointer
  if (pointer !== undefined) known.mark(pointer, unchangedAfter(made, summary))
  return summary
}

/**
 * scan -> hash -> plan, and no further: says what `sync` would do, and why. Changes neither the store nor the site. With
 * `saveTo` it leaves a file, for `planned`.
 */
export async function plan(options: Options & SavingOptions, run: Run = {}): Promise<Summary> {
  const { emit, finish } = begin(options, run, true)
  const held = await holdToPlan(options)
  const save = await savingTo(options)
  const [{ draft }, { isNews }, { refuseOlder }, { sayUnsettled }] = await Promise.all([
    import('./draft/draft.ts'),
    import('./draft/change.ts'),
    import('./draft/order.ts'),
    import('./draft/unsettled.ts'),
  ])
  const made = await draft(options, { ...run, emit, openStore: readOnly(run.openStore ?? openStore) })
  if (isNews(made)) refuseOlder(made, options)
  held?.check(made)
  await sayFindings(made, emit)
  sayUnsettled(made, { emit, clock: run.clock })
  await save?.(made)
  return finish(made, undefined)
}

/** @throws E_PLAN, E_PLAN_STALE */
async function holdToPlan(options: Options): Promise<Held | undefined> {
  if (options.planned === undefined) return undefined
  return (await import('./draft/hold.ts')).holdTo(options.planned, options)
}

/** @throws E_PLAN, E_WRITE */
async function savingTo(options: Options & SavingOptions): Promise<((made: Draft) => Promise<void>) | undefined> {
  const { saveTo } = options
  if (saveTo === undefined) return undefined
  const { checkSaveTo, savePlan } = await import('./draft/plan-file.ts')
  await checkSaveTo(saveTo, options)
  return (made) => savePlan(saveTo, made, options)
}

/** Results of earlier reads are valid in the first round only. */
const NOTHING = { known: undefined, seen: undefined }

interface Begun {
  readonly emit: Emit
  finish(made: Draft, done: Done | undefined): Promise<Summary>
  finishUnchanged(answer: Unchanged): Summary
}

function begin(options: SyncOptions, run: Run, dryRun: boolean): Begun {
  const emit = countingRetries(run.emit ?? (() => {}))
  const started = performance.now()
  const { delivery, root, target, channel } = options
  const url = delivery.mode === 'mirror' ? undefined : delivery.url.href
  emit({ type: 'start', version: VERSION, mode: delivery.mode, root, target: target.label, url, channel, dryRun })
  const end = (counted: Omit<Summary, 'ms'>): Summary => {
    const summary: Summary = { ...counted, ms: Math.round(performance.now() - started) }
    emit({ type: 'summary', ...summary })
    return summary
  }
  return {
    emit,
    async finish(made, done) {
      const { fileEvents, summarize } = await import('./draft/summary.ts')
      for (const event of fileEvents(made, done, run)) emit(event)
      return end(summarize(made, done))
    },
    finishUnchanged({ files, bytes, warnings, summary }) {
      emit({ type: 'phase', phase: 'scan', files, bytes, ms: performance.now() - started })
      emit({ type: 'phase', phase: 'hash', files, bytes, ms: 0 })
      emit({ type: 'phase', phase: 'plan', files: 0, bytes: 0, ms: 0 })
      for (const warning of warnings) emit({ type: 'warning', ...warning })
      return end(summary)
    },
  }
}

/** Adds a running count of retries to progress events; the store reports retries one at a time. */
function countingRetries(emit: Emit): Emit {
  let retries = 0
  return (event) => {
    if (event.type === 'retry') retries += 1
    emit(event.type === 'progress' ? { ...event, retries } : event)
  }
}

function once<A extends unknown[]>(deed: (...given: A) => Promise<void>): (...given: A) => Promise<void> {
  let isDone = false
  return async (...given) => {
    if (!isDone) await deed(...given)
    isDone = true
  }
}

async function sayFindings({ warnings, references }: Draft, emit: Emit): Promise<void> {
  const { referenceEvents } = await import('./draft/summary.ts')
  for (const event of referenceEvents(references)) emit(event)
  for (const warning of warnings) emit({ type: 'warning', ...warning })
}

import type { SyncOptions } from './config/interface.ts'
import { type Draft, draft } from './draft/draft.ts'
import { nextSeq } from './draft/opened.ts'
import { type Done, fileEvents, isNews, sentBytes, summarize } from './draft/summary.ts'
import type { Emit, Summary } from './events.ts'
import type { Key } from './model.ts'
import { isTransfer } from './plan/plan.ts'
import type { Release } from './plan/release.ts'
import { openStore, readOnly } from './providers.ts'
import type { Run } from './run.ts'
import { writeOrigin } from './transfer/origin.ts'
import { publish } from './transfer/publish.ts'
import { type Outcome, upload } from './transfer/upload.ts'
import { VERSION } from './version.ts'

/**
 * scan -> hash -> plan -> upload -> publish. This file knows the order; no other does.
 *
 * Assets first, each proved; then what lies at its own path; pages last of all; then the pointer. Whatever stops the
 * run before the pointer has moved leaves the live release live.
 * @throws LadingError; nothing is published then
 */
export async function sync(options: SyncOptions, run: Run = {}): Promise<Summary> {
  const { emit, finish } = begin(options, run, false)
  const made = await draft(options, { ...run, emit })
  sayWarnings(made, emit)
  const outcomes = await uploadAll(made, run, emit)
  const release = await publishAll(made, outcomes, { ...run, emit })
  return finish(made, { outcomes, release })
}

/** scan -> hash -> plan, and no further: says what `sync` would do, and why. Changes neither the store nor the site. */
export async function plan(options: SyncOptions, run: Run = {}): Promise<Summary> {
  const { emit, finish } = begin(options, run, true)
  const made = await draft(options, { ...run, emit, openStore: readOnly(run.openStore ?? openStore) })
  sayWarnings(made, emit)
  return finish(made, undefined)
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

function sayWarnings({ warnings }: Draft, emit: Emit): void {
  for (const warning of warnings) emit({ type: 'warning', ...warning })
}

async function uploadAll(made: Draft, run: Run, emit: Emit): Promise<Map<Key, Outcome>> {
  const { store, state, options, actions } = made
  const started = performance.now()
  const transfers = actions.filter(isTransfer)
  const atOwnPaths = transfers.filter(({ object }) => object.mutable).map(({ object }) => object.key)
  if (atOwnPaths.length > 0) await state.writeDeploy({ seq: nextSeq(made), channel: options.channel, keys: atOwnPaths })
  const outcomes = await upload(transfers, { store, concurrency: options.concurrency, emit, signal: run.signal })
  const bytes = sentBytes(actions, { outcomes })
  const ms = performance.now() - started
  if (transfers.length > 0) emit({ type: 'phase', phase: 'upload', files: transfers.length, bytes, ms })
  return outcomes
}

async function publishAll(
  made: Draft,
  outcomes: ReadonlyMap<Key, Outcome>,
  { now = () => new Date(), signal, emit }: Run & { readonly emit: Emit },
): Promise<Release | undefined> {
  const { options, origin } = made
  const started = performance.now()
  signal?.throwIfAborted()
  const writePages = async (): Promise<void> => {
    if (origin !== undefined) await writeOrigin(origin, isOut(options), signal)
  }
  if (!isNews(made)) {
    await writePages()
    return undefined
  }
  const release = await publish({ ...made, outcomes, channel: options.channel, now, writePages })
  emit({ type: 'phase', phase: 'publish', files: namedBy(release), bytes: 0, ms: performance.now() - started })
  return release
}

function isOut({ delivery }: SyncOptions): boolean {
  return delivery.mode === 'offload' && delivery.pages === 'out'
}

/** How many files a release consists of. */
function namedBy({ paths, stored, pages }: Release): number {
  return paths.size + pages.size + stored.size
}

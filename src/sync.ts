import type { SyncOptions } from './config/interface.ts'
import { type Draft, draft } from './draft/draft.ts'
import { EXIT } from './errors.ts'
import type { Emit, FileEvent, Phase, Summary } from './events.ts'
import type { Key } from './model.ts'
import type { Action } from './plan/plan.ts'
import type { Release } from './plan/release.ts'
import { openStore, readOnly } from './providers.ts'
import type { Run } from './run.ts'
import { writeOrigin } from './transfer/origin.ts'
import { publish } from './transfer/publish.ts'
import { bytesOf, type Outcome, type Transfer, upload } from './transfer/upload.ts'
import { VERSION } from './version.ts'

/**
 * scan -> hash -> plan -> upload -> publish. This file knows the order; no other does.
 *
 * Assets first, each proved; then what lies at its own path; pages last of all; then the pointer. Whatever stops the
 * run before the pointer has moved leaves the live release live.
 * @throws LadingError; nothing is published then
 */
export async function sync(options: SyncOptions, run: Run = {}): Promise<Summary> {
  const { emit, started } = begin(options, run, false)
  const plan = await draft(options, run, emit)
  emitPlanned(plan, emit)
  const outcomes = await uploadAll(plan, run, emit)
  const publishing = performance.now()
  const release = await publishAll(plan, outcomes, run)
  if (release !== undefined) emitPhase(emit, 'publish', { files: namedBy(release), bytes: 0, started: publishing })
  for (const event of fileEvents(plan, true)) emit(event)
  return finish(plan, { emit, started, dryRun: false, release, sent: sentBytes(plan, outcomes) })
}

/** How many files a release consists of. */
function namedBy({ mode, paths, stored, pages }: Release): number {
  return mode === 'mirror' ? stored.size : paths.size + pages.size + stored.size
}

/** scan -> hash -> plan, and no further: says what `sync` would do, and why. Writes nothing, anywhere. */
export async function plan(options: SyncOptions, run: Run = {}): Promise<Summary> {
  const { emit, started } = begin(options, run, true)
  const made = await draft(options, { ...run, openStore: readOnly(run.openStore ?? openStore) }, emit)
  emitPlanned(made, emit)
  for (const event of fileEvents(made, false)) emit(event)
  const sent = transfers(made).reduce((sum, transfer) => sum + bytesOf(transfer), 0)
  return finish(made, { emit, started, dryRun: true, release: undefined, sent })
}

function begin(options: SyncOptions, run: Run, dryRun: boolean): { emit: Emit; started: number } {
  const emit = countingRetries(run.emit ?? (() => {}))
  const { delivery, root, target, channel } = options
  const url = delivery.mode === 'mirror' ? undefined : delivery.url.href
  emit({ type: 'start', version: VERSION, mode: delivery.mode, root, target: target.label, url, channel, dryRun })
  return { emit, started: performance.now() }
}

/** Progress says how often requests had to be tried again; the store says so one at a time. */
function countingRetries(emit: Emit): Emit {
  let retries = 0
  return (event) => {
    if (event.type === 'retry') retries += 1
    emit(event.type === 'progress' ? { ...event, retries } : event)
  }
}

async function uploadAll(plan: Draft, run: Run, emit: Emit): Promise<Map<Key, Outcome>> {
  const { store, options } = plan
  const started = performance.now()
  const all = transfers(plan)
  const outcomes = await upload(all, { store, concurrency: options.concurrency, emit, signal: run.signal })
  if (all.length > 0) emitPhase(emit, 'upload', { files: all.length, bytes: sentBytes(plan, outcomes), started })
  return outcomes
}

async function publishAll(plan: Draft, outcomes: ReadonlyMap<Key, Outcome>, run: Run): Promise<Release | undefined> {
  const { state, live, manifest, content, actions, options, origin } = plan
  const writePages = async (): Promise<void> => {
    if (origin !== undefined) await writeOrigin(origin, isOut(options))
  }
  if (!isNews(plan)) {
    await writePages()
    return undefined
  }
  const now = run.now ?? (() => new Date())
  run.signal?.throwIfAborted()
  return publish({ state, live, manifest, content, actions, outcomes, channel: options.channel, now, writePages })
}

/** Whether there is anything to publish: the live release may already be what this one would be. */
function isNews({ isLive, actions }: Draft): boolean {
  return !isLive || actions.some(({ op }) => op !== 'keep')
}

function isOut({ delivery }: SyncOptions): boolean {
  return delivery.mode === 'offload' && delivery.pages === 'out'
}

function transfers({ actions }: Draft): Transfer[] {
  return actions.filter((action) => action.op === 'put' || action.op === 'confirm' || action.op === 'reheader')
}

function sentBytes(plan: Draft, outcomes: ReadonlyMap<Key, Outcome>): number {
  return transfers(plan)
    .filter(({ object }) => outcomes.get(object.key)?.sent)
    .reduce((sum, { object }) => sum + object.body.size, 0)
}

function emitPhase(
  emit: Emit,
  phase: Phase,
  { files, bytes, started }: { files: number; bytes: number; started: number },
): void {
  emit({ type: 'phase', phase, files, bytes, ms: performance.now() - started })
}

function emitPlanned(plan: Draft, emit: Emit): void {
  const all = transfers(plan)
  const bytes = all.reduce((sum, transfer) => sum + bytesOf(transfer), 0)
  emit({ type: 'phase', phase: 'plan', files: all.length, bytes, ms: 0 })
  for (const warning of plan.warnings) emit({ type: 'warning', ...warning })
}

function fileEvents(plan: Draft, done: boolean): FileEvent[] {
  const objects = plan.actions.map((action) => ({ ...describe(action), type: 'file' as const, done }))
  const pages = (plan.origin?.write ?? [])
    .filter(({ isPage }) => isPage)
    .map(({ path, body }) => ({
      type: 'file' as const,
      op: 'page' as const,
      key: path,
      path,
      bytes: body.size,
      reason: 'rewritten',
      done,
    }))
  return [...objects, ...pages]
}

function describe(action: Action): Pick<FileEvent, 'op' | 'key' | 'path' | 'bytes' | 'reason'> {
  if (action.op === 'expire') {
    return { op: 'expire', key: action.stored.key, bytes: action.stored.size, reason: action.reason }
  }
  const { key, path, body } = action.object
  return { op: fileOp(action), key, path, bytes: body.size, reason: action.reason }
}

function fileOp(action: Exclude<Action, { op: 'expire' }>): FileEvent['op'] {
  if (action.op === 'put') return action.reason === 'new' ? 'add' : 'change'
  if (action.op === 'confirm') return 'keep'
  return action.op === 'reheader' ? 'headers' : 'keep'
}

interface Finish {
  readonly emit: Emit
  readonly started: number
  readonly dryRun: boolean
  readonly release: Release | undefined
  readonly sent: number
}

function finish(plan: Draft, { emit, started, dryRun, release, sent }: Finish): Summary {
  const { options, live, actions, notes, origin } = plan
  const current = live?.pointer.channels.get(options.channel)
  const count = (op: FileEvent['op']): number => actions.filter((action) => describe(action).op === op).length
  const noted = (result: string): number => notes.filter((note) => note.result === result).length
  const pages = (list: readonly { isPage: boolean }[] | undefined): number =>
    list?.filter(({ isPage }) => isPage).length ?? 0
  const summary: Summary = {
    ok: true,
    exit: EXIT.ok,
    mode: options.delivery.mode,
    dryRun,
    release: release?.id ?? current?.release,
    seq: release?.seq ?? current?.seq,
    added: count('add'),
    changed: count('change'),
    reheadered: count('headers'),
    kept: count('keep'),
    expired: count('expire'),
    bytes: sent,
    pages: { written: pages(origin?.write), unchanged: pages(origin?.unchanged), removed: pages(origin?.remove) },
    published: isNews(plan),
    references: { moved: noted('moved'), kept: noted('kept'), missing: noted('missing') },
    notUploaded: plan.survey.skipped.length,
    warnings: plan.warnings.length,
    ms: Math.round(performance.now() - started),
  }
  emit({ type: 'summary', ...summary })
  return summary
}

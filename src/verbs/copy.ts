import type { HistoryOptions } from '../config/history.ts'
import { copyObjects, type ObjectsCopied } from '../copying/objects.ts'
import { copyRecords, readSource, refuseStranger, type Source } from '../copying/source.ts'
import { nextSeq, type Opened, openStores, readLive, type Stores } from '../draft/opened.ts'
import { meetUnsettled } from '../draft/unsettled.ts'
import { addressesOf } from '../history/served.ts'
import { openDeployer } from '../line/deployer.ts'
import { openFacts } from '../line/facts.ts'
import { owedBy, payOwed } from '../line/owed.ts'
import type { Run } from '../line/run.ts'
import { NO_POINTER, type StoreFindings } from '../plan/pointer.ts'
import { openStore, readOnly } from '../providers.ts'
import type { Deployer } from '../transfer/deploy.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { describeDeploy } from '../transfer/locked.ts'
import { movePast } from '../transfer/move-past.ts'
import { EXIT, LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { Key, SitePath } from '../words/model.ts'

export interface CopyOptions {
  readonly from: HistoryOptions
  readonly to: HistoryOptions
  /** Says what would be copied and writes nothing. @default false */
  readonly dryRun?: boolean | undefined
  /** Copies also what was taken down in the other store. @default false: that stays away, with a warning */
  readonly putBack?: boolean | undefined
}

/** What a copy came to. The JSON form is a contract: fields are added, never renamed. */
export interface Copied {
  readonly ok: boolean
  readonly exit: number
  readonly dryRun: boolean
  /** Objects of the site. */
  readonly objects: number
  /** Objects that were sent (or would be), contents of releases among them. */
  readonly sent: number
  /** Bytes of their bodies. */
  readonly bytes: number
  /** Objects that were removed from the other store (or would be). */
  readonly removed: number
  /** Objects of the site that stay away, because they were taken down in the other store. */
  readonly skipped: number
  /** Records of releases. */
  readonly releases: number
  /** How often the source was read: more than once when it was published to meanwhile. */
  readonly rounds: number
  readonly ms: number
}

/** How often the copy starts over because the source was published to. */
const ROUNDS = 20

/**
 * Copies everything that was published to another store, its releases too: hashed names, contents, files at their own
 * paths, pages last, then the pointer, so that no page there ever names a missing object. Each object is verified.
 * After an interruption a second run resumes; a later run copies the difference. What was taken down in the source goes
 * from the other store, and what was taken down there stays away.
 * @throws E_COPY when the other store holds another site, E_FOREIGN when objects of somebody else are in the way,
 * E_INTEGRITY when an object of the source is damaged, E_MAX_DELETE, E_REMOVE
 */
export async function copy({ from, to, dryRun = false, putBack = false }: CopyOptions, run: Run = {}): Promise<Copied> {
  const started = performance.now()
  const emit: Emit = run.emit ?? (() => {})
  const open = run.openStore ?? openStore
  const reading = await openStores(from, { ...run, openStore: readOnly(open) }, emit)
  const writing = await openStores(to, { ...run, ...(dryRun && { openStore: readOnly(open) }) }, emit)
  const heard = { ...run, emit }
  const deployer = openDeployer({ options: to, stores: writing, run: heard })
  const work: Work = { reading, writing, to, dryRun, putBack, run: heard, deployer, held: undefined }
  const total = await follow(work).catch(async (error: unknown) => {
    await work.held?.giveUp()
    throw error
  })
  return { ok: true, exit: EXIT.ok, dryRun, ...total, ms: Math.round(performance.now() - started) }
}

interface Work {
  readonly reading: Stores
  readonly writing: Stores
  readonly to: HistoryOptions
  readonly dryRun: boolean
  readonly putBack: boolean
  readonly run: Run & { readonly emit: Emit }
  readonly deployer: Deployer
  /** The deploy of the other store, once it is held. */
  held: HeldDeploy | undefined
}

type Total = Pick<Copied, 'objects' | 'sent' | 'bytes' | 'removed' | 'skipped' | 'releases' | 'rounds'>
type Round = Omit<Total, 'rounds' | 'skipped'> & Pick<ObjectsCopied, 'away' | 'lost'>

async function follow(work: Work): Promise<Total> {
  const { reading, dryRun, run } = work
  let [sent, bytes, removed] = [0, 0, 0]
  for (let round = 1; round <= ROUNDS; round++) {
    const source = await readSource(await readLive(reading), run.signal)
    const done = await copyOnce(work, source).catch(async (error: unknown) => {
      // an object that a deploy has replaced meanwhile looks like a damaged one
      if (!(await hasMoved(work, source))) throw error
    })
    if (done === undefined) continue
    sent += done.sent
    bytes += done.bytes
    removed += done.removed
    if (!dryRun && (await hasMoved(work, source))) continue
    const { objects, releases, away, lost } = done
    sayAway(away, run.emit)
    sayLost(lost, run.emit)
    await sayUnfinished(source, run)
    return { objects, sent, bytes, removed, skipped: away.length, releases, rounds: round }
  }
  throw new LadingError('E_COPY', 'The source is published to faster than it can be copied', {
    subject: reading.state.label,
    hint: 'Run the same command again when less is being deployed: it goes on.',
    retryable: true,
  })
}

/** Whether the source was changed since. */
async function hasMoved({ reading }: Work, { etag }: Source): Promise<boolean> {
  return (await reading.state.readPointer())?.etag !== etag
}

function sayAway(away: readonly Key[], emit: Emit): void {
  if (away.length === 0) return
  emit({
    type: 'warning',
    code: 'W_TAKEN_DOWN',
    message: 'not copied, because it was taken down in the other store; pages that show it have a gap there',
    items: away,
    fix: 'take it down in the source too (lading remove), or bring it back: the same command with --put-back',
  })
}

function sayLost(lost: readonly SitePath[], emit: Emit): void {
  if (lost.length === 0) return
  emit({
    type: 'warning',
    code: 'W_KEPT_ELSEWHERE',
    message: 'contents of these for a rollback lie in the other store alone: taken down in the source, or lost there',
    items: lost,
    fix: 'if they were taken down: lading remove FILE --now --to the other store',
  })
}

/** A takedown that removes objects at this moment is known once it has moved the pointer. */
async function sayUnfinished(source: Source, { emit, clock = SYSTEM_CLOCK }: Work['run']): Promise<void> {
  const found = await source.state.deploys.read(nextSeq({ live: source }))
  if (found?.deploy.phase !== 'publish') return
  emit({
    type: 'warning',
    code: 'W_UNSETTLED',
    message: 'a deploy of the source has not been finished; what it changes or takes down is not in the copy',
    items: [describeDeploy(found, clock.wallMs())],
    fix: 'run the same command again when it has ended',
  })
}

async function findFacts(opened: Opened, { to, run }: Work): Promise<StoreFindings | undefined> {
  const facts = openFacts(to, run)
  const found = await facts.find(opened)
  await facts.cleaned()
  return found
}

/** @returns `undefined` when the other store has to be read again */
async function copyOnce(work: Work, source: Source): Promise<Round | undefined> {
  const { writing, to, dryRun, putBack, run } = work
  const opened = await meetUnsettled(await readLive(writing), { ...to, signal: run.signal })
  refuseStranger(source, opened)
  const facts = dryRun ? undefined : await findFacts(opened, work)
  const input = { source, target: opened, options: to, dryRun, putBack, run }
  const copying = await copyObjects(input, (keys) => takeTurn(work, nextSeq(opened), keys))
  if (copying === undefined) return undefined
  const releases = await copyRecords(source, writing.state, dryRun)
  const { sent, bytes, removed, away, lost } = copying
  const total = { objects: source.rows.size, sent, bytes, removed, away, lost, releases }
  const { held } = work
  const seq = Math.max(source.pointer.seq, held?.seq ?? 0)
  if (dryRun || copying.isComplete) return total
  if (held === undefined) return undefined
  // what has been taken down in the source meanwhile must not go live: another round follows
  if (await hasMoved(work, source)) return total
  const manifest = await writing.state.writeManifest({ seq, rows: copying.rows })
  // each store's CDN is its own, and a copy tells none
  const pathsOf = (keys: readonly Key[]) => addressesOf(keys, opened, to)
  const owing = owedBy({ opened, held, options: { cdn: undefined }, pathsOf })
  const next = { ...NO_POINTER, ...source.pointer, seq, fence: 0, manifest, facts, owed: owing.owed }
  const moved = await movePast(writing.state, { next, live: opened.live, guard: held.guard })
  held.settle()
  work.held = undefined
  if (moved === undefined) return undefined
  await payOwed(undefined, owing, { stores: writing, run })
  return total
}

async function takeTurn(work: Work, seq: number, keys: readonly Key[]): Promise<HeldDeploy | undefined> {
  if (work.held !== undefined) {
    await work.held.name(keys)
    return work.held
  }
  const taken = await work.deployer.take(seq, keys)
  if (taken === 'moved') return undefined
  work.held = taken.held
  return taken.isStale ? undefined : taken.held
}

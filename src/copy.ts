import type { HistoryOptions } from './config/history.ts'
import { copyObjects } from './copying/objects.ts'
import { copyRecords, readSource, refuseStranger, type Source } from './copying/source.ts'
import { openDeployer } from './deployer.ts'
import { nextSeq, openStores, readLive, type Stores } from './draft/opened.ts'
import { meetUnsettled } from './draft/unsettled.ts'
import { EXIT, LadingError } from './errors.ts'
import type { Emit } from './events.ts'
import { findFacts } from './facts.ts'
import type { Key } from './model.ts'
import { NO_POINTER } from './plan/pointer.ts'
import { openStore, readOnly } from './providers.ts'
import type { Run } from './run.ts'
import type { Deployer } from './transfer/deploy.ts'
import type { HeldDeploy } from './transfer/held-deploy.ts'

export interface CopyOptions {
  readonly from: HistoryOptions
  readonly to: HistoryOptions
  /** Says what would be copied and writes nothing. @default false */
  readonly dryRun?: boolean | undefined
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
 * After an interruption a second run resumes; a later run copies the difference.
 * @throws E_COPY when the other store holds another site, E_FOREIGN when objects of somebody else are in the way,
 * E_INTEGRITY when an object of the source is damaged
 */
export async function copy({ from, to, dryRun = false }: CopyOptions, run: Run = {}): Promise<Copied> {
  const started = performance.now()
  const emit: Emit = run.emit ?? (() => {})
  const open = run.openStore ?? openStore
  const reading = await openStores(from, { ...run, openStore: readOnly(open) }, emit)
  const writing = await openStores(to, { ...run, ...(dryRun && { openStore: readOnly(open) }) }, emit)
  const heard = { ...run, emit }
  const deployer = openDeployer({ options: to, stores: writing, run: heard })
  const work: Work = { reading, writing, to, dryRun, run: heard, deployer, held: undefined }
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
  readonly run: Run & { readonly emit: Emit }
  readonly deployer: Deployer
  /** The deploy of the other store, once it is held. */
  held: HeldDeploy | undefined
}

type Total = Pick<Copied, 'objects' | 'sent' | 'bytes' | 'releases' | 'rounds'>

async function follow(work: Work): Promise<Total> {
  const { reading, dryRun, run } = work
  let sum: Total = { objects: 0, sent: 0, bytes: 0, releases: 0, rounds: 0 }
  for (let round = 1; round <= ROUNDS; round++) {
    const source = await readSource(await readLive(reading), run.signal)
    const done = await copyOnce(work, source).catch(async (error: unknown) => {
      // an object that a deploy has replaced meanwhile looks like a damaged one
      if ((await reading.state.readPointer())?.etag === source.etag) throw error
    })
    if (done === undefined) continue
    sum = { ...done, sent: sum.sent + done.sent, bytes: sum.bytes + done.bytes, rounds: round }
    const now = await reading.state.readPointer()
    if (dryRun || now?.etag === source.etag) return sum
  }
  throw new LadingError('E_COPY', 'The source is published to faster than it can be copied', {
    subject: reading.state.label,
    hint: 'Run the same command again when less is being deployed: it goes on.',
    retryable: true,
  })
}

/** @returns `undefined` when the other store has to be read again */
async function copyOnce(work: Work, source: Source): Promise<Omit<Total, 'rounds'> | undefined> {
  const { writing, to, dryRun, run } = work
  const opened = await meetUnsettled(await readLive(writing), { ...to, signal: run.signal })
  refuseStranger(source, opened)
  const facts = dryRun ? undefined : await findFacts(opened, to, run)
  const input = { source, target: opened, options: to, dryRun, run }
  const copying = await copyObjects(input, (keys) => takeTurn(work, nextSeq(opened), keys))
  if (copying === undefined) return undefined
  const releases = await copyRecords(source, writing.state, dryRun)
  const total = { objects: source.rows.size, sent: copying.sent, bytes: copying.bytes, releases }
  const { held } = work
  const seq = Math.max(source.pointer.seq, held?.seq ?? 0)
  if (dryRun || copying.isComplete) return total
  if (held === undefined) return undefined
  const manifest = await writing.state.writeManifest({ seq, rows: copying.rows })
  const pointer = { ...NO_POINTER, ...source.pointer, seq, fence: 0, manifest, facts }
  const moved = await writing.state.movePointer(pointer, opened.live?.etag, held.guard)
  held.settle()
  work.held = undefined
  return moved === undefined ? undefined : total
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

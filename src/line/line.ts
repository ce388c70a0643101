import { changedPaths } from '../cdn/aliases.ts'
import { type Change, FIRST, isNews } from '../draft/change.ts'
import { changedBehindUs } from '../draft/look-back.ts'
import { nextSeq } from '../draft/opened.ts'
import { refuseOlder } from '../draft/order.ts'
import { addOutcomes, saySent, sentByUs } from '../draft/sent.ts'
import { type Action, isTransfer } from '../plan/plan.ts'
import type { Pointer, StoreFindings } from '../plan/pointer.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { writeOrigin } from '../transfer/origin.ts'
import { publish } from '../transfer/publish.ts'
import { beginAhead, type Records } from '../transfer/records.ts'
import { sweepAfter } from '../transfer/sweep-after.ts'
import { type Outcome, startUpload, type Upload } from '../transfer/upload.ts'
import { openPublicCheck } from '../visitor/check.ts'
import type { Key } from '../words/model.ts'
import { openDeployer } from './deployer.ts'
import { openFacts } from './facts.ts'
import { changedKeys, invalidate, openPurge } from './invalidate.ts'
import type { Finished, LineInput } from './line-input.ts'
import { owedBy, payOwed } from './owed.ts'
import { restless } from './restless.ts'

/** How often a change is planned again because others published first; beyond this, the store is faulty. */
const ROUNDS = 50

/**
 * hashed names -> a check through the public address -> the deploy -> own paths -> pages -> pointer -> invalidate: the
 * second half of the pipeline, whatever the change came from. Hashed names need no lock. Once the deploy is held, the
 * plan is either still valid or made again; whatever stops the run before the pointer has moved leaves the live release
 * live.
 */
export async function carryOut<T extends Change>(input: LineInput<T>): Promise<Finished<T>> {
  const line = openLine(input)
  const purge = await openPurge(input.options, input.run)
  const tell = async (pointer: Pointer | undefined): Promise<void> => {
    const told = purge === undefined ? [] : await invalidate(purge, line.changed, input)
    await payOwed(purge, { owed: pointer?.owed ?? [], beside: [...line.beside] }, input, told)
  }
  try {
    const finished = await line.goRounds()
    await tell(finished.published?.pointer ?? finished.made.live?.pointer)
    return finished
  } catch (error) {
    await line.giveUp()
    const published = line.published()
    if (published !== undefined) await tell(published)
    throw error
  }
}

/** What a round has come to when the deploy is held. */
interface Round {
  readonly upload: Upload
  readonly held: HeldDeploy
  readonly begun: Promise<Records> | undefined
  readonly facts: StoreFindings | undefined
  /** On the monotonic clock, in milliseconds. */
  readonly startedMs: number
}

interface Line<T extends Change> {
  /** Keys changed in any round. */
  readonly changed: ReadonlySet<Key>
  /** Addresses to tell a CDN of that the pointer does not name. */
  readonly beside: ReadonlySet<string>
  /** The pointer that the last round has moved; later rounds may still fail. */
  published(): Pointer | undefined
  goRounds(): Promise<Finished<T>>
  giveUp(): Promise<void>
}

function openLine<T extends Change>(input: LineInput<T>): Line<T> {
  const { options, make, run } = input
  const deployer = openDeployer(input)
  const checkPublic = openPublicCheck(options, run)
  const facts = openFacts(options, run)
  const outcomes = new Map<Key, Outcome>()
  const changed = new Set<Key>()
  const beside = new Set<string>()
  let pointer: Pointer | undefined
  let held: HeldDeploy | undefined

  async function goRounds(): Promise<Finished<T>> {
    let again = FIRST
    for (let round = 0; round < ROUNDS; round++) {
      const made = await make(again, facts.ahead)
      const finished = await oneRound(made)
      if (finished === undefined) {
        again = { sent: sentByUs(outcomes), suspects: [] }
        continue
      }
      const inherited = held?.inherited ?? []
      held = undefined // a published deploy is not given up, whatever comes
      const suspects = await lookBack(finished, inherited)
      if (suspects.length === 0) return finished
      again = { sent: sentByUs(outcomes), suspects }
    }
    throw restless(input.stores)
  }

  async function lookBack({ made, published }: Finished<T>, keys: readonly Key[]): Promise<Key[]> {
    if (published === undefined) return []
    return changedBehindUs(made, { ...published, ...options, keys, signal: run.signal })
  }

  /** @returns `undefined` when the change has to be planned again */
  async function oneRound(made: T): Promise<Finished<T> | undefined> {
    const startedMs = performance.now()
    if (!isNews(made)) {
      await writePages(made, run.signal)
      return { made, outcomes, published: undefined }
    }
    refuseOlder(made, options)
    const requests = Math.min(options.concurrency, made.actions.filter(isTransfer).length)
    setImmediate(() => made.store.warmUp?.(requests)) // a turn later: by then the first request has left
    const found = await facts.find(made)
    const upload = startUpload(made.actions, {
      ...options,
      ...made,
      blobs: made.state.blobs,
      emit: run.emit,
      signal: run.signal,
    })
    if (held === undefined && made.actions.some(createsHashed)) await deployer.announce(nextSeq(made))
    await upload.assets()
    addOutcomes(outcomes, upload.outcomes)
    await checkPublic(made, held?.signal ?? run.signal)
    const keys = [...upload.replaced, ...removedBy(made.actions)]
    const seq = held?.seq ?? nextSeq(made)
    const begun = beginAhead({ ...made, seq, outcomes, underWay: upload.replaced })
    const isReady = await takeDeploy(seq, keys)
    if (!isReady || held === undefined) return undefined
    if (made.unsettled !== undefined) await sweepAfter(made.unsettled.deploy, made.store, run.signal)
    return publishRound(made, { upload, held, begun, facts: found, startedMs })
  }

  /**
   * Whether the deploy is held and the plan still valid.
   * @throws also where what the probe wrote cannot be removed; then the deploy is held, to be given up
   */
  async function takeDeploy(seq: number, keys: readonly Key[]): Promise<boolean> {
    if (held !== undefined) {
      await held.name(keys)
      return true
    }
    const taken = await deployer.take(seq, keys)
    if (taken !== 'moved') held = taken.held
    await facts.cleaned()
    return taken !== 'moved' && !taken.isStale
  }

  async function publishRound(
    made: T,
    { upload, held: holding, begun, facts: found, startedMs }: Round,
  ): Promise<Finished<T> | undefined> {
    let sentMs = startedMs
    const send = async (): Promise<void> => {
      await upload.ownPaths(holding)
      for (const key of changedKeys(made)) changed.add(key)
      addOutcomes(outcomes, upload.outcomes)
      saySent(made.actions, upload.outcomes, { emit: run.emit, startedMs })
      sentMs = performance.now()
    }
    const owing = owedBy({ opened: made, held: holding, options, pathsOf: (keys) => changedPaths(keys, options) })
    const published = await publish({
      ...options,
      ...made,
      held: holding,
      outcomes,
      underWay: send(),
      begun,
      // of another store it says nothing, and what a rollback sends would have to be fetched for it
      etagOf: options.state === undefined && made.restores === undefined ? holding.etagOf : undefined,
      facts: found,
      owed: owing.owed,
      now: () => new Date((run.clock ?? SYSTEM_CLOCK).wallMs()),
      writePages: () => writePages(made, holding.signal),
    })
    holding.settle()
    if (published === undefined) {
      held = undefined
      return undefined
    }
    pointer = published.pointer
    for (const path of owing.beside) beside.add(path)
    const { paths, pages, stored } = published.release
    const files = paths.size + pages.size + stored.size
    run.emit({ type: 'phase', phase: 'publish', files, bytes: 0, ms: performance.now() - sentMs })
    return { made, outcomes, published }
  }

  async function giveUp(): Promise<void> {
    await Promise.all([held?.giveUp(), facts.end()])
  }

  return { changed, beside, published: () => pointer, goRounds, giveUp }
}

async function writePages({ origin, isOut }: Change, signal: AbortSignal | undefined): Promise<void> {
  if (origin !== undefined) await writeOrigin(origin, isOut, signal)
}

const createsHashed = (action: Action): boolean =>
  (action.op === 'put' || action.op === 'confirm') && !action.object.mutable

function removedBy(actions: readonly Action[]): Key[] {
  return actions.flatMap((action) => (action.op === 'remove' ? [action.stored.key] : []))
}

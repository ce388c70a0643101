import { randomBytes } from 'node:crypto'
import type { Deploy } from '../plan/deploy.ts'
import type { Order } from '../plan/order.ts'
import { NO_POINTER } from '../plan/pointer.ts'
import type { ETag, Key } from '../words/model.ts'
import type { FoundDeploy } from './deploy-records.ts'
import { type HeldDeploy, hold } from './held-deploy.ts'
import { type Clock, momentOf } from './lease.ts'
import { letGo } from './let-go.ts'
import { locked } from './locked.ts'
import type { State } from './state.ts'

/** Poll interval while another run holds the deploy, in milliseconds. */
const POLL_MS = 1000
/** Stores report times in whole seconds, so an age may be off by one at either end. */
const AGE_MARGIN_MS = 2000
/** How long another run's write may take to become visible where conditional writes do not work, in milliseconds. */
const SETTLE_MS = 1000

export interface DeployerOptions {
  readonly state: State
  readonly channel: string
  readonly order: Order | undefined
  /** The CDN that the run tells. */
  readonly cdn?: unknown
  /** Whether to take over also what cannot be read. @default false */
  readonly repair?: boolean | undefined
  /** How long a deploy is held without a sign of life. */
  readonly leaseMs: number
  /** How long to wait for another deploy before giving up. */
  readonly lockTimeoutMs: number
  readonly clock: Clock
  /** Evaluated when needed: whether the store ignores conditions on writes, so that the lock is only advisory. */
  readonly isAdvisory: () => boolean
  readonly onWait: (found: FoundDeploy) => void
  readonly signal: AbortSignal | undefined
}

/** How a run acquires the deploy that follows the pointer. */
export interface Deployer {
  /** Records, unless done already, that hashed names are about to be sent: a later run knows what to look for. */
  announce(seq: number): Promise<void>
  /**
   * Waits its turn and records the keys about to be written. With `isStale`, the plan has to be made again.
   *
   * @returns `moved` when another publish has taken the number
   * @throws E_LOCKED when the other deploy goes on for longer than the timeout
   */
  take(seq: number, keys: readonly Key[]): Promise<Taken | 'moved'>
}

export interface Taken {
  readonly held: HeldDeploy
  /** True when another run may have written something since the plan was made. */
  readonly isStale: boolean
}

export function createDeployer(options: DeployerOptions): Deployer {
  const { state, channel, order, leaseMs, clock, repair } = options
  const { deploys } = state
  const holder = randomBytes(12).toString('hex')
  let announced: { readonly seq: number; readonly etag: ETag } | undefined

  const record = (seq: number, phase: Deploy['phase'], keys: readonly Key[]): Deploy => {
    const startedAt = new Date(clock.wallMs()).toISOString()
    return {
      seq,
      phase,
      epoch: 1,
      holder,
      channel,
      order,
      startedAt,
      renewals: 0,
      leaseMs,
      keys,
      cdn: options.cdn !== undefined,
    }
  }
  const start = async (deploy: Deploy): Promise<Taken | undefined> => {
    const since = momentOf(clock)
    const known = announced?.seq === deploy.seq ? announced.etag : undefined
    announced = undefined
    const etag = await write(options, deploy, known)
    if (etag === undefined || !(await isStillOurs(options, { seq: deploy.seq, etag }))) return undefined
    return { held: hold({ ...options, deploy, etag, since, inherited: [], isOwing: false }), isStale: false }
  }
  const isSilent = createWatch(clock)
  // one that this run held and gave up, because the pointer had moved without using its number, is free too
  const isFree = (found: FoundDeploy): boolean => found.deploy.holder === holder || isSilent(found)
  const tryToTake = async (deploy: Deploy, isKnown: boolean): Promise<Taken | 'moved' | FoundDeploy | undefined> => {
    const started = isKnown ? undefined : await start(deploy)
    if (started !== undefined) return started
    const found = await (repair ? deploys.readDamaged(deploy.seq) : deploys.read(deploy.seq))
    return found === undefined ? start(deploy) : nextTurn(options, { deploy, found, isFree: isFree(found) })
  }

  return {
    async announce(seq) {
      if (announced?.seq === seq) return
      const etag = await deploys.create(record(seq, 'upload', []))
      if (etag !== undefined) announced = { seq, etag }
    },

    async take(seq, keys) {
      const deadline = clock.monotonicMs() + options.lockTimeoutMs
      for (let looks = 0; ; looks++) {
        const turn = await tryToTake(record(seq, 'publish', keys), looks > 0)
        if (turn === 'moved' || (turn !== undefined && 'held' in turn)) return turn
        if (turn === undefined) continue
        if (clock.monotonicMs() >= deadline) throw locked(state.label, turn, clock)
        options.onWait(turn)
        await clock.sleep(POLL_MS, options.signal)
      }
    },
  }
}

interface Turn {
  readonly deploy: Deploy
  readonly found: FoundDeploy
  readonly isFree: boolean
}

/**
 * What can be done about a deploy that somebody else has begun.
 * @returns that deploy while it is held; `undefined` when another run won the race, so that it is worth reading again
 */
async function nextTurn(
  options: DeployerOptions,
  { deploy, found, isFree }: Turn,
): Promise<Taken | 'moved' | FoundDeploy | undefined> {
  const live = await options.state.readPointer()
  if ((live?.pointer.seq ?? 0) >= deploy.seq) return 'moved'
  return isFree ? takeOver(options, { deploy, found, live }) : found
}

/** Tells whether a deploy may be taken over: by its age at the store, else by how long we have seen no change. */
function createWatch(clock: Clock): (found: FoundDeploy) => boolean {
  let watched: { readonly etag: ETag; readonly since: number } | undefined
  return ({ deploy, etag, ageMs }) => {
    if (watched?.etag !== etag) watched = { etag, since: clock.monotonicMs() }
    if (deploy.phase === 'upload' || deploy.holder === '') return true
    const silentMs = clock.monotonicMs() - watched.since
    return silentMs >= deploy.leaseMs || (ageMs !== undefined && ageMs >= deploy.leaseMs + AGE_MARGIN_MS)
  }
}

interface TakeOver {
  readonly deploy: Deploy
  readonly found: FoundDeploy
  readonly live: Awaited<ReturnType<State['readPointer']>>
}

/**
 * Replaces the holder, then raises the pointer's fence: the previous holder, should it wake up, can neither renew the
 * deploy nor move the pointer, whatever requests it has under way. The fence fails when that holder has just published.
 */
async function takeOver(
  options: DeployerOptions,
  { deploy, found, live }: TakeOver,
): Promise<Taken | 'moved' | undefined> {
  const { state, clock } = options
  const wasWriting = found.deploy.phase === 'publish'
  const inherited = found.deploy.keys
  const keys = [...new Set([...inherited, ...deploy.keys])]
  const isOwing = found.deploy.cdn
  const successor: Deploy = { ...deploy, epoch: found.deploy.epoch + 1, keys, cdn: deploy.cdn || isOwing }
  const since = momentOf(clock)
  const etag = await write(options, successor, found.etag)
  if (etag === undefined || !(await isStillOurs(options, { seq: deploy.seq, etag }))) return undefined
  const held = hold({ ...options, deploy: successor, etag, since, inherited, isOwing })
  if (!wasWriting) return { held, isStale: inherited.length > 0 }
  const pointer = live?.pointer ?? NO_POINTER
  const fenced = await state.movePointer({ ...pointer, fence: pointer.fence + 1 }, live?.etag, held.guard)
  if (fenced !== undefined) return { held, isStale: true }
  held.settle()
  return 'moved'
}

/**
 * Claims the deploy. A failed request may have arrived, so the claim is given up: nobody is to wait for an ended run.
 */
async function write({ state }: DeployerOptions, deploy: Deploy, from: ETag | undefined): Promise<ETag | undefined> {
  try {
    return await (from === undefined ? state.deploys.create(deploy) : state.deploys.replace(deploy, from))
  } catch (error) {
    await letGo(state.deploys, deploy, from)
    throw error
  }
}

/** Where conditional writes do not work, two runs may both think that they won; the overwritten one finds out here. */
async function isStillOurs(
  { state, clock, isAdvisory, signal }: DeployerOptions,
  { seq, etag }: { readonly seq: number; readonly etag: ETag },
): Promise<boolean> {
  if (!isAdvisory()) return true
  await clock.sleep(SETTLE_MS, signal)
  return (await state.deploys.read(seq))?.etag === etag
}

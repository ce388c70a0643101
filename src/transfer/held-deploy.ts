import { setMaxListeners } from 'node:events'
import { type Deploy, deployName, encodeDeploy } from '../plan/deploy.ts'
import type { ETag, Key } from '../words/model.ts'
import { etagLike } from './foretold.ts'
import { type Clock, createLease, lockLost, type Moment, momentOf } from './lease.ts'
import { letGo } from './let-go.ts'
import type { State } from './state.ts'

/** A deploy that this run holds and keeps alive. */
export interface HeldDeploy {
  readonly seq: number
  /** @throws E_LOCK_LOST; call immediately before anything that must not happen after the lease */
  readonly guard: () => void
  /** Fires when the deploy is lost, and with the run's own signal. */
  readonly signal: AbortSignal
  /** Keys recorded by previous holders. */
  readonly inherited: readonly Key[]
  /** Whether one of them had a CDN to tell of these. */
  readonly isOwing: boolean
  /** The ETag that these bytes will have, if it is their MD5: `undefined` where the record's own is not. */
  etagOf(bytes: Uint8Array): ETag | undefined
  /** Records more keys that are about to be written; await it before writing the first of them. */
  name(keys: readonly Key[]): Promise<void>
  /**
   * Verifies that the deploy is still ours, by renewing it. For when an object is not as it was left: that may be the
   * work of a run that has taken over.
   * @throws E_LOCK_LOST
   */
  confirm(): Promise<void>
  /** Stops renewing: the pointer has moved, so there is nothing to hold, or to give up, any more. */
  settle(): void
  /** Lets the next run take over at once instead of after the lease. Never fails. */
  giveUp(): Promise<void>
}

export interface HoldOptions {
  readonly state: State
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  readonly deploy: Deploy
  readonly etag: ETag
  /** When the write that acquired it was begun. */
  readonly since: Moment
  readonly inherited: readonly Key[]
  readonly isOwing: boolean
}

/** A lease is renewed this often before it ends. */
const RENEWALS = 3

export function hold({ state, clock, signal, deploy, etag, since, inherited, isOwing }: HoldOptions): HeldDeploy {
  const label = `${state.label} ${deployName(deploy.seq)}`
  const lease = createLease(clock, deploy.leaseMs, label)
  lease.extend(since)
  const loss = new AbortController()
  const ended = signal === undefined ? loss.signal : AbortSignal.any([signal, loss.signal])
  setMaxListeners(0, loss.signal, ended) // every request under way listens
  let current = { deploy, etag }
  let tail: Promise<void> = Promise.resolve()

  /** Writes of the record run one at a time: each is conditional on the ETag of the one before. */
  const write = (change: (from: Deploy) => Deploy): Promise<void> => {
    const next = tail.then(async () => {
      const moment = momentOf(clock)
      const changed = change({ ...current.deploy, renewals: current.deploy.renewals + 1 })
      const written = await state.deploys.replace(changed, current.etag)
      if (written === undefined) {
        lease.lose()
        loss.abort(lockLost(label))
        return
      }
      current = { deploy: changed, etag: written }
      lease.extend(moment)
    })
    tail = next.catch(() => undefined) // the next renewal may succeed; without any, the lease ends
    return next
  }
  const timer = setInterval(() => void write((from) => from).catch(() => undefined), deploy.leaseMs / RENEWALS)
  timer.unref()
  const stop = (): void => clearInterval(timer)
  let isSettled = false

  return {
    seq: deploy.seq,
    guard: () => lease.guard(),
    signal: ended,
    inherited,
    isOwing,
    etagOf: etagLike(etag, () => encodeDeploy(deploy)),
    async name(keys) {
      const known = new Set(current.deploy.keys)
      if (keys.every((key) => known.has(key))) return
      await write((from) => ({ ...from, keys: [...new Set([...from.keys, ...keys])] }))
      lease.guard()
    },
    async confirm() {
      await write((from) => from)
      lease.guard()
    },
    settle() {
      stop()
      isSettled = true
    },
    async giveUp() {
      stop()
      if (isSettled || lease.isLost) return
      await letGo(state.deploys, current.deploy, current.etag)
    },
  }
}

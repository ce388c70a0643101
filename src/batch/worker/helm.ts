import type { Store } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import type { Clock } from '../clock.ts'
import { fleetKey } from '../plan/keys.ts'
import type { Order } from '../plan/messages.ts'
import type { WorkerEmit, WorkerState } from './events.ts'
import type { Counts, Floor } from './floor.ts'
import type { Cancellations } from './records.ts'
import { asLadingError } from './trouble.ts'

export interface WorkerStats {
  readonly instance: string
  readonly state: WorkerState
  /** Why it is in this state. */
  readonly reason: string
  readonly slots: number
  readonly running: number
  readonly waiting: number
  readonly counts: Counts
}

export interface HelmOptions {
  readonly instance: string
  readonly store: Store
  readonly clock: Clock
  readonly emit: WorkerEmit
  readonly floor: Floor
  readonly cancellations: Cancellations
  /** Aborted when nothing more is to be taken. */
  readonly closed: AbortController
  /** Aborted when everything is to be handed back. */
  readonly stopped: AbortController
  readonly upSeconds?: (() => number) | undefined
}

/** The worker's state, and the commands that change it. Ending is final. */
export interface Helm {
  stats(): WorkerStats
  /** Writes this instance's report for others. Never rejects. @returns whether the store took it */
  report(): Promise<boolean>
  /** @param isTaken whether the instance is being taken away and should be replaced. @default false */
  end(next: 'draining' | 'stopping', reason: string, isTaken?: boolean): Promise<void>
  /** Whether it ended only because its instance is being taken away. */
  isTaken(): boolean
  /** Carries out one of the fixed orders; no part of an order is ever run as a shell command. */
  obey(order: Order): Promise<void>
}

export function createHelm(options: HelmOptions): Helm {
  const { instance, floor, emit, closed, stopped } = options
  let state: WorkerState = 'working'
  let why = 'started'
  let isTaken: boolean | undefined

  const stats = (): WorkerStats => ({
    instance,
    state,
    reason: why,
    slots: floor.slots(),
    running: floor.running(),
    waiting: floor.waiting(),
    counts: floor.counts(),
  })
  const tell = async (): Promise<void> => {
    const error = await record(options, stats())
    if (error !== undefined) emit({ type: 'trouble', what: 'record', error: asLadingError(error), waitMs: 0 })
  }
  const enter = (next: WorkerState, reason: string): boolean => {
    const isEnding = state === 'draining' || state === 'stopping'
    if (state === next || state === 'stopping' || (isEnding && next !== 'stopping')) return false
    state = next
    why = reason
    emit({ type: 'state', state, reason })
    return true
  }
  const end: Helm['end'] = async (next, reason, isTakenNow = false) => {
    if (!enter(next, reason)) return
    // A worker that ends for another reason as well needs no replacement, whatever the spot notice says.
    isTaken = isTakenNow && isTaken !== false
    closed.abort()
    if (next === 'stopping') stopped.abort()
    await floor.pause()
    await tell()
  }
  const obey: Helm['obey'] = async (order) => {
    switch (order.verb) {
      case 'drain':
        return end('draining', 'commanded')
      case 'stop':
        return end('stopping', 'commanded')
      case 'pause':
        if (enter('paused', 'commanded')) await floor.pause()
        return tell()
      case 'resume':
        if (enter('working', 'commanded')) floor.resume()
        return tell()
      case 'concurrency':
        return floor.setSlots(order.slots)
      case 'cancel':
        return options.cancellations.add(order.batch)
      case 'stats':
        return tell()
    }
  }
  const report = async (): Promise<boolean> => (await record(options, stats())) === undefined
  return { stats, report, end, isTaken: () => isTaken === true, obey }
}

/** Writes this instance's report for others; a failed write does no harm. @returns what it failed with */
async function record({ store, clock, upSeconds }: HelmOptions, stats: WorkerStats): Promise<unknown> {
  const at = new Date(clock.now()).toISOString()
  const text = JSON.stringify({ v: 1, ...stats, at, ...(upSeconds && { upSeconds: upSeconds() }) })
  const headers = { 'content-type': 'application/json' }
  return store.put(fleetKey(stats.instance), bytesBody(Buffer.from(text)), headers).then(
    () => undefined,
    (error: unknown) => error,
  )
}

import { pixelsOf } from '../plan/admission.ts'
import { KEPT_RECEIVES } from '../plan/deliveries.ts'
import { LANES, type Lane } from '../plan/lanes.ts'
import { createLineUp, type Waiting, wantedOf } from '../plan/line-up.ts'
import type { ImageJob } from '../plan/messages.ts'
import type { Message } from '../queue.ts'
import type { Bell } from './bell.ts'
import type { Result, WorkerEmit } from './events.ts'
import type { Holdings } from './holdings.ts'
import { doJob, type JobOptions, type Settlement } from './job.ts'
import type { PathOf } from './options.ts'
import { createPatience, isOutside } from './trouble.ts'

/** How long a job may take to end after it was told to, in milliseconds, before its message is handed back anyway. */
const LET_GO_MS = 5000

export interface FloorOptions extends JobOptions {
  readonly slots: number
  /** Pixels that may be in work at once. */
  readonly pixels: number
  /** Messages fetched at once for a lane, when few of its previous ones are left. */
  readonly prefetch: number
  readonly holdings: Readonly<Record<Lane, Holdings>>
  readonly pathOf: PathOf | undefined
  /** Writes this worker's report. @returns whether the store took it */
  readonly report: () => Promise<boolean>
  readonly emit: WorkerEmit
  /** Rung at every change. */
  readonly bell: Bell
}

/** A leased job. */
export interface Leased extends Waiting {
  readonly message: Message
  readonly job: ImageJob
}

export type Counts = Readonly<Record<Result, number>>

/** Where the jobs are done: slots, and what waits for them. */
export interface Floor {
  /** How many messages of a lane are wanted now; few at a time would cost a request each. */
  room(lane: Lane): number
  add(lane: Lane, jobs: readonly Leased[]): void
  /** A message is no longer ours. */
  lose(message: Message): void
  running(): number
  waiting(): number
  slots(): number
  setSlots(slots: number): void
  /** Begins nothing more, and hands back what waits. */
  pause(): Promise<void>
  resume(): void
  /** Resolves when nothing is in work. */
  settled(): Promise<void>
  counts(): Counts
}

interface Attempt {
  readonly settlement: Settlement
  /** Whether its message is kept for another attempt. */
  readonly isStuck: boolean
}

export function createFloor(options: FloorOptions): Floor {
  const { clock, prefetch, bell, holdings, emit } = options
  const lineUp = createLineUp<Leased>(options.pixels)
  const patience = createPatience(clock, emit)
  const running = new Map<Promise<void>, number>()
  const counts: Record<Result, number> = { done: 0, failed: 0, cancelled: 0, crashed: 0, released: 0 }
  let slots = options.slots
  let isOpen = true
  let isResting = false

  const fill = (): void => {
    while (isOpen && !isResting && running.size < slots) {
      const next = lineUp.next([...running.values()], clock.now())
      if (!next) break
      begin(next)
    }
    bell.ring()
  }
  const begin = (leased: Leased): void => {
    const { batch, item, lane, src } = leased.job
    emit({ type: 'taken', batch, item, lane })
    const task = inTime(attempt(leased), options).then(async ({ settlement, isStuck }) => {
      if (isStuck && isOpen) lineUp.add(lane, [leased])
      else await finish(leased, settlement)
      running.delete(task)
      if (settlement.trouble === undefined) patience.reset()
      else rest(settlement.trouble)
      fill()
    })
    running.set(task, pixelsOf(src))
  }
  const attempt = async (leased: Leased): Promise<Attempt> => {
    const settlement = await doJob(leased.job, options)
    return { settlement, isStuck: await isKept(leased, settlement) }
  }
  const isKept = async ({ message, job }: Leased, { trouble }: Settlement): Promise<boolean> => {
    if (!isOutside(trouble) || message.receives < KEPT_RECEIVES || (await options.report())) return false
    return holdings[job.lane].has(message)
  }
  const finish = async ({ message, job }: Leased, settlement: Settlement): Promise<void> => {
    const { batch, item, lane, src } = job
    const { result, reason } = settlement
    await settleMessage(holdings[lane], message, settlement)
    counts[result] += 1
    const path = await pathIfFaulty(job, result, options)
    const named = { key: src.key, ...(path !== undefined && { path }) }
    emit({ type: 'ended', batch, item, ...named, result, ...(reason !== undefined && { reason }) })
  }
  /** Pauses all work: while something external fails, every further job would fail and come back too. */
  const rest = (error: unknown): void => {
    if (isResting) return
    isResting = true
    void patience.wait('work', error, options.stopped).then(() => {
      isResting = false
      fill()
    })
  }
  const handBack = async (): Promise<void> => {
    const waiting = lineUp.clear()
    await Promise.all(
      LANES.map((lane) =>
        holdings[lane].release(waiting.filter(({ job }) => job.lane === lane).map(({ message }) => message)),
      ),
    )
    bell.ring()
  }

  return {
    room: (lane) => (isOpen ? wantedOf({ waiting: lineUp.size(lane), slots, prefetch }) : 0),
    add(lane, jobs) {
      lineUp.add(lane, jobs)
      fill()
    },
    lose: (message) => lineUp.drop(message),
    running: () => running.size,
    waiting: () => lineUp.size(),
    slots: () => slots,
    setSlots(next) {
      slots = next
      fill()
    },
    async pause() {
      isOpen = false
      await handBack()
    },
    resume() {
      isOpen = true
      fill()
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.keys())
    },
    counts: () => ({ ...counts }),
  }
}

/** Only an image that somebody has to look at costs a request. */
async function pathIfFaulty(
  job: ImageJob,
  result: Result,
  { pathOf, stopped }: Pick<FloorOptions, 'pathOf' | 'stopped'>,
): Promise<string | undefined> {
  if (result !== 'failed' && result !== 'crashed') return undefined
  return pathOf?.(job, stopped).catch(() => undefined) // the key names it as well
}

async function settleMessage(
  holdings: Holdings,
  message: Message,
  { message: end, delaySeconds }: Settlement,
): Promise<void> {
  // The lease was lost: our result is in the store, where the message's new holder finds it.
  if (!holdings.has(message)) return
  if (end === 'ack') holdings.done(message)
  else await holdings.release([message], delaySeconds)
}

/** Stops waiting for a job whose handler does not end soon after the stop signal. */
function inTime(attempt: Promise<Attempt>, { stopped, clock }: FloorOptions): Promise<Attempt> {
  return new Promise((resolve) => {
    const letGo = async (): Promise<void> => {
      await clock.sleep(LET_GO_MS)
      const settlement = { result: 'released', reason: 'the worker stops', message: 'release' } as const
      resolve({ settlement, isStuck: false })
    }
    const onStop = (): void => void letGo()
    stopped.addEventListener('abort', onStop)
    if (stopped.aborted) onStop()
    void attempt.then((ended) => {
      stopped.removeEventListener('abort', onStop)
      resolve(ended)
    })
  })
}

import { pixelsOf } from '../admission.ts'
import { BARRIERS_HELD } from '../barrier.ts'
import { type EmptySince, IDLE_LOOK_SECONDS, type IdleRule, idleness, seemsIdle } from '../idle.ts'
import { LANES, type Lane } from '../lanes.ts'
import { createLineUp, PREFETCH, type Waiting, wantedOf } from '../line-up.ts'
import { type Agenda, every } from './agenda.ts'
import type { Letter, VirtualQueue } from './queue.ts'

/** An image on its way. */
export interface Job {
  readonly lane: Lane
  /** Core-seconds, as the message says. */
  readonly predicted: number
  readonly src: Waiting['job']['src']
}

export interface Queues<J extends Job> {
  readonly lanes: Readonly<Record<Lane, VirtualQueue<J>>>
  /** What a barrier does when it is taken: seconds until it is to come again, 0 where it is done with. */
  readonly assembly: VirtualQueue<() => number>
}

export interface VirtualWorkerOptions<J extends Job> {
  readonly agenda: Agenda
  readonly queues: Queues<J>
  readonly slots: number
  /** Pixels in work at once. */
  readonly pixels: number
  /** How long a receive waits, in seconds. */
  readonly waitSeconds: number
  readonly idle: IdleRule
  /** How long a slot is taken by it, in seconds; `undefined` where it is not worth doing any more. */
  readonly begin: (job: J) => number | undefined
  readonly done: (job: J) => void
  /** Whether it stays for barriers that are not due yet. */
  readonly isKept: () => boolean
  readonly ended: (isTaken: boolean) => void
}

/** What one worker does, in virtual time: takes, lines up, works and leaves by the rules of the real one. */
export interface VirtualWorker {
  /** @param isTaken whether its instance is being taken away and should be replaced. @default false */
  drain(isTaken?: boolean): void
  /** Hands everything back. @param lostSeconds until it can be taken again. @default 0 */
  stop(lostSeconds?: number): void
  isEnded(): boolean
  /** Images that it holds and has not begun, and when the oldest of them was sent, in milliseconds. */
  waiting(): { readonly count: number; readonly oldestSentAt: number | undefined }
}

type Leased<J> = { readonly message: Letter<J>; readonly job: J }

export function createVirtualWorker<J extends Job>(options: VirtualWorkerOptions<J>): VirtualWorker {
  const { agenda, queues, slots, idle } = options
  const lineUp = createLineUp<Leased<J>>(options.pixels)
  const waiting = new Set<Letter<J>>()
  const running = new Map<Letter<J>, number>()
  const intakes = [...LANES.map((lane) => intakeOf(lane)), intakeOf(undefined)]
  let state: 'working' | 'draining' | 'ended' = 'working'
  let isTaken: boolean | undefined
  let since: EmptySince

  function intakeOf(lane: Lane | undefined): Intake {
    const take = lane === undefined ? takeBarriers : () => takeJobs(lane)
    const queue = lane === undefined ? queues.assembly : queues.lanes[lane]
    return createIntake({ agenda, queue, take, waitSeconds: options.waitSeconds, isOpen: () => state === 'working' })
  }
  /** @returns how many came; `undefined` where none is wanted */
  function takeJobs(lane: Lane): number | undefined {
    const most = wantedOf({ waiting: lineUp.size(lane), slots, prefetch: PREFETCH })
    if (most <= 0) return undefined
    const letters = queues.lanes[lane].receive(most)
    for (const letter of letters) waiting.add(letter)
    lineUp.add(
      lane,
      letters.map((message) => ({ message, job: message.content })),
    )
    employ()
    return letters.length
  }
  function takeBarriers(): number {
    const letters = queues.assembly.receive(BARRIERS_HELD)
    for (const letter of letters) {
      const againSeconds = letter.content()
      if (againSeconds > 0) queues.assembly.release([letter], againSeconds)
      else queues.assembly.ack(letter)
    }
    return letters.length
  }
  function employ(): void {
    while (state === 'working' && running.size < slots) {
      const next = lineUp.next([...running.values()], agenda.now() * 1000)
      if (!next) return
      waiting.delete(next.message)
      begin(next)
    }
  }
  function begin({ message, job }: Leased<J>): void {
    const seconds = options.begin(job)
    if (seconds === undefined) {
      queues.lanes[job.lane].ack(message)
      return
    }
    running.set(message, pixelsOf(job.src))
    agenda.after(seconds, () => {
      // It was handed back meanwhile.
      if (!running.delete(message)) return
      queues.lanes[job.lane].ack(message)
      options.done(job)
      employ()
      for (const intake of intakes) intake.poll()
      endWhenDrained()
    })
  }
  function lookIdle(): boolean {
    if (state !== 'working') return false
    const all = [...LANES.map((lane) => queues.lanes[lane]), queues.assembly]
    const stays = options.isKept() ? all : all.slice(0, -1)
    const own = {
      nowMs: agenda.now() * 1000,
      emptyPolls: intakes.slice(0, stays.length).map((intake) => intake.emptyPolls()),
      held: running.size + waiting.size,
    }
    const gauges = stays.map((queue) => queue.gauge())
    const found = seemsIdle(own, idle) ? idleness(since, { ...own, gauges }, idle) : undefined
    since = found?.since
    if (found?.isIdle) drain()
    return state === 'working'
  }
  function drain(isTakenNow = false): void {
    if (state !== 'working') return
    state = 'draining'
    isTaken = isTakenNow
    for (const intake of intakes) intake.close()
    const back = lineUp.clear()
    waiting.clear()
    for (const lane of LANES) {
      queues.lanes[lane].release(back.filter(({ job }) => job.lane === lane).map(({ message }) => message))
    }
    endWhenDrained()
  }
  function endWhenDrained(): void {
    if (state !== 'draining' || running.size > 0) return
    state = 'ended'
    options.ended(isTaken === true)
  }

  for (const intake of intakes) intake.poll()
  agenda.after(IDLE_LOOK_SECONDS, () => every(agenda, IDLE_LOOK_SECONDS, lookIdle))
  return {
    drain,
    stop(lostSeconds = 0) {
      drain()
      const back = [...running.keys()]
      running.clear()
      for (const letter of back) queues.lanes[letter.content.lane].release([letter], lostSeconds)
      endWhenDrained()
    },
    isEnded: () => state === 'ended',
    waiting() {
      const sent = [...waiting].map(({ sentAt }) => sentAt)
      return { count: sent.length, oldestSentAt: sent.length > 0 ? Math.min(...sent) : undefined }
    },
  }
}

interface Intake {
  /** Receives as long as something is wanted and comes, then waits for more. */
  poll(): void
  close(): void
  emptyPolls(): number
}

interface IntakeOptions {
  readonly agenda: Agenda
  readonly queue: Pick<VirtualQueue<never>, 'wait'>
  readonly take: () => number | undefined
  readonly waitSeconds: number
  readonly isOpen: () => boolean
}

function createIntake({ agenda, queue, take, waitSeconds, isOpen }: IntakeOptions): Intake {
  let leave: (() => void) | undefined
  let empty = 0
  const poll = (): void => {
    if (leave !== undefined || !isOpen()) return
    let took = take()
    while (took !== undefined && took > 0 && isOpen()) {
      empty = 0
      took = take()
    }
    if (took === 0 && isOpen()) wait()
  }
  const wait = (): void => {
    const stop = queue.wait(() => {
      leave = undefined
      poll()
    })
    leave = stop
    agenda.after(waitSeconds, () => {
      if (leave !== stop) return
      stop()
      leave = undefined
      empty += 1
      poll()
    })
  }
  return {
    poll,
    emptyPolls: () => empty,
    close() {
      leave?.()
      leave = undefined
    },
  }
}

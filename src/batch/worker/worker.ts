import { SYSTEM_CLOCK } from '../clock.ts'
import { BARRIERS_HELD } from '../plan/barrier.ts'
import { type EmptySince, IDLE_LOOK_SECONDS, IDLE_RULE, lookIdle } from '../plan/idle.ts'
import { LANES, type Lane } from '../plan/lanes.ts'
import { PREFETCH } from '../plan/line-up.ts'
import type { Order } from '../plan/messages.ts'
import type { Queue } from '../queue.ts'
import { type AssemblyDesk, createAssemblyDesk } from './assembly-desk.ts'
import { createBell } from './bell.ts'
import { commandsOf } from './commands.ts'
import { createFloor, type Floor, type Leased } from './floor.ts'
import { createHelm, type Helm, type WorkerStats } from './helm.ts'
import { createHoldings, type Holdings } from './holdings.ts'
import { createIntake, type Intake, type IntakeOptions, type Taken } from './intake.ts'
import type { WorkerOptions } from './options.ts'
import { createCancellations } from './records.ts'
import { asLadingError, createPatience } from './trouble.ts'

export interface Worker {
  /** Works until it is drained, stopped or idle. Never rejects for what happens outside. To be called once. */
  run(): Promise<WorkerStats>
  /**
   * Finishes what is in work, hands back what waits, and ends.
   *
   * @param isTaken whether the instance is being taken away and should be replaced. @default false
   */
  drain(reason: string, isTaken?: boolean): void
  /** Hands everything back, also what is in work, and ends. */
  stop(reason: string, isTaken?: boolean): void
  /** Whether it ended only because its instance is being taken away. */
  isTaken(): boolean
  obey(order: Order): Promise<void>
  stats(): WorkerStats
}

/** Renewals of a lease within its duration. */
const BEATS = 3
/** How long acks are gathered, in milliseconds: a request carries ten. */
const FLUSH_MS = 5000
/** Flushes at the end before remaining acks are given up, and their messages are redelivered. */
const LAST_FLUSHES = 3

/** Takes work from the lanes, does it and puts it away. Any number of them may work at once, and die at any moment. */
export function createWorker(options: WorkerOptions): Worker {
  const parts = partsOf(options)
  const { helm } = parts
  const ends: Promise<void>[] = []
  return {
    async run() {
      const stats = await run(options, parts)
      // Waits for the final reports: nothing may be written once a worker has ended.
      await Promise.all(ends)
      return stats
    },
    drain: (reason, isTaken) => void ends.push(helm.end('draining', reason, isTaken)),
    stop: (reason, isTaken) => void ends.push(helm.end('stopping', reason, isTaken)),
    isTaken: helm.isTaken,
    obey: helm.obey,
    stats: helm.stats,
  }
}

interface Parts {
  readonly floor: Floor
  readonly helm: Helm
  readonly desk: AssemblyDesk | undefined
  /** Of the work, not of the commands. */
  readonly intakes: readonly Intake[]
  readonly commands: Intake | undefined
  readonly holdings: readonly Holdings[]
  /** Aborted when nothing more is to be taken. */
  readonly closed: AbortController
  /** Aborted when nothing is held any more. */
  readonly over: AbortController
}

function partsOf(options: WorkerOptions): Parts {
  const { instance, store, verify, deadLetters, clock = SYSTEM_CLOCK, emit = () => undefined } = options
  const { prefetch = PREFETCH, waitSeconds = 20, leaseSeconds = 60, arrived = async () => undefined } = options
  const [closed, stopped, over] = [new AbortController(), new AbortController(), new AbortController()]
  const bell = createBell()
  const cancellations = createCancellations(store, clock)

  const held = (queue: Holdings['queue']): Holdings =>
    createHoldings(queue, {
      leaseSeconds,
      onLost: (message) => {
        floor.lose(message)
        emit({ type: 'lost', queue: queue.label, id: message.id })
      },
      onTrouble: (what, error) =>
        emit({ type: 'trouble', what: `${what} at ${queue.label}`, error: asLadingError(error), waitMs: 0 }),
    })
  const lanes = { hi: held(options.lanes.hi), std: held(options.lanes.std), bulk: held(options.lanes.bulk) }
  const floor = createFloor({
    ...{ store, instance, clock, emit, bell, cancellations, arrived, prefetch },
    ...{ handler: options.handler, slots: options.slots, pixels: options.pixels, pathOf: options.pathOf },
    holdings: lanes,
    report: () => helm.report(),
    stopped: stopped.signal,
  })
  const helm = createHelm({
    ...{ instance, store, clock, emit, floor, cancellations, closed, stopped },
    upSeconds: options.upSeconds,
  })
  const intake = (own: Pick<IntakeOptions, 'place' | 'holdings' | 'room' | 'closed' | 'onTaken'>): Intake =>
    createIntake({ clock, verify, deadLetters, emit, leaseSeconds, waitSeconds, bell, ...own })
  const intakes = LANES.map((lane) =>
    intake({
      place: { kind: 'lane', lane },
      holdings: lanes[lane],
      room: () => floor.room(lane),
      closed: closed.signal,
      onTaken: (taken) => floor.add(lane, taken.flatMap(waitingOf)),
    }),
  )
  const assembly = options.assembly && held(options.assembly.queue)
  const desk = options.assembly && assembly && createAssemblyDesk(assembly, { look: options.assembly.look, emit, bell })
  if (desk && assembly) {
    const room = (): number => (helm.stats().state === 'working' ? BARRIERS_HELD - desk.size() : 0)
    const onTaken = (taken: readonly Taken[]): void => desk.add(taken)
    intakes.push(intake({ place: { kind: 'assembly' }, holdings: assembly, room, closed: closed.signal, onTaken }))
  }
  const control = options.control && held(options.control)
  const commands = control && intake(commandsOf({ instance, holdings: control, helm, clock, emit, over: over.signal }))
  const holdings = [lanes.hi, lanes.std, lanes.bulk, assembly, control].filter((each) => each !== undefined)
  return { floor, helm, desk, intakes, commands, holdings, closed, over }
}

const waitingOf = ({ message, content }: Taken): Leased[] =>
  content.kind === 'image' ? [{ message, job: content }] : []

async function run(options: WorkerOptions, parts: Parts): Promise<WorkerStats> {
  const { clock = SYSTEM_CLOCK, leaseSeconds = 60 } = options
  const { floor, helm, desk, intakes, commands, holdings, over } = parts
  const every = async (ms: number, signal: AbortSignal, deed: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      await clock.sleep(ms, signal)
      if (signal.aborted) return
      await deed()
    }
  }
  const all = (deed: (each: Holdings) => Promise<void>) => () => Promise.all(holdings.map(deed))
  const loops = [
    // Also while it drains: what is in work may take longer than a lease.
    every(
      (leaseSeconds * 1000) / BEATS,
      over.signal,
      all((each) => each.beat()),
    ),
    every(
      FLUSH_MS,
      over.signal,
      all((each) => each.flush()),
    ),
    watchIdle(options, parts),
  ]
  // Not awaited: commands that come at the end do not matter, and a long poll takes its time.
  void commands?.run()
  await Promise.all(intakes.map((each) => each.run()))
  await Promise.all([floor.settled(), desk?.settled()])
  for (let flush = 0; flush < LAST_FLUSHES; flush++) await all((each) => each.flush())()
  over.abort()
  await Promise.all(loops)
  return helm.stats()
}

async function watchIdle(options: WorkerOptions, { helm, intakes, holdings, closed }: Parts): Promise<void> {
  const { clock = SYSTEM_CLOCK, idle = IDLE_RULE, emit = () => undefined } = options
  if (idle === 'never') return
  const patience = createPatience(clock, emit)
  const { assembly } = options
  const lanes = LANES.map((lane: Lane) => options.lanes[lane])
  /** The queues it stays for: its lanes, and perhaps the assembly's, whose intake is the last. */
  const stays = (): readonly Queue[] => (assembly && (assembly.isKept?.() ?? true) ? [...lanes, assembly.queue] : lanes)
  let since: EmptySince
  while (!closed.signal.aborted) {
    await clock.sleep(IDLE_LOOK_SECONDS * 1000, closed.signal)
    const queues = stays()
    const look = {
      nowMs: clock.now(),
      emptyPolls: intakes.slice(0, queues.length).map((each) => each.emptyPolls()),
      held: holdings.reduce((sum, each) => sum + each.size(), 0),
      gauges: () => Promise.all(queues.map((queue) => queue.gauge())),
    }
    try {
      const found = await lookIdle(since, look, idle)
      since = found.since
      if (found.isIdle && helm.stats().state === 'working') await helm.end('draining', 'idle')
    } catch (error) {
      since = undefined
      await patience.wait('gauge', error, closed.signal)
    }
  }
}

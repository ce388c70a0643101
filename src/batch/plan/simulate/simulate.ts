import { barrierDelay, LOCAL_LOOK_SECONDS, LONGEST_DELAY, secondsToLook } from '../barrier.ts'
import { assertBudget, EFFICIENCY } from '../estimate.ts'
import { IDLE_RULE, WAIT_SECONDS } from '../idle.ts'
import { SHARD_ITEMS } from '../keys.ts'
import { LEADER_LOOK_SECONDS } from '../sighting.ts'
import { type Agenda, createAgenda, every } from './agenda.ts'
import { createGroup, type Group, type Member, whileItWorks } from './group.ts'
import { createLeading, type Leading } from './leading.ts'
import type { SimulatedFleet, Simulation, SimulationOptions } from './options.ts'
import { createVirtualQueue } from './queue.ts'
import { createRecord, type Recorded } from './record.ts'
import { type Shard, type SimulatedJob, type Submit, submitsOf } from './submits.ts'
import { createVirtualWorker, type Queues, type VirtualWorker } from './worker.ts'

/** How long a receive waits, and between two looks of a barrier at most, in seconds: at a fleet, and on one machine. */
const WAITS = {
  fleet: { poll: WAIT_SECONDS.sqs, look: LONGEST_DELAY },
  local: { poll: WAIT_SECONDS.folder, look: LOCAL_LOOK_SECONDS },
} as const
const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600
/** How long is waited behind the last deadline for what nobody takes, in seconds. */
const AFTERWARDS_SECONDS = 2 * HOUR_SECONDS

/**
 * Batches in virtual time, from the first submit until everything is done and nobody is there. What decides is the real
 * thing: the scaling rule with the account of its budget, turns of the lanes, what a worker takes and when it leaves.
 * What carries it out is a model: queues without delay or duplicates, images that take as long as is predicted.
 *
 * @throws E_BUDGET for a batch that `submit` would refuse
 */
export function simulate(options: SimulationOptions): Simulation {
  const running = beginSimulation(options)
  running.advance(Number.POSITIVE_INFINITY)
  return running.result()
}

/** {@link simulate}, a stretch at a time, for whoever has to listen in between. */
export interface RunningSimulation {
  /** @returns whether it is over */
  advance(deeds: number): boolean
  result(): Simulation
}

/** @throws E_BUDGET */
export function beginSimulation(options: SimulationOptions): RunningSimulation {
  const { on } = options
  if (on.kind === 'fleet') for (const { budget } of options.batches) assertWorst(on, budget)
  const agenda = createAgenda()
  const world = createWorld(options, agenda)
  const { record, group, sendAt } = world
  const submits = options.batches.flatMap((batch) => submitsOf(batch, SHARD_ITEMS))
  record.expect(submits)
  for (const submit of submits) sendAt(submit)
  const lastDeadline = submits.reduce(
    (last, { atSeconds, batch }) => Math.max(last, atSeconds + batch.deadlineSeconds),
    0,
  )
  const until = {
    seconds: lastDeadline + AFTERWARDS_SECONDS,
    isOver: () => record.isOver() && group.members().length === 0,
  }
  return {
    advance: (deeds) => agenda.run({ ...until, deeds }),
    result: () => record.result(group, agenda.now()),
  }
}

/** What the fleet may cost, refused as by `submit`. */
function assertWorst({ maxInstances, lifetimeMinutes, instanceHour }: SimulatedFleet, budget: number | undefined) {
  if (budget === undefined) return
  assertBudget({ maxInstances, lifetimeHours: lifetimeMinutes / MINUTE_SECONDS, instanceHour }, budget)
}

interface World {
  readonly record: Recorded
  readonly group: Group
  readonly sendAt: (submit: Submit) => void
}

/** Queues, machines and whoever leads them, at the beginning. */
function createWorld({ on, random }: SimulationOptions, agenda: Agenda): World {
  const lane = () => createVirtualQueue<SimulatedJob>(agenda)
  const queues: Queues<SimulatedJob> = {
    lanes: { hi: lane(), std: lane(), bulk: lane() },
    assembly: createVirtualQueue(agenda),
  }
  const record = createRecord(on.kind === 'fleet' ? on.maxInstances : on.workers)
  let leading: Leading | undefined
  const group = createGroup({
    ...{ agenda, random },
    ...(on.kind === 'fleet'
      ? { ...on, max: on.maxInstances }
      : { max: on.workers, bootSeconds: 0, interruptionsPerHour: 0 }),
    makeWorker: (member, ended) => startWorker(member, ended),
    leaving: (member) => leading?.leave(member),
  })
  if (on.kind === 'fleet') leading = leadingOf(on, { agenda, group, queues, record })

  const startWorker = (member: Member, ended: (isTaken: boolean) => void): VirtualWorker => {
    // At once; by then it has its first messages, as the real one, whose look takes its time.
    if (leading) agenda.after(0, () => whileItWorks(agenda, member, LEADER_LOOK_SECONDS, () => leading?.look(member)))
    return createVirtualWorker<SimulatedJob>({
      ...{ agenda, queues, slots: on.slots, pixels: on.pixels, idle: IDLE_RULE, ended },
      waitSeconds: WAITS[on.kind].poll,
      begin: (job) => record.begin(job, agenda.now()) && job.predicted / (on.coreSpeed * EFFICIENCY),
      done: (job) => record.done(job, agenda.now()),
      isKept: () => leading?.isLeading(member) ?? true,
    })
  }
  const send = ({ batch, jobs }: Submit): void => {
    leading?.allow(batch.name, batch.budget)
    queues.lanes[batch.lane].send(jobs)
    queues.assembly.send(
      [...new Set(jobs.map(({ shard }) => shard))].map((shard) => () => lookAgain(shard, agenda.now(), on.kind)),
      barrierDelay(sum(jobs.map(({ predicted }) => predicted)), {
        slotsPerInstance: on.slots,
        maxInstances: on.kind === 'fleet' ? on.maxInstances : on.workers,
      }),
    )
    if (on.kind === 'local') group.grow(on.workers)
    else leading?.kick(jobs)
  }
  sample(agenda, record, { queues, group })
  return { record, group, sendAt: (submit) => agenda.after(submit.atSeconds, () => send(submit)) }
}

function leadingOf(
  on: SimulatedFleet,
  {
    record,
    ...rest
  }: {
    readonly agenda: Agenda
    readonly group: Group
    readonly queues: Queues<SimulatedJob>
    readonly record: Recorded
  },
): Leading {
  const { agenda } = rest
  const leading = createLeading({
    ...rest,
    limits: { slotsPerInstance: on.slots },
    lifetimeHours: on.lifetimeMinutes / MINUTE_SECONDS,
    instanceHour: on.instanceHour,
    over: record.over,
    decided: (scaling, budget) => record.decided(scaling, budget, agenda.now()),
  })
  agenda.after(MINUTE_SECONDS, () =>
    every(agenda, MINUTE_SECONDS, () => {
      if (leading.alarm()) record.alarmed()
      return true
    }),
  )
  return leading
}

/** What a barrier's look finds, by the real rule, which reads dates. */
function lookAgain({ items, arrived, ...times }: Shard, now: number, kind: keyof typeof WAITS): number {
  const date = (seconds: number): string => new Date(seconds * 1000).toISOString()
  const manifest = { createdAt: date(times.createdSeconds), deadline: date(times.deadlineSeconds) }
  return Math.min(secondsToLook(manifest, { items, missing: items - arrived }, now * 1000), WAITS[kind].look)
}

function sample(
  agenda: Agenda,
  record: Recorded,
  { queues, group }: { readonly queues: Queues<SimulatedJob>; readonly group: Group },
): void {
  const look = (): void => {
    const now = agenda.now()
    const gauges = Object.values(queues.lanes).map((queue) => queue.gauge())
    const held = group.members().flatMap(({ worker }) => worker?.waiting() ?? [])
    const ages = held.map(({ oldestSentAt = now * 1000 }) => now - oldestSentAt / 1000)
    record.samples.add({
      seconds: now,
      oldestSeconds: Math.max(0, ...ages, ...gauges.map(({ headAgeSeconds = 0 }) => headAgeSeconds)),
      waiting: sum(gauges.map(({ visible, delayed }) => visible + delayed)) + sum(held.map(({ count }) => count)),
    })
    agenda.after(record.samples.everySeconds(), look)
  }
  agenda.after(0, look)
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)

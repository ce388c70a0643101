import { LANES, type Lane } from '../lanes.ts'
import type { Scaling } from '../scale.ts'
import type { Budget } from '../scale-account.ts'
import type { Group } from './group.ts'
import type { Held, SimulatedLane, Simulation } from './options.ts'
import type { SimulatedJob, Submit } from './submits.ts'
import { createSamples, type Samples, timelineOf } from './timeline.ts'

const HOUR_SECONDS = 3600

/** What happens to images, as it happens, and what is to be said of it at the end. */
export interface Recorded {
  /** Everything that will be sent. */
  expect(submits: readonly Submit[]): void
  /** @returns `undefined` for one whose deadline has passed, which is then over */
  begin(job: SimulatedJob, now: number): true | undefined
  done(job: SimulatedJob, now: number): void
  decided(scaling: Scaling, budget: Budget | undefined, now: number): void
  alarmed(): void
  readonly samples: Samples
  /** Batches of which nothing is left. */
  over(): readonly string[]
  isOver(): boolean
  result(group: Group, now: number): Simulation
}

interface LaneRecord {
  readonly waits: number[]
  doneSeconds: number
}

/** @param allowed instances at most */
export function createRecord(allowed: number): Recorded {
  const lanes: Record<Lane, LaneRecord> = { hi: laneRecord(), std: laneRecord(), bulk: laneRecord() }
  /** Images of each batch that are not over. */
  const open = new Map<string, number>()
  const samples = createSamples()
  let [images, left, done, expired, alarmed] = [0, 0, 0, 0, 0]
  let held: Held | undefined

  const settle = (job: SimulatedJob): void => {
    left -= 1
    job.shard.arrived += 1
    open.set(job.batch, (open.get(job.batch) ?? 0) - 1)
  }
  return {
    expect(submits) {
      for (const { batch, jobs } of submits) {
        images += jobs.length
        open.set(batch.name, (open.get(batch.name) ?? 0) + jobs.length)
      }
      left = images
    },
    begin(job, now) {
      if (job.deadlineSeconds > now) {
        job.begunSeconds = now
        return true
      }
      expired += 1
      settle(job)
      return undefined
    },
    done(job, now) {
      done += 1
      settle(job)
      const lane = lanes[job.lane]
      lane.waits.push(job.begunSeconds - job.sentSeconds)
      lane.doneSeconds = now
    },
    decided({ reason }, budget, now) {
      if (reason !== 'budget' && reason !== 'spent') return
      const life = budget ? budget.instanceHour * budget.lifetimeHours : 0
      const paid = budget && life > 0 ? Math.floor(budget.left / life + 1e-9) : 0
      held = {
        fromSeconds: held?.fromSeconds ?? now,
        toSeconds: now,
        paid: Math.max(0, Math.min(held?.paid ?? paid, paid)),
        spentSeconds: held?.spentSeconds ?? (reason === 'spent' ? now : undefined),
      }
    },
    alarmed: () => {
      alarmed += 1
    },
    samples,
    over: () => [...open].filter(([, count]) => count === 0).map(([batch]) => batch),
    isOver: () => left === 0,
    result(group, now) {
      const { steps, started, taken, instanceSeconds } = group.figures()
      const most = steps.reduce((before, { instances }) => Math.max(before, instances), 0)
      const hours = instanceSeconds / HOUR_SECONDS
      return {
        ...{ images, done, expired, left },
        doneSeconds: Math.max(...LANES.map((lane) => lanes[lane].doneSeconds)),
        endSeconds: now,
        lanes: LANES.flatMap((lane) => laneResult(lane, lanes[lane])),
        instances: { most, allowed, started, taken, alarmed, hours },
        ...(held && { held }),
        timeline: timelineOf(samples.all(), steps, now),
      }
    },
  }
}

const laneRecord = (): LaneRecord => ({ waits: [], doneSeconds: 0 })

function laneResult(lane: Lane, { waits, doneSeconds }: LaneRecord): SimulatedLane[] {
  if (waits.length === 0) return []
  const sorted = Float64Array.from(waits).sort()
  // Nearest rank: of that share of the images it is true that they waited no longer.
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return [{ lane, images: waits.length, wait: { p50: at(0.5), p95: at(0.95), most: at(1) }, doneSeconds }]
}

import type { SimulatedBatch } from './options.ts'
import type { Job } from './worker.ts'

/** The shortest time between two submits of images that come one after another. */
const SUBMIT_SECONDS = 60
const HOUR_SECONDS = 3600

/** What one submit sends. */
export interface Submit {
  readonly batch: SimulatedBatch
  readonly atSeconds: number
  readonly jobs: readonly SimulatedJob[]
}

export interface SimulatedJob extends Job {
  readonly batch: string
  readonly deadlineSeconds: number
  /** Whether all of its shard is there. */
  readonly shard: Shard
  sentSeconds: number
  begunSeconds: number
}

/** Images that one barrier message is for. */
export interface Shard {
  readonly items: number
  readonly createdSeconds: number
  readonly deadlineSeconds: number
  arrived: number
}

/** All submits of a batch, in the order of time. */
export function submitsOf(batch: SimulatedBatch, shardItems: number): Submit[] {
  const { images, perHour, startSeconds } = batch
  const everySeconds = perHour === undefined ? 0 : Math.max(SUBMIT_SECONDS, HOUR_SECONDS / perHour)
  const portion = perHour === undefined ? images.length : (perHour * everySeconds) / HOUR_SECONDS
  const submits: Submit[] = []
  for (let [from, count] = [0, 1]; from < images.length; count++) {
    // Parts of an image add up: 90 an hour are one, two, one, two.
    const to = Math.min(images.length, Math.max(from, Math.floor(portion * count + 1e-9)))
    const atSeconds = startSeconds + (count - 1) * everySeconds
    if (to > from) submits.push({ batch, atSeconds, jobs: jobsOf(batch, { from, to, atSeconds, shardItems }) })
    from = to
  }
  return submits
}

function jobsOf(
  { name, lane, images, deadlineSeconds }: SimulatedBatch,
  {
    from,
    to,
    atSeconds,
    shardItems,
  }: { readonly from: number; readonly to: number; readonly atSeconds: number; readonly shardItems: number },
): SimulatedJob[] {
  const until = atSeconds + deadlineSeconds
  const jobs: SimulatedJob[] = []
  for (let start = from; start < to; start += shardItems) {
    const part = images.slice(start, Math.min(to, start + shardItems))
    const shard: Shard = { items: part.length, createdSeconds: atSeconds, deadlineSeconds: until, arrived: 0 }
    for (const { predicted, src } of part) {
      const times = { deadlineSeconds: until, sentSeconds: atSeconds, begunSeconds: atSeconds }
      jobs.push({ predicted, src, ...times, batch: name, lane, shard })
    }
  }
  return jobs
}

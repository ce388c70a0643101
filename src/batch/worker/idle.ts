import type { Gauge } from '../queue.ts'

export interface IdleRule {
  /** Receives in a row that bring nothing, from every queue. @default 3 */
  readonly emptyPolls: number
  /** How long the gauges have to show empty queues, checked at both ends, in seconds. @default 30 */
  readonly emptySeconds: number
}

export const IDLE_RULE: IdleRule = { emptyPolls: 3, emptySeconds: 30 }

/** When the queues were first seen empty, in milliseconds since 1970; `undefined` while they are not. */
export type EmptySince = number | undefined

export interface IdleLook {
  readonly nowMs: number
  /** Of every queue, how many receives in a row have brought nothing. */
  readonly emptyPolls: readonly number[]
  /** Messages that this worker has. */
  readonly held: number
  /** Asked only when everything else looks idle. */
  readonly gauges: () => Promise<readonly Gauge[]>
}

/**
 * Whether a worker has nothing left to do. An empty receive does not mean an empty queue, nor does an empty gauge,
 * which is an estimate; both, repeated over time, are enough. Messages leased by others may come back, and count.
 */
export async function lookIdle(
  before: EmptySince,
  look: IdleLook,
  rule: IdleRule,
): Promise<{ readonly isIdle: boolean; readonly since: EmptySince }> {
  if (look.held > 0 || look.emptyPolls.some((polls) => polls < rule.emptyPolls))
    return { isIdle: false, since: undefined }
  const gauges = await look.gauges()
  const left = gauges.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0)
  if (left > 0) return { isIdle: false, since: undefined }
  const since = before ?? look.nowMs
  return { isIdle: before !== undefined && look.nowMs - since >= rule.emptySeconds * 1000, since }
}

export interface IdleRule {
  /** Receives in a row that bring nothing, from every queue. @default 3 */
  readonly emptyPolls: number
  /** How long the gauges have to show empty queues, checked at both ends, in seconds. @default 30 */
  readonly emptySeconds: number
}

export const IDLE_RULE: IdleRule = { emptyPolls: 3, emptySeconds: 30 }

/** How long a receive waits, in seconds: the maximum of SQS; polling a folder is free. */
export const WAIT_SECONDS = { sqs: 20, folder: 2 } as const

/** Between two looks whether there is nothing left to do. */
export const IDLE_LOOK_SECONDS = 5

/** When the queues were first seen empty, in milliseconds since 1970; `undefined` while they are not. */
export type EmptySince = number | undefined

/** What a worker knows by itself. */
export interface OwnLook {
  readonly nowMs: number
  /** Of every queue, how many receives in a row have brought nothing. */
  readonly emptyPolls: readonly number[]
  /** Messages that this worker has. */
  readonly held: number
}

/** As of a queue's gauge. */
interface Content {
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
}

export interface IdleLook extends OwnLook {
  /** Asked only when everything else looks idle. */
  readonly gauges: () => Promise<readonly Content[]>
}

export interface Idleness {
  readonly isIdle: boolean
  readonly since: EmptySince
}

const BUSY: Idleness = { isIdle: false, since: undefined }

/**
 * Whether a worker has nothing left to do. An empty receive does not mean an empty queue, nor does an empty gauge,
 * which is an estimate; both, repeated over time, are enough. Messages leased by others may come back, and count.
 */
export async function lookIdle(before: EmptySince, look: IdleLook, rule: IdleRule): Promise<Idleness> {
  return seemsIdle(look, rule) ? idleness(before, { ...look, gauges: await look.gauges() }, rule) : BUSY
}

/** Whether it is worth asking for the gauges. */
export function seemsIdle({ held, emptyPolls }: OwnLook, rule: IdleRule): boolean {
  return held === 0 && emptyPolls.every((polls) => polls >= rule.emptyPolls)
}

/** Once it {@link seemsIdle}: what the gauges add. */
export function idleness(
  before: EmptySince,
  { nowMs, gauges }: { readonly nowMs: number; readonly gauges: readonly Content[] },
  rule: IdleRule,
): Idleness {
  const left = gauges.reduce((sum, { visible, inFlight, delayed }) => sum + visible + inFlight + delayed, 0)
  if (left > 0) return BUSY
  const since = before ?? nowMs
  return { isIdle: before !== undefined && nowMs - since >= rule.emptySeconds * 1000, since }
}

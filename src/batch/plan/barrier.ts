/** The longest delay that SQS supports, in seconds. */
export const LONGEST_DELAY = 900

/** The shortest time between two checks by a barrier, in seconds. */
const LEAST_LOOK_SECONDS = 5

/** The longest where a check costs nothing, in folders of one machine, and somebody may wait for the worker to end. */
export const LOCAL_LOOK_SECONDS = 30

/** Barrier messages that a worker holds at once. */
export const BARRIERS_HELD = 10

/** Delay of the first barrier, in seconds: until the batch should be done, on as many instances as it will get. */
export function barrierDelay(
  coreSeconds: number,
  { slotsPerInstance, maxInstances }: { readonly slotsPerInstance: number; readonly maxInstances: number },
): number {
  const slots = Math.max(1, slotsPerInstance * maxInstances)
  return Math.ceil(Math.min(LONGEST_DELAY, Math.max(LEAST_LOOK_SECONDS, coreSeconds / slots)))
}

/** Seconds until a shard is to be looked at again; 0 when it is to be closed: all is there, or its time is over. */
export function secondsToLook(
  { createdAt, deadline }: { readonly createdAt: string; readonly deadline: string },
  { items, missing }: { readonly items: number; readonly missing: number },
  now: number,
): number {
  const leftSeconds = (Date.parse(deadline) - now) / 1000
  if (missing === 0 || leftSeconds <= 0) return 0
  const spentSeconds = Math.max(0, now - Date.parse(createdAt)) / 1000
  const arrived = items - missing
  // Before anything has arrived there is no rate: wait as long again as has passed so far.
  const expected = arrived === 0 ? spentSeconds : (spentSeconds * missing) / arrived
  const wait = Math.max(expected, LEAST_LOOK_SECONDS)
  return Math.ceil(Math.min(wait, Math.max(1, leftSeconds)))
}

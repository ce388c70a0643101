/** What a request was about when its time was up. */
export type Stage = 'connecting' | 'waiting' | 'receiving'

/** The time of one request, from its first step to the last byte of its answer. */
export interface Deadline {
  /** Fires when the time is up, and with the caller's signal. */
  readonly signal: AbortSignal
  readonly isOver: boolean
  readonly stage: Stage
  /** The answer has begun, and announces so many bytes. */
  answered(bytes: number): void
  /** To be called when all is done: no timer outlives its request. */
  end(): void
}

/** The slowest line that we wait for, in bytes per millisecond. */
const SLOWEST = 50

/**
 * Bounds a request as a whole. The SDK's own limits end with the headers of the answer, or see only silence: a byte now
 * and then would keep a run for ever.
 *
 * @param bytes of the bodies that are known beforehand; they get more time by their number, as does the answer's
 */
export function startDeadline(limitMs: number, bytes: number, caller: AbortSignal | undefined): Deadline {
  const startedAt = performance.now()
  const controller = new AbortController()
  let isOver = false
  let stage: Stage = 'waiting'
  const expire = (): void => {
    isOver = true
    controller.abort(new Error('the time of the request is up'))
  }
  const timerFor = (size: number): NodeJS.Timeout =>
    setTimeout(expire, startedAt + limitMs + Math.ceil(size / SLOWEST) - performance.now())
  let timer = timerFor(bytes)
  const follow = (): void => controller.abort(caller?.reason)
  if (caller?.aborted) follow()
  caller?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    get isOver() {
      return isOver
    },
    get stage() {
      return stage
    },
    answered(size) {
      stage = 'receiving'
      clearTimeout(timer)
      timer = timerFor(Math.max(bytes, size))
    },
    end() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', follow)
    },
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { LadingError } from '../../words/errors.ts'
import type { RetryEvent } from '../../words/events.ts'
import type { Key } from '../../words/model.ts'
import { abortedError, throwIfAborted } from '../abort.ts'
import type { Clock, Gate } from './gate.ts'
import type { Pace } from './pace.ts'

/** The upper bound of the first wait, in milliseconds; it doubles with every attempt. */
const BASE_MS = 200
/** The longest wait that we choose ourselves, in milliseconds. */
const CAP_MS = 20_000
/** The longest wait that a store may ask for, in milliseconds. */
const RETRY_AFTER_CAP_MS = 60_000

export interface RetryOptions {
  /** How often a call is tried again after its first failure. @default 4 */
  readonly retries?: number | undefined
  /** A number from 0 up to but not including 1. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Waits `ms`; rejects when the signal fires. @default a timer */
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined
  /** The clock that requests are paced by. @default the machine's */
  readonly clock?: Clock | undefined
  /** Told before every wait. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined
  /** Ends every wait, besides the signal of the call itself. */
  readonly signal?: AbortSignal | undefined
}

type Defined<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> }
export type Policy = Defined<Omit<RetryOptions, 'signal' | 'clock'>> &
  Pick<RetryOptions, 'signal'> & { readonly pacing?: Pacing }

/** What all calls to one store share, so that one that is refused slows the others down. */
export interface Pacing {
  readonly pace: Pace
  readonly gate: Gate
  now(): number
}

export function policyOf(options: RetryOptions): Policy {
  return {
    retries: options.retries ?? 4,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleep,
    onRetry: options.onRetry ?? (() => undefined),
    signal: options.signal,
  }
}

export interface Failed {
  readonly policy: Policy
  readonly key: Key
  readonly signal: AbortSignal | undefined
  /** How many attempts have failed by now. */
  readonly failures: number
  /** Attempts that may fail beyond the retries. @default 0 */
  readonly patience?: number
}

/** Waits for the next attempt, or throws the error when there is none. */
export async function waitAfter(
  error: unknown,
  { policy, key, signal, failures, patience = 0 }: Failed,
): Promise<void> {
  const { retries } = policy
  if (!(error instanceof LadingError && error.retryable) || failures > retries + patience) throw error
  throwIfAborted(signal)
  throwIfAborted(policy.signal)
  const chosen = policy.random() * Math.min(CAP_MS, BASE_MS * 2 ** (Math.min(failures, Math.max(1, retries)) - 1))
  const waitMs = Math.max(chosen, Math.min(error.retryAfterMs ?? 0, RETRY_AFTER_CAP_MS))
  policy.onRetry({ type: 'retry', key, attempt: failures + 1, reason: error.message, waitMs })
  await policy.sleep(waitMs, eitherOf(signal, policy.signal))
}

function eitherOf(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a && b ? AbortSignal.any([a, b]) : (a ?? b)
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch (error) {
    throw signal?.aborted ? abortedError(signal) : error
  }
}

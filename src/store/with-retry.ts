import { setTimeout as delay } from 'node:timers/promises'
import { LadingError } from '../errors.ts'
import type { RetryEvent } from '../events.ts'
import { compareKeys } from '../key-order.ts'
import type { HeaderSet, Key } from '../model.ts'
import { createGate, type Gate } from './gate.ts'
import { createPace, type Pace } from './pace.ts'
import type { ListedObject, ListOptions, Store, StoredObject, WriteCondition, WriteResult } from './store.ts'
import { abortedError, throwIfAborted } from './with-signal.ts'

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
  /** Told before every wait. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined
  /** Ends every wait, besides the signal of the call itself. */
  readonly signal?: AbortSignal | undefined
}

type Required<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> }
type Policy = Required<Omit<RetryOptions, 'signal'>> & Pick<RetryOptions, 'signal'> & { readonly pacing?: Pacing }

/** What all calls to one store share, so that one that is refused slows the others down. */
interface Pacing {
  readonly pace: Pace
  readonly gate: Gate
}

/**
 * Tries again what failed for a passing reason (`retryable`), with full-jitter exponential waits or, if longer, the
 * wait that the store asked for. It is the one layer that does so. What a store refuses as too much slows all calls down
 * to what it takes ({@link createPace}).
 *
 * A write that failed may have happened all the same. When its condition fails on a later attempt, the object is
 * looked at: if it is what we wanted to write, the earlier attempt has landed and the call resolves with `stored`.
 */
export function withRetry(store: Store, options: RetryOptions = {}): Store {
  const pace = createPace()
  const policy = { ...policyOf(options), pacing: { pace, gate: createGate(pace, now) } }

  const call = <T>(key: Key, signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> =>
    retrying(policy, { key, signal }, attempt)

  const write = async (key: Key, condition: WriteCondition | undefined, write: Write): Promise<WriteResult> => {
    let attempts = 0
    const { signal, isUrgent } = condition ?? {}
    const result = await retrying(policy, { key, signal, isUrgent }, () => {
      attempts += 1
      return write.attempt()
    })
    if (result.status === 'stored' || attempts === 1) return result
    const found = await call(key, signal, () => store.head(key, { signal }))
    return found && (await write.isOurs(found)) ? { status: 'stored', etag: found.etag } : result
  }

  return {
    ...store,
    get: (key, given) => call(key, given?.signal, () => store.get(key, given)),
    head: (key, given) => call(key, given?.signal, () => store.head(key, given)),
    put: (key, body, headers, condition) =>
      write(key, condition, {
        attempt: () => store.put(key, body, headers, condition),
        isOurs: async (found) => found.sha256 === body.sha256,
      }),
    copy: (from, to, given) =>
      write(to, given, {
        attempt: () => store.copy(from, to, given),
        isOurs: async (found) =>
          found.sha256 !== undefined &&
          (given?.headers === undefined || sameHeaders(store, found.headers, given.headers)) &&
          found.sha256 === (await call(from, given?.signal, () => store.head(from, { signal: given?.signal })))?.sha256,
      }),
    reheader: (key, headers, given) =>
      write(key, given, {
        attempt: () => store.reheader(key, headers, given),
        isOurs: async (found) =>
          sameHeaders(store, found.headers, headers) && (given?.sha256 === undefined || given.sha256 === found.sha256),
      }),
    list: (prefix, given) => listing(store, policy, { ...given, prefix }),
    remove: (keys, given) => call(keys[0] ?? '', given?.signal, () => store.remove(keys, given)),
    sweep: (given) => call(given?.prefix ?? '', given?.signal, () => store.sweep(given)),
  }
}

/** The same for anything else that may fail for a passing reason. `key` is what it is about, for events. */
export async function retried<T>(key: Key, options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  return retrying(policyOf(options), { key, signal: options.signal }, attempt)
}

function policyOf(options: RetryOptions): Policy {
  return {
    retries: options.retries ?? 4,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleep,
    onRetry: options.onRetry ?? (() => undefined),
    signal: options.signal,
  }
}

interface Write {
  attempt(): Promise<WriteResult>
  isOurs(found: StoredObject): Promise<boolean>
}

interface Tried {
  readonly key: Key
  readonly signal: AbortSignal | undefined
  /** See {@link WriteCondition}. */
  readonly isUrgent?: boolean | undefined
}

async function retrying<T>(policy: Policy, { key, signal, isUrgent }: Tried, attempt: () => Promise<T>): Promise<T> {
  const { pacing } = policy
  for (let failures = 1; ; failures++) {
    try {
      await pacing?.gate.pass(signal ?? policy.signal, isUrgent)
      const done = await attempt()
      pacing?.pace.delivered(now())
      return done
    } catch (error) {
      if (isThrottled(error)) pacing?.pace.refused(now(), error.retryAfterMs)
      await waitAfter(error, { policy, key, signal, failures })
    }
  }
}

const now = (): number => performance.now()

const isThrottled = (error: unknown): error is LadingError =>
  error instanceof LadingError && error.code === 'E_THROTTLED'

/**
 * A broken listing starts again (a store's page token may have died with the connection), behind what was already handed
 * on where the store can, else from its beginning: keys come in order, so what comes twice is left out. Every page that
 * arrives gives back the full number of attempts.
 */
async function* listing(
  store: Store,
  policy: Policy,
  { prefix, ...given }: ListOptions & { readonly prefix: string },
): AsyncGenerator<readonly ListedObject[], void> {
  const { signal } = given
  let last: Key | undefined
  for (let failures = 1; ; failures++) {
    try {
      await policy.pacing?.gate.pass(signal)
      for await (const page of store.list(prefix, { ...given, after: last ?? given.after })) {
        policy.pacing?.pace.delivered(now())
        const fresh = last === undefined ? page : after(page, last)
        if (fresh.length === 0) continue
        last = fresh.at(-1)?.key
        failures = 0
        yield fresh
      }
      return
    } catch (error) {
      // The page that came through set the count to 0; this failure is the first one since.
      failures = Math.max(failures, 1)
      if (isThrottled(error)) policy.pacing?.pace.refused(now(), error.retryAfterMs)
      await waitAfter(error, { policy, key: prefix, signal, failures })
    }
  }
}

function after(page: readonly ListedObject[], last: Key): readonly ListedObject[] {
  return page.filter(({ key }) => compareKeys(key, last) > 0)
}

interface Failed {
  readonly policy: Policy
  readonly key: Key
  readonly signal: AbortSignal | undefined
  /** How many attempts have failed by now. */
  readonly failures: number
}

/** Waits for the next attempt, or throws the error when there is none. */
async function waitAfter(error: unknown, { policy, key, signal, failures }: Failed): Promise<void> {
  if (!(error instanceof LadingError && error.retryable) || failures > policy.retries) throw error
  throwIfAborted(signal)
  throwIfAborted(policy.signal)
  const chosen = policy.random() * Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1))
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

/** Whether the store gave back what it was given, as far as it keeps it. */
function sameHeaders({ facts }: Store, found: HeaderSet, wanted: HeaderSet): boolean {
  const kept = Object.keys(wanted).filter((name) => !facts.forgets.includes(name))
  return kept.length === Object.keys(found).length && kept.every((name) => found[name] === wanted[name])
}

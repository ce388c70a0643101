import { LadingError } from '../../words/errors.ts'
import { sameHeaders } from '../../words/headers.ts'
import { compareKeys } from '../../words/key-order.ts'
import type { Key } from '../../words/model.ts'
import type { ListedObject, ListOptions, Store, StoredObject, WriteCondition, WriteResult } from '../store.ts'
import { createGate, SYSTEM_CLOCK } from './gate.ts'
import { createPace } from './pace.ts'
import { type Pacing, type Policy, policyOf, type RetryOptions, waitAfter } from './retry-policy.ts'

export type { RetryOptions } from './retry-policy.ts'

/** Extra attempts of a throttled call while the store accepts others. */
const PATIENCE = 8

/**
 * Retries what failed for a transient reason (`retryable`), with full-jitter exponential backoff or, if longer, the
 * store's Retry-After. No other layer retries. Throttling slows all calls down to what the store accepts
 * ({@link createPace}).
 *
 * A write that failed may have happened all the same. When its condition fails on a later attempt, the object is
 * looked at: if it is what we wanted to write, the earlier attempt has landed and the call resolves with `stored`.
 */
export function withRetry(store: Store, options: RetryOptions = {}): Store {
  const pace = createPace()
  const { clock = SYSTEM_CLOCK } = options
  const policy = { ...policyOf(options), pacing: { pace, gate: createGate(pace, clock), now: clock.now } }

  const call = <T>(key: Key, given: Asking | undefined, attempt: () => Promise<T>): Promise<T> =>
    retrying(policy, { key, signal: given?.signal, isUrgent: given?.isUrgent }, attempt)

  const write = async (key: Key, condition: WriteCondition | undefined, write: Write): Promise<WriteResult> => {
    let attempts = 0
    const result = await call(key, condition, () => {
      attempts += 1
      return write.attempt()
    })
    if (result.status === 'stored' || attempts === 1) return result
    // the HEAD of an urgent write is urgent too
    const found = await call(key, condition, () => store.head(key, { signal: condition?.signal }))
    return found && (await write.isOurs(found)) ? { status: 'stored', etag: found.etag } : result
  }

  return {
    ...store,
    get: (key, given) => call(key, given, () => store.get(key, given)),
    head: (key, given) => call(key, given, () => store.head(key, given)),
    put: (key, body, headers, condition) =>
      write(key, condition, {
        attempt: () => store.put(key, body, headers, condition),
        // under a name with their hash, others may have put the same bytes with other headers
        isOurs: async (found) =>
          found.sha256 === body.sha256 &&
          (!condition?.mayRepeat || sameHeaders(found.headers, headers, store.facts.forgets)),
      }),
    copy: (from, to, given) =>
      write(to, given, {
        attempt: () => store.copy(from, to, given),
        isOurs: async (found) =>
          found.sha256 !== undefined &&
          (given?.headers === undefined || sameHeaders(found.headers, given.headers, store.facts.forgets)) &&
          found.sha256 === (await call(from, given, () => store.head(from, { signal: given?.signal })))?.sha256,
      }),
    reheader: (key, headers, given) =>
      write(key, given, {
        attempt: () => store.reheader(key, headers, given),
        isOurs: async (found) =>
          sameHeaders(found.headers, headers, store.facts.forgets) &&
          (given?.sha256 === undefined || given.sha256 === found.sha256),
      }),
    ...(store.folders && {
      folders: (prefix, given) => call(prefix, given, async () => store.folders?.(prefix, given) ?? []),
    }),
    list: (prefix, given) => listing(store, policy, { ...given, prefix }),
    remove: (keys, given) => call(keys[0] ?? '', given, () => store.remove(keys, given)),
    sweep: (given) => call(given?.prefix ?? '', given, () => store.sweep(given)),
  }
}

/** The same for anything else that may fail for a transient reason. `key` is what it is about, for events. */
export async function retried<T>(key: Key, options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  return retrying(policyOf(options), { key, signal: options.signal }, attempt)
}

interface Write {
  attempt(): Promise<WriteResult>
  isOurs(found: StoredObject): Promise<boolean>
}

type Asking = Pick<WriteCondition, 'signal' | 'isUrgent'>

interface Tried {
  readonly key: Key
  readonly signal: AbortSignal | undefined
  /** See {@link WriteCondition}. */
  readonly isUrgent?: boolean | undefined
}

async function retrying<T>(policy: Policy, { key, signal, isUrgent }: Tried, attempt: () => Promise<T>): Promise<T> {
  const { pacing } = policy
  let leftMs = 0
  for (let failures = 1; ; failures++) {
    try {
      await pacing?.gate.pass(signal ?? policy.signal, isUrgent)
      leftMs = pacing?.now() ?? 0
      const done = await attempt()
      pacing?.pace.delivered(pacing.now(), leftMs)
      return done
    } catch (error) {
      noteRefusal(error, pacing, leftMs)
      await waitAfter(error, { policy, key, signal, failures, patience: patienceWith(error, pacing) })
    }
  }
}

const isThrottled = (error: unknown): error is LadingError =>
  error instanceof LadingError && error.code === 'E_THROTTLED'

function noteRefusal(error: unknown, pacing: Pacing | undefined, leftMs: number): void {
  if (isThrottled(error)) pacing?.pace.refused(pacing.now(), leftMs, error)
}

/** Throttling says nothing against the call itself while the store accepts others: it was just one too many. */
function patienceWith(error: unknown, pacing: Pacing | undefined): number {
  return isThrottled(error) && pacing?.pace.isTaking(pacing.now()) ? PATIENCE : 0
}

/**
 * A broken listing starts again (a store's page token may have died with the connection), after the last key yielded
 * where the store can, else from its beginning: keys come in order, so repeated ones are dropped. Every page that
 * arrives resets the number of attempts.
 */
async function* listing(
  store: Store,
  policy: Policy,
  { prefix, ...given }: ListOptions & { readonly prefix: string },
): AsyncGenerator<readonly ListedObject[], void> {
  const { signal } = given
  const { pacing } = policy
  let last: Key | undefined
  let leftMs = 0
  for (let failures = 1; ; failures++) {
    try {
      await pacing?.gate.pass(signal)
      leftMs = pacing?.now() ?? 0
      for await (const page of store.list(prefix, { ...given, after: last ?? given.after })) {
        pacing?.pace.delivered(pacing.now(), leftMs)
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
      noteRefusal(error, pacing, leftMs)
      await waitAfter(error, { policy, key: prefix, signal, failures, patience: patienceWith(error, pacing) })
    }
  }
}

function after(page: readonly ListedObject[], last: Key): readonly ListedObject[] {
  return page.filter(({ key }) => compareKeys(key, last) > 0)
}

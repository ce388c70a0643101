import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { ListedObject, ListOptions, Store } from '../../../src/store/store.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { listInParts } from '../../../src/transfer/list-in-parts.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { bodyOf } from '../../contract/bodies.ts'
import { fixed, type Limiter, sliding } from '../store/throttled-store.ts'
import { clockOf, createWorld, seeded } from '../store/virtual-world.ts'

const PAGE = 10
const PAGES = 100
const LATENCY_MS = 50
const NAMES = Array.from({ length: PAGES * PAGE }, (_, index) => `k/${String(index).padStart(4, '0')}`)

/** What a listing through the true retries, gate and pace comes to, in virtual time, where pages are refused. */
async function listed(limiter: Limiter, read: (store: Store) => AsyncIterable<readonly ListedObject[]>) {
  const random = seeded(7)
  const world = createWorld()
  const memory = createMemoryStore({ pageSize: PAGE })
  for (const name of NAMES) await memory.put(name, bodyOf('x'), {})
  async function* list(prefix: string, options: ListOptions = {}): AsyncGenerator<readonly ListedObject[]> {
    for await (const page of memory.list(prefix, options)) {
      await new Promise<void>((resolve) => void world.at(LATENCY_MS / 2, resolve))
      const answer = limiter(world.now())
      await new Promise<void>((resolve) => void world.at(LATENCY_MS / 2, resolve, true))
      if (answer !== true) throw new LadingError('E_THROTTLED', 'slow down', { retryable: true, ...answer })
      yield page
    }
  }
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void world.at(ms, resolve, true))
  const bare = { ...memory, list, facts: { ...memory.facts, listPage: PAGE } }
  const store = withRetry(bare, { clock: clockOf(world, random), sleep, random })
  const reading = (async () => {
    const keys: string[] = []
    for await (const page of read(store)) keys.push(...page.map(({ key }) => key))
    return keys
  })()
  const outcome = reading.catch((error: unknown) => error)
  await world.run()
  return outcome
}

describe.each([2, 3, 5, 10, 20, 50])('a store that takes %i requests a second', (rate) => {
  it.each([
    ['of any second', () => sliding(() => rate)],
    ['of its own seconds', () => fixed(() => rate)],
  ])('%s is listed in parts, whole, as it is page by page', async (_, limiter) => {
    expect(await listed(limiter(), (store) => store.list(''))).toEqual(NAMES)
    expect(await listed(limiter(), (store) => listInParts(store, '', { expected: () => NAMES }))).toEqual(NAMES)
  })
})

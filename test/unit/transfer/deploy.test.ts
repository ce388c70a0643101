import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/index.ts'
import { conditionHolds } from '../../../src/store/condition.ts'
import { createSetting, LEASE_MS, published, type Setting, taken } from './setting.ts'

const ORDER = { counter: 'github:Deploy', number: 41 }
/** Between two looks at a deploy of somebody else, in milliseconds. */
const POLL_MS = 1000

/** A store that does not tell when an object was written. */
const withoutAges = (store: Store): Store => ({
  ...store,
  async get(key, options) {
    const found = await store.get(key, options)
    return found && { ...found, ageMs: undefined }
  },
})

describe('taking a deploy', () => {
  it('creates it and names what is about to be written', async () => {
    const { run, record } = createSetting()
    const { held, isStale } = await taken(run({ order: ORDER }).take(1, ['b', 'a']))
    expect({ isStale, seq: held.seq, inherited: held.inherited }).toEqual({ isStale: false, seq: 1, inherited: [] })
    expect(await record(1)).toEqual({
      seq: 1,
      phase: 'publish',
      epoch: 1,
      holder: expect.stringMatching(/^[0-9a-f]{24}$/),
      channel: 'production',
      order: ORDER,
      startedAt: '2026-06-30T12:00:00.000Z',
      renewals: 0,
      leaseMs: LEASE_MS,
      keys: ['a', 'b'],
      cdn: false,
    })
    held.settle()
  })

  it('makes one’s own announcement the deploy', async () => {
    const { run, record } = createSetting()
    const deployer = run()
    await deployer.announce(1)
    const announced = await record(1)
    expect(announced).toMatchObject({ phase: 'upload', keys: [], epoch: 1 })
    await deployer.announce(1)
    const { held, isStale } = await taken(deployer.take(1, ['a']))
    expect(isStale).toBe(false)
    expect(await record(1)).toMatchObject({ phase: 'publish', keys: ['a'], epoch: 1, holder: announced?.holder })
    held.settle()
  })

  it('does not wait for a run that only sends, and that run finds out', async () => {
    const setting = createSetting({ onSleep: ({ publish }) => publish(1) })
    const { run, record, waits } = setting
    const [first, second] = [run(), run()]
    await first.announce(1)
    await second.announce(1)
    const { held, isStale } = await taken(second.take(1, ['a']))
    expect(isStale).toBe(false)
    expect(waits).toEqual([])
    expect(await record(1)).toMatchObject({ phase: 'publish', epoch: 2 })
    expect((await setting.state.readPointer())?.pointer.fence).toBeUndefined()
    expect(await first.take(1, ['b'])).toBe('moved')
    expect(waits).toHaveLength(1)
    held.settle()
  })

  it('waits while another run holds it, says so at every look, and sees that it was published', async () => {
    let sleeps = 0
    const { run, waits, clock } = createSetting({
      onSleep: async ({ publish }) => {
        sleeps += 1
        if (sleeps === 3) await publish(1)
      },
    })
    const { held } = await taken(run({ channel: 'preview' }).take(1, ['a']))
    const started = clock.monotonicMs()
    expect(await run().take(1, ['b'])).toBe('moved')
    expect(waits.map(({ deploy, ageMs }) => [deploy.channel, ageMs])).toEqual([
      ['preview', 0],
      ['preview', POLL_MS],
      ['preview', 2 * POLL_MS],
    ])
    expect(clock.monotonicMs() - started).toBe(3 * POLL_MS)
    held.settle()
  })

  it('is given up when the time to wait is over, with the line that unlocks', async () => {
    const { run, waits, clock } = createSetting()
    const { held } = await taken(run({ order: ORDER }).take(1, ['a']))
    clock.advance(4000)
    await expect(run({ lockTimeoutMs: 5000 }).take(1, [])).rejects.toMatchObject({
      code: 'E_LOCKED',
      exitCode: 8,
      retryable: true,
      subject: 'memory.lading/',
      details: ['d1  channel production  github:Deploy #41  started 9.0 s ago, last sign of life 9.0 s ago'],
      hint: expect.stringMatching(/--lock-timeout .*lading unlock d1$/),
    })
    expect(waits).toHaveLength(5)
    await expect(run({ lockTimeoutMs: 0 }).take(1, [])).rejects.toMatchObject({ code: 'E_LOCKED' })
    expect(waits).toHaveLength(5)
    held.settle()
  })

  it('stops waiting when the run is told to stop', async () => {
    const stop = new AbortController()
    const reason = new Error('stopped by SIGTERM')
    const { run } = createSetting({ onSleep: async () => stop.abort(reason) })
    const { held } = await taken(run().take(1, ['a']))
    await expect(run({ signal: stop.signal }).take(1, [])).rejects.toBe(reason)
    held.settle()
  })
})

describe('taking over a deploy whose holder is silent', () => {
  /** A holder that takes a deploy and is never heard of again. */
  async function silentHolder({ run }: Setting, keys: readonly string[] = ['a', 'b']) {
    const { held } = await taken(run().take(1, keys))
    held.settle()
    return held
  }

  it('happens at once when its age at the store exceeds the lease and what a clock to the second may hide', async () => {
    const setting = createSetting()
    await silentHolder(setting)
    setting.clock.advance(LEASE_MS + 2000)
    const { held, isStale } = await taken(setting.run().take(1, ['c']))
    expect(isStale).toBe(true)
    expect(setting.waits).toEqual([])
    held.settle()
  })

  it('does not happen a moment earlier', async () => {
    const setting = createSetting()
    await silentHolder(setting)
    setting.clock.advance(LEASE_MS + 1999)
    await expect(setting.run({ lockTimeoutMs: 0 }).take(1, ['c'])).rejects.toMatchObject({ code: 'E_LOCKED' })
  })

  it('happens when nothing was seen to change for the lease, where the store tells no ages', async () => {
    const setting = createSetting({ wrap: withoutAges })
    await silentHolder(setting)
    setting.clock.advance(3_600_000)
    const { held } = await taken(setting.run().take(1, ['c']))
    expect(setting.waits).toHaveLength(LEASE_MS / POLL_MS)
    held.settle()
  })

  it('begins to count anew with each sign of life', async () => {
    let sleeps = 0
    const setting = createSetting({
      wrap: withoutAges,
      onSleep: async ({ state }) => {
        sleeps += 1
        const found = await state.deploys.read(1)
        if (sleeps === 20 && found) await state.deploys.replace({ ...found.deploy, renewals: 1 }, found.etag)
      },
    })
    await silentHolder(setting)
    const { held } = await taken(setting.run().take(1, ['c']))
    expect(setting.waits).toHaveLength(20 + LEASE_MS / POLL_MS)
    held.settle()
  })

  it('happens at once when the holder gave it up', async () => {
    const setting = createSetting()
    const { held: first } = await taken(setting.run().take(1, ['a']))
    await first.giveUp()
    expect(await setting.record(1)).toMatchObject({ holder: '', keys: ['a'] })
    const { held, isStale } = await taken(setting.run().take(1, ['b']))
    expect(isStale).toBe(true)
    expect(setting.waits).toEqual([])
    expect(await setting.record(1)).toMatchObject({ holder: expect.stringMatching(/./), epoch: 2 })
    held.settle()
  })

  it('inherits its keys and unites them with its own, from holder to holder', async () => {
    const setting = createSetting()
    await silentHolder(setting, ['a', 'b'])
    setting.clock.advance(LEASE_MS + 2000)
    const second = await taken(setting.run().take(1, ['b', 'c']))
    second.held.settle()
    expect(second.held.inherited).toEqual(['a', 'b'])
    setting.clock.advance(LEASE_MS + 2000)
    const third = await taken(setting.run().take(1, ['d']))
    third.held.settle()
    expect(third.held.inherited).toEqual(['a', 'b', 'c'])
    expect(await setting.record(1)).toMatchObject({ epoch: 3, keys: ['a', 'b', 'c', 'd'] })
  })

  it.each([
    ['before the first publish', 0],
    ['after others', 6],
  ])('raises the fence, so that the late holder cannot move the pointer: %s', async (_, live) => {
    const setting = createSetting()
    const { run, state, clock } = setting
    if (live > 0) await setting.publish(live)
    const late = await taken(run().take(live + 1, ['a']))
    late.held.settle()
    const before = await state.readPointer()
    clock.advance(LEASE_MS + 2000)
    const { held } = await taken(run().take(live + 1, ['b']))
    const fenced = await state.readPointer()
    expect(fenced?.pointer).toEqual({ ...(before?.pointer ?? fenced?.pointer), seq: live, fence: 1 })
    expect(await state.movePointer(published(live + 1), before?.etag)).toBeUndefined()
    expect(await state.movePointer(published(live + 1), fenced?.etag, held.guard)).toBeDefined()
    held.settle()
  })

  it('fails when the holder has published at the last moment', async () => {
    let isDue = false
    const setting: Setting = createSetting({
      wrap: (store) => ({
        ...store,
        async put(key, ...rest) {
          const result = await store.put(key, ...rest)
          if (isDue && key.includes('deploys/')) {
            isDue = false
            await setting.publish(1)
          }
          return result
        },
      }),
    })
    await silentHolder(setting)
    setting.clock.advance(LEASE_MS + 2000)
    isDue = true
    expect(await setting.run().take(1, ['c'])).toBe('moved')
    expect((await setting.state.readPointer())?.pointer).toMatchObject({ seq: 1, fence: 0 })
  })

  it('is done by one of two that try at the same time', async () => {
    const setting = createSetting()
    await silentHolder(setting)
    setting.clock.advance(LEASE_MS + 2000)
    const tries = [1, 2].map(async () => setting.run({ lockTimeoutMs: 3000 }).take(1, ['c']))
    const results = await Promise.allSettled(tries)
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'E_LOCKED' } })
    expect(await setting.record(1)).toMatchObject({ epoch: 2 })
    for (const result of results) {
      if (result.status === 'fulfilled' && result.value !== 'moved') result.value.held.settle()
    }
  })
})

describe('where a store does not hold writers apart', () => {
  const isAdvisory = (): boolean => true

  /** Conditions are looked at before the write, as adapters do there: two that look at once both find nothing. */
  const looking = (store: Store, meet: { looked(): Promise<void>; written(): Promise<void> }): Store => ({
    ...store,
    async put(key, body, headers, condition) {
      const current = (await store.head(key))?.etag
      if (!conditionHolds(condition, current)) return { status: 'precondition-failed' }
      if (key.includes('deploys/')) await meet.looked()
      const result = await store.put(key, body, headers, { ...condition, when: undefined })
      if (key.includes('deploys/')) await meet.written()
      return result
    },
  })
  const alone = { looked: async () => undefined, written: async () => undefined }

  /** Lets everybody pass once `count` have arrived. */
  function barrier(count: number): () => Promise<void> {
    let arrived = 0
    let open = (): void => {}
    const all = new Promise<void>((resolve) => {
      open = resolve
    })
    return () => {
      arrived += 1
      if (arrived >= count) open()
      return all
    }
  }

  it('one of two that both found nothing is overwritten, finds out, and waits for the other', async () => {
    const meet = { looked: barrier(2), written: barrier(2) }
    const setting: Setting = createSetting({
      wrap: (store) => looking(store, meet),
      onSleep: async ({ waits, publish, state }) => {
        if (waits.length === 3 && (await state.readPointer()) === undefined) await publish(1)
      },
    })
    const channels = ['first', 'second']
    const results = await Promise.all(
      channels.map((channel) => setting.run({ isAdvisory, channel }).take(1, [channel])),
    )
    const winner = channels[results.findIndex((result) => result !== 'moved')]
    expect(results.filter((result) => result === 'moved')).toHaveLength(1)
    expect(await setting.record(1)).toMatchObject({ channel: winner, keys: [winner], renewals: 0 })
    expect(new Set(setting.waits.map(({ deploy }) => deploy.channel))).toEqual(new Set([winner]))
    for (const result of results) if (result !== 'moved') result.held.settle()
  })

  it('a run alone waits only until it knows', async () => {
    const { run, clock } = createSetting({ wrap: (store) => looking(store, alone) })
    const started = clock.monotonicMs()
    const { held, isStale } = await taken(run({ isAdvisory }).take(1, ['a']))
    expect(isStale).toBe(false)
    expect(clock.monotonicMs() - started).toBe(1000)
    held.settle()
  })
})

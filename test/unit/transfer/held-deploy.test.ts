import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LadingError, type Store } from '../../../src/index.ts'
import type { HeldDeploy } from '../../../src/transfer/held-deploy.ts'
import { createSetting, LEASE_MS, type Setting, taken } from './setting.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const LOST = expect.objectContaining({ code: 'E_LOCK_LOST', exitCode: 8, subject: 'memory.lading/ d1' })

/** Time goes on for the holder's clocks and its timer, and what that begins is done. */
async function pass({ clock }: Setting, ms: number): Promise<void> {
  clock.advance(ms)
  await vi.advanceTimersByTimeAsync(ms)
  await new Promise(setImmediate)
}

/** A store that fails, or asks nobody, while it is told to. */
function failing(): { wrap: (store: Store) => Store; fail: (isDown: boolean) => void; puts: string[] } {
  let isDown = false
  const puts: string[] = []
  return {
    puts,
    fail: (now) => {
      isDown = now
    },
    wrap: (store) => ({
      ...store,
      async put(key, ...rest) {
        puts.push(key)
        if (isDown) throw new LadingError('E_UNREACHABLE', 'no route to the store', { retryable: true })
        return store.put(key, ...rest)
      },
    }),
  }
}

async function hold({ run }: Setting, keys: readonly string[] = ['a']): Promise<HeldDeploy> {
  return (await taken(run().take(1, keys))).held
}

/** Another run replaces the holder, as if it had been silent. */
async function takeAway({ state }: Setting): Promise<void> {
  const found = await state.deploys.read(1)
  if (found === undefined) throw new Error('there is no deploy')
  const { deploy, etag } = found
  await state.deploys.replace({ ...deploy, holder: 'another', epoch: deploy.epoch + 1 }, etag)
}

describe('a deploy that is held', () => {
  it('gives three signs of life in each lease, and is held as long as they arrive', async () => {
    const setting = createSetting()
    const held = await hold(setting)
    for (let count = 1; count <= 9; count++) {
      await pass(setting, LEASE_MS / 3)
      expect(await setting.record(1)).toMatchObject({ renewals: count, epoch: 1, keys: ['a'] })
      expect(held.guard).not.toThrow()
    }
    held.settle()
  })

  it('is lost when another run has replaced it: nothing more may be written, and what is under way is told', async () => {
    const setting = createSetting()
    const held = await hold(setting)
    await takeAway(setting)
    expect(held.guard).not.toThrow()
    await pass(setting, LEASE_MS / 3)
    expect(held.guard).toThrow(LOST)
    expect(held.signal.aborted).toBe(true)
    expect(held.signal.reason).toEqual(LOST)
    await expect(held.name(['b'])).rejects.toEqual(LOST)
    expect(await setting.record(1)).toMatchObject({ holder: 'another', keys: ['a'] })
    held.settle()
  })

  it('outlives signs of life that do not arrive, until the lease is over', async () => {
    const { wrap, fail } = failing()
    const setting = createSetting({ wrap })
    const held = await hold(setting)
    fail(true)
    await pass(setting, LEASE_MS - 1)
    expect(held.guard).not.toThrow()
    expect(held.signal.aborted).toBe(false)
    await pass(setting, 1)
    expect(held.guard).toThrow(LOST)
    held.settle()
  })

  it('goes on after signs of life that were lost, when the next one finds it untouched', async () => {
    const { wrap, fail } = failing()
    const setting = createSetting({ wrap })
    const held = await hold(setting)
    fail(true)
    await pass(setting, (2 * LEASE_MS) / 3)
    fail(false)
    await pass(setting, LEASE_MS / 3 - 1)
    await pass(setting, 1)
    expect(await setting.record(1)).toMatchObject({ renewals: 1 })
    await pass(setting, LEASE_MS / 3 - 1)
    expect(held.guard).not.toThrow()
    held.settle()
  })

  it('is over for a holder that was stopped, before it has written anything', async () => {
    const setting = createSetting()
    const held = await hold(setting)
    setting.clock.advance(LEASE_MS)
    expect(held.guard).toThrow(LOST)
    held.settle()
  })

  it('stops with the run', async () => {
    const stop = new AbortController()
    const { held } = await taken(createSetting().run({ signal: stop.signal }).take(1, []))
    const reason = new Error('stopped by SIGTERM')
    stop.abort(reason)
    expect(held.signal.reason).toBe(reason)
    held.settle()
  })
})

describe('more keys', () => {
  it('are named before they are written, beside those that were', async () => {
    const setting = createSetting()
    const held = await hold(setting, ['b'])
    await held.name(['c', 'a'])
    expect(await setting.record(1)).toMatchObject({ keys: ['a', 'b', 'c'], renewals: 1 })
    held.settle()
  })

  it('that are named already need no request', async () => {
    const { wrap, puts } = failing()
    const held = await hold(createSetting({ wrap }), ['a', 'b'])
    puts.length = 0
    await held.name(['b'])
    await held.name([])
    expect(puts).toEqual([])
    held.settle()
  })

  it('cannot be named by a holder that was replaced', async () => {
    const setting = createSetting()
    const held = await hold(setting)
    await takeAway(setting)
    await expect(held.name(['b'])).rejects.toEqual(LOST)
    expect(held.signal.aborted).toBe(true)
    held.settle()
  })

  it('that could not be named end the run with the store’s own failure', async () => {
    const { wrap, fail } = failing()
    const held = await hold(createSetting({ wrap }))
    fail(true)
    await expect(held.name(['b'])).rejects.toMatchObject({ code: 'E_UNREACHABLE' })
    held.settle()
  })

  it('and signs of life at the same time do not get into each other’s way', async () => {
    const setting = createSetting()
    const held = await hold(setting)
    const naming = Promise.all([held.name(['b']), held.name(['c'])])
    await pass(setting, LEASE_MS / 3)
    await naming
    expect(await setting.record(1)).toMatchObject({ keys: ['a', 'b', 'c'], renewals: 3 })
    expect(held.guard).not.toThrow()
    held.settle()
  })
})

describe('the end of holding', () => {
  it('is silent when the pointer has moved', async () => {
    const { wrap, puts } = failing()
    const setting = createSetting({ wrap })
    const held = await hold(setting)
    held.settle()
    puts.length = 0
    await pass(setting, 10 * LEASE_MS)
    expect(puts).toEqual([])
  })

  it('is said when it is given up, with the keys that nobody knows now', async () => {
    const setting = createSetting()
    const held = await hold(setting, ['a'])
    await held.giveUp()
    expect(await setting.record(1)).toMatchObject({ holder: '', phase: 'publish', keys: ['a'], renewals: 1 })
    await pass(setting, LEASE_MS)
    expect(await setting.record(1)).toMatchObject({ renewals: 1 })
  })

  it('fails for no reason, also where the store cannot be reached', async () => {
    const { wrap, fail } = failing()
    const held = await hold(createSetting({ wrap }))
    fail(true)
    await expect(held.giveUp()).resolves.toBeUndefined()
  })

  it('does not touch what another run holds by now', async () => {
    const setting = createSetting()
    const known = await hold(setting)
    await takeAway(setting)
    await pass(setting, LEASE_MS / 3)
    await known.giveUp()
    expect(await setting.record(1)).toMatchObject({ holder: 'another', epoch: 2 })
  })

  it('does not touch it either before it knows', async () => {
    const setting = createSetting()
    const held = await hold(setting)
    await takeAway(setting)
    await held.giveUp()
    expect(await setting.record(1)).toMatchObject({ holder: 'another', epoch: 2 })
  })
})

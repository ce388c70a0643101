import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../contract/bodies.ts'
import { open, PLAIN } from './setting.ts'

describe('a request that is held', () => {
  it('waits before the server acts, while others pass', async () => {
    const { rig, store } = await open()
    const hold = rig.holdAt({ op: 'PutObject', key: 'a' })
    const held = store.put('a', bodyOf('first'), PLAIN, { when: 'absent' })
    expect(await hold.reached).toMatchObject({ number: 1, key: 'a' })
    const other = await store.put('a', bodyOf('second'), PLAIN, { when: 'absent' })
    hold.release()
    expect([await held, other]).toMatchObject([{ status: 'precondition-failed' }, { status: 'stored' }])
  })

  it('waits after the server has acted, before the answer', async () => {
    const { rig, store } = await open()
    const hold = rig.holdAt(1, 'after')
    const held = store.put('a', bodyOf('first'), PLAIN, { when: 'absent' })
    await hold.reached
    const other = await store.put('a', bodyOf('second'), PLAIN, { when: 'absent' })
    hold.release()
    expect([await held, other]).toMatchObject([{ status: 'stored' }, { status: 'precondition-failed' }])
  })

  it('is the first that matches, and only that one', async () => {
    const { rig, store } = await open()
    const hold = rig.holdAt({ key: /^k/ })
    const held = store.put('k', bodyOf('x'), PLAIN)
    await hold.reached
    expect(await store.head('k')).toBeUndefined()
    hold.release()
    expect(await held).toMatchObject({ status: 'stored' })
  })

  it('does not wait when it was let go before it came', async () => {
    const { rig, store } = await open()
    rig.holdAt(1).release()
    expect(await store.put('a', bodyOf('x'), PLAIN)).toMatchObject({ status: 'stored' })
  })

  it('lets two clients take turns at every step', async () => {
    const { rig, store } = await open()
    const order: string[] = []
    const first = rig.holdAt({ key: 'first' })
    const second = rig.holdAt({ key: 'second' })
    const puts = ['first', 'second'].map(async (key) => {
      await store.put(key, bodyOf(key), PLAIN)
      order.push(key)
    })
    await Promise.all([first.reached, second.reached])
    second.release()
    await puts[1]
    first.release()
    await Promise.all(puts)
    expect(order).toEqual(['second', 'first'])
  })
})

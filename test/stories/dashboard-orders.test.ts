import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask, opened, order, overviewOf } from '../rig/dashboard-asking.ts'
import { dashboardWorld, type StartedDashboard } from '../rig/dashboard-world.ts'
import { eventually } from '../rig/eventually.ts'

describe('an order from the dashboard', () => {
  const stateOf = async (dashboard: StartedDashboard, instance: string) => {
    const { instances } = await overviewOf(dashboard)
    return instances.find((record: { instance: string }) => record.instance === instance)
  }
  const obeyed = async (dashboard: StartedDashboard, fields: object, text: string): Promise<void> => {
    const { status, body } = await ask(dashboard, order(fields))
    expect([status, JSON.parse(body)]).toEqual([200, { text }])
  }

  it('reaches a real worker, which pauses, goes on, and drains', async () => {
    const { dashboard } = await opened(async ({ worker }) => worker('w-1'))
    const is = (state: object) => eventually(async () => expect(await stateOf(dashboard, 'w-1')).toMatchObject(state))
    await is({ state: 'working' })
    await obeyed(dashboard, { verb: 'pause' }, 'pause told to 1 instance: w-1.')
    await is({ state: 'paused' })
    await obeyed(dashboard, { verb: 'resume', instance: 'w-1' }, 'resume told to 1 instance: w-1.')
    await is({ state: 'working' })
    await obeyed(dashboard, { verb: 'concurrency', slots: 3, instance: 'w-1' }, 'concurrency told to 1 instance: w-1.')
    await obeyed(dashboard, { verb: 'drain' }, 'drain told to 1 instance: w-1.')
    await is({ state: 'draining', reason: 'commanded' })
  })

  it('cancels a batch, once', async () => {
    const { dashboard } = await opened()
    await obeyed(
      dashboard,
      { verb: 'cancel', batch: 'secret-batch' },
      'the batch is marked as cancelled; no instance is there to be told, and the next one ends it.',
    )
    expect((await overviewOf(dashboard)).batches).toMatchObject([{ batch: 'secret-batch', isCancelled: true }])
  })

  it('sends the dead letters that it names once more, and no others', async () => {
    const letter = { v: 1, kind: 'image', batch: 'secret-batch', lane: 'bulk' }
    const { dashboard } = await opened(async ({ bury }) => {
      for (const item of ['0000-0000', '0000-0001', '0000-0002']) await bury({ ...letter, item })
    })
    const { letters } = JSON.parse((await ask(dashboard, { path: '/api/letters' })).body)
    const ids = letters.slice(0, 2).map(({ id }: { id: string }) => id)
    await obeyed(dashboard, { verb: 'redrive', ids }, '2 messages sent once more; 1 letter stays.')
    const counts = new Map((await overviewOf(dashboard)).queues.map((queue: { name: string }) => [queue.name, queue]))
    expect([counts.get('bulk'), counts.get('dead')]).toMatchObject([{ visible: 2 }, { visible: 1 }])
    const again = await ask(dashboard, order({ verb: 'redrive', ids }))
    expect([again.status, JSON.parse(again.body).error.message]).toEqual([409, 'no dead letter was sent'])
  })

  it('that fails says what, why and what to do', async () => {
    const { dashboard } = await opened()
    const { status, body } = await ask(dashboard, order({ verb: 'pause' }))
    expect(status).toBe(409)
    expect(JSON.parse(body).error).toMatchObject({
      code: 'E_BATCH',
      message: 'there is no instance to command',
      hint: 'Name one with --instance ID. Those that were here: lading batch control list --to store',
    })
  })

  it('is refused without a private key on this machine; the page says why, and no key is made', async () => {
    const world = dashboardWorld({ isKeyed: false })
    await world.batch('p', { items: 3 })
    const dashboard = await world.dashboard()
    expect(dashboard.err()).toContain('It is read only: there is no private key on this machine.\n')
    expect((await overviewOf(dashboard)).readOnly).toMatchObject({
      code: 'E_CONFIG',
      message: 'there is no private key on this machine',
      hint: expect.stringContaining('LADING_BATCH_KEY'),
    })
    for (const fields of [{ verb: 'stop' }, { verb: 'cancel', batch: 'p' }, { verb: 'redrive', ids: ['x'] }]) {
      const { status, body } = await ask(dashboard, order(fields))
      expect([status, JSON.parse(body).error.code]).toEqual([409, 'E_CONFIG'])
    }
    expect((await overviewOf(dashboard)).batches).toMatchObject([{ isCancelled: false }])
    expect(existsSync(join(world.cwd, 'home'))).toBe(false)
  })
})

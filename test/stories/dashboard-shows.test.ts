import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, opened, order, overviewOf, WATCH } from '../rig/dashboard-asking.ts'
import { dashboardWorld } from '../rig/dashboard-world.ts'
import { AWS_ID, AWS_SECRET, randomText } from '../rig/secrets.ts'
import { startStrictS3 } from '../rig/strict-s3.ts'

describe('the dashboard shows', () => {
  it('the batches as status does, the open ones first, with what failed and why', async () => {
    const hostile = '<img src=x onerror=alert(1)>.jpg'
    const { world, dashboard } = await opened(async ({ batch }) => {
      await batch('older', { items: 2, done: 2, isClosed: true, createdAt: '2026-01-01T00:00:00.000Z' })
      await batch('newer', { items: 4, done: 1, failed: ['it is torn'], path: () => hostile })
    })
    const { batches, place } = await overviewOf(dashboard)
    expect(place).toBe('store/')
    const names = batches.map(({ batch, isOpen }: { batch: string; isOpen: boolean }) => [batch, isOpen])
    expect(names).toEqual([...[expect.anything(), expect.anything()], ['older', false]])
    const [status] = (await world.run('batch', 'status', 'newer', '--to', 'store')).out.split('\n').slice(2)
    const newer = batches.find(({ batch }: { batch: string }) => batch === 'newer')
    expect(newer).toMatchObject({ items: 4, done: 1, failed: 1, isSent: true, isCancelled: false })
    expect(newer.line).toBe(status?.trim())
    const { body } = await ask(dashboard, { path: '/api/failures?batch=newer' })
    expect(JSON.parse(body)).toEqual({
      failures: [{ item: '0000-0001', path: hostile, code: 'E_IMAGE_CORRUPT', message: 'it is torn' }],
    })
    await world.batch('newer', { items: 4, done: 4 })
    const { batches: next } = await overviewOf(await world.dashboard())
    expect(next.find(({ batch }: { batch: string }) => batch === 'newer')).toMatchObject({
      closing: 'lading batch watch newer --to store',
    })
  })

  it('workers by their reports, queues, dead letters and the budget', async () => {
    const { dashboard } = await opened(async ({ instance, bury, put }) => {
      await instance('i-1', { state: 'working', reason: 'started', running: 2, waiting: 3, at: '2026-11-27T10:00:00Z' })
      await bury({ v: 1, kind: 'image', batch: 'secret-batch', item: '0000-0001', lane: 'std' }, 'nobody could')
      const account = { v: 1, budgets: { p: 3 }, goneHours: 10, hours: { 'i-1': 2 }, left: [], closed: 1 }
      await put('control/account.json', JSON.stringify(account))
    })
    const { instances, queues, spending, troubles } = await overviewOf(dashboard)
    expect(instances).toMatchObject([{ instance: 'i-1', state: 'working', running: 2, waiting: 3 }])
    expect(queues.map(({ name, visible }: { name: string; visible: number }) => [name, visible])).toEqual([
      ['hi', 0],
      ['std', 0],
      ['bulk', 0],
      ['assembly', 0],
      ['dead', 1],
    ])
    expect(spending).toEqual({ spent: expect.closeTo(12 * 0.064), cap: 4, budgets: [['p', 3]] })
    expect(troubles).toEqual([])
    const { letters } = JSON.parse((await ask(dashboard, { path: '/api/letters' })).body)
    expect(letters).toMatchObject([{ kind: 'image', item: '0000-0001', lane: 'std', reason: 'nobody could' }])
  })

  it('what it can when a part cannot be read, and says which', async () => {
    const { dashboard } = await opened(async ({ batch, put }) => {
      await batch('damaged', { items: 2 })
      await put('b/damaged/manifest.json', '{')
      await put('control/account.json', '[]')
    })
    const { batches, troubles } = await overviewOf(dashboard)
    expect(batches.map(({ batch }: { batch: string }) => batch)).toEqual(['secret-batch'])
    expect(troubles.map(({ what, code }: { what: string; code: string }) => [what, code]).sort()).toEqual([
      ['batch damaged', 'E_MANIFEST'],
      ['the account of the fleet', 'E_MANIFEST'],
    ])
  })

  it('what is in a bucket, by reading alone, and at the pace of its listings', async () => {
    const s3 = await startStrictS3({ bucket: 'images', maxKeys: 5 })
    onTestFinished(s3.close)
    const { accessKeyId, secretAccessKey, endpoint } = s3
    const world = dashboardWorld({
      to: `s3://images/x/?endpoint=${endpoint}&region=us-east-1`,
      env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    })
    for (const name of ['a', 'b', 'c'])
      await world.batch(name, { items: 7, done: 6, failed: ['torn'], isClosed: name !== 'a' })
    const mark = s3.mark()
    const dashboard = await world.dashboard()
    const { batches, place, troubles, pauseSeconds } = await overviewOf(dashboard)
    expect([place, troubles]).toEqual(['s3://images/x/', []])
    const seen = batches.map(({ batch, done, isOpen }: Record<string, unknown>) => [batch, done, isOpen])
    expect(seen.sort()).toEqual([
      ['a', 6, true],
      ['b', 6, false],
      ['c', 6, false],
    ])
    expect(pauseSeconds).toBe(2)
    const { body } = await ask(dashboard, { path: '/api/failures?batch=c' })
    expect(JSON.parse(body).failures).toMatchObject([{ item: '0000-0006', message: 'torn' }])
    expect(s3.since(mark)).toEqual([])
    expect(s3.violations).toEqual([])
  })

  it('nothing of a batch that is not there, and says so', async () => {
    const { dashboard } = await opened()
    for (const name of ['nobody', '', '../secret-batch']) {
      const { status, body } = await ask(dashboard, { path: `/api/failures?batch=${encodeURIComponent(name)}` })
      expect([name, status]).toEqual([name, 409])
      expect(JSON.parse(body).error).toMatchObject({ message: expect.any(String) })
    }
  })

  it('the failures that have come since, as soon as a look has counted them', async () => {
    const { world, dashboard } = await opened(({ batch }) => batch('p', { items: 4, failed: ['torn'] }))
    const failures = async (failed: number) =>
      JSON.parse((await ask(dashboard, { path: `/api/failures?batch=p&failed=${failed}` })).body).failures
    expect(await failures(1)).toHaveLength(1)
    await world.batch('p', { items: 4, failed: ['torn', 'torn as well'] })
    expect(await failures(2)).toHaveLength(2)
  })

  it('the beginning of a text that has no end', async () => {
    const { dashboard } = await opened(({ batch }) => batch('p', { items: 4, failed: ['x'.repeat(1_000_000)] }))
    const { body } = await ask(dashboard, { path: '/api/failures?batch=p' })
    const [{ message }] = JSON.parse(body).failures
    expect(message).toMatch(/^x+…$/)
    expect(message.length).toBeLessThan(5000)
  })

  it('no credential and no signed address, whoever wrote it where', async () => {
    const signature = randomText('signature', 64, '0123456789abcdef')
    const signed = `https://b.s3.amazonaws.com/x?X-Amz-Credential=${AWS_ID}%2F20261127&X-Amz-Signature=${signature}`
    const texts = [`key ${AWS_ID} and ${AWS_SECRET}`, `GET ${signed} failed`]
    const { dashboard } = await opened(
      async ({ batch, bury, instance, put }) => {
        await batch('leaky', { items: 4, failed: texts, path: (place) => `${texts[place % 2]}.jpg` })
        await instance('i-1', {
          state: 'working',
          reason: texts.join(),
          running: 0,
          waiting: 0,
          at: '2026-11-27T10:00:00Z',
        })
        for (const text of texts) await bury({ kind: text, batch: text, item: text, lane: text }, text)
        const budgets = Object.fromEntries(texts.map((text) => [text, 1]))
        await put('control/account.json', JSON.stringify({ v: 1, budgets, goneHours: 0, hours: {} }))
      },
      { env: { AWS_ACCESS_KEY_ID: AWS_ID, AWS_SECRET_ACCESS_KEY: AWS_SECRET } },
    )
    const answers = await Promise.all(
      [
        WATCH,
        { path: '/api/letters' },
        { path: '/api/failures?batch=leaky' },
        order({ verb: 'cancel', batch: AWS_ID }),
      ].map((asked) => ask(dashboard, asked)),
    )
    for (const { body } of answers) {
      expect(body.length).toBeGreaterThan(50)
      for (const secret of [AWS_ID, AWS_SECRET, signature, dashboard.token]) expect(body).not.toContain(secret)
    }
  })
})

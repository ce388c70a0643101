import { beforeEach, describe, expect, it } from 'vitest'
import { ACCOUNT_KEY, batchManifestKey, fleetKey } from '../../src/batch/plan/keys.ts'
import { parseTarget } from '../../src/config/target.ts'
import type { WorkerEvent } from '../../src/index.ts'
import { openStore } from '../../src/providers.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { INSTANCE, type Instance, startInstance } from '../rig/instance.ts'

let at: Instance
const work = (...args: Parameters<Instance['work']>): ReturnType<Instance['work']> => at.work(...args)

beforeEach(async () => {
  at = await startInstance()
})

const retired = () =>
  at.group.asked
    .filter(({ Action }) => Action === 'TerminateInstanceInAutoScalingGroup')
    .map(({ InstanceId, ShouldDecrementDesiredCapacity }) => ({ InstanceId, ShouldDecrementDesiredCapacity }))

describe('a worker on an instance', () => {
  it('is named as its instance is, and takes it out of the group when it is asked to end: nobody is to follow', async () => {
    const stats = await work({ drain: AbortSignal.abort() })
    expect(stats).toMatchObject({ instance: INSTANCE, state: 'draining' })
    expect(retired()).toEqual([{ InstanceId: INSTANCE, ShouldDecrementDesiredCapacity: 'true' }])
  })

  it('notes in the account of the fleet that it has left, before anybody else can lead', async () => {
    const store = await openStore(parseTarget('./store', at.cwd))
    const text = (value: object) => bytesBody(Buffer.from(JSON.stringify(value)))
    await store.put(batchManifestKey('a'), text({ v: 1 }), {})
    const account = { v: 1, budgets: { a: 1 }, goneHours: 0, hours: { [INSTANCE]: 0.5 } }
    await store.put(ACCOUNT_KEY, text(account), {})
    await work({ drain: AbortSignal.abort() })
    const written = JSON.parse(Buffer.from((await store.get(ACCOUNT_KEY))?.bytes ?? []).toString())
    expect(written).toMatchObject({ hours: {}, left: [INSTANCE], budgets: { a: 1 } })
    expect(written.goneHours).toBeGreaterThan(0.5)
    const note = JSON.parse(Buffer.from((await store.get(fleetKey(INSTANCE)))?.bytes ?? []).toString())
    expect(note).toMatchObject({ instance: INSTANCE, upSeconds: expect.any(Number) })
  })

  it.each([
    ['let it go', 'TerminateInstanceInAutoScalingGroup', ['leaving the group']],
    [
      'be looked at',
      'DescribeAutoScalingGroups',
      ['leading the fleet', 'leaving the account of the fleet', 'leaving the group'],
    ],
  ])('ends as well when the group does not %s, and tells what failed', async (_, action, failed) => {
    const troubles: string[] = []
    const onEvent = (event: WorkerEvent): void => {
      if (event.type === 'trouble') troubles.push(`${event.what}: ${event.error.code}`)
    }
    at.group.refuse(action)
    expect(await work({ drain: AbortSignal.abort(), onEvent })).toMatchObject({ state: 'draining' })
    expect(troubles).toEqual(failed.map((what) => `${what}: E_ACCESS_DENIED`))
  })

  it('leaves the group as it is when EC2 takes the instance away: somebody is to follow', async () => {
    at.metadata.set('spot/instance-action', '{"action":"terminate","time":"2026-11-23T01:02:00Z"}')
    expect(await work({})).toMatchObject({ state: 'draining', reason: 'interruption' })
    expect(retired()).toEqual([])
  })

  it('asks no metadata service where that is switched off, and is then a machine like any other', async () => {
    const stats = await work({ drain: AbortSignal.abort() }, { AWS_EC2_METADATA_DISABLED: 'true' })
    expect(stats.instance).toMatch(/^local-/)
    expect(at.metadata.requests).toEqual([])
    expect(retired()).toEqual([])
  })
})

import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createFolderQueue } from '../../src/batch/folder-queue.ts'
import { ACCOUNT_KEY, batchManifestKey, fleetKey, LEADER_KEY } from '../../src/batch/keys.ts'
import { parseTarget } from '../../src/config/target.ts'
import { openBatches, resolveBatch, type WorkerEvent, type WorkRequest } from '../../src/index.ts'
import { openStore } from '../../src/providers.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { type FakeAutoScaling, startAutoScaling } from '../rig/auto-scaling.ts'
import { type MetadataService, startMetadataService } from '../rig/metadata-service.ts'
import { temporaryFolder } from '../rig/sites.ts'

const INSTANCE = 'i-00000000000000001'

let group: FakeAutoScaling
let metadata: MetadataService
let cwd: string

beforeEach(async () => {
  const folder = await temporaryFolder()
  group = await startAutoScaling({ max: 3, desired: 1 })
  metadata = await startMetadataService()
  metadata.set('instance-id', INSTANCE)
  cwd = folder.path
  onTestFinished(async () => {
    await Promise.all([group.close(), metadata.close(), folder.remove()])
  })
})

/** A worker on an instance of the group, until it ends. */
async function work(request: WorkRequest, changes: Readonly<Record<string, string>> = {}) {
  const env = {
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL_AUTO_SCALING: group.url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
    LADING_BATCH_KEY: join(cwd, 'batch.key'),
    ...changes,
  }
  const options = resolveBatch({ to: './store' }, { group: group.group }, { cwd, env, sources: {} })
  return (await openBatches(options, { env })).work({ idleSeconds: 'never', slots: 1, ...request })
}

const retired = () =>
  group.asked
    .filter(({ Action }) => Action === 'TerminateInstanceInAutoScalingGroup')
    .map(({ InstanceId, ShouldDecrementDesiredCapacity }) => ({ InstanceId, ShouldDecrementDesiredCapacity }))

describe('a worker on an instance', () => {
  it('is named as its instance is, and takes it out of the group when it is asked to end: nobody is to follow', async () => {
    const stats = await work({ drain: AbortSignal.abort() })
    expect(stats).toMatchObject({ instance: INSTANCE, state: 'draining' })
    expect(retired()).toEqual([{ InstanceId: INSTANCE, ShouldDecrementDesiredCapacity: 'true' }])
  })

  it('stays for a barrier that is not due when it is the one that leads, and not otherwise', async () => {
    const assembly = createFolderQueue({ path: join(cwd, 'store/queues/assembly') })
    await assembly.send([{ body: 'not due', delaySeconds: 900 }])
    const end = new AbortController()
    const ended: string[] = []
    const begin = async (instance: string) => {
      const stats = await work({ instance, idleSeconds: 1, drain: end.signal })
      ended.push(instance)
      return stats
    }
    const both = [begin('i-1'), begin('i-2')]
    expect(await Promise.race(both)).toMatchObject({ reason: 'idle' })
    // By the time that another one has found itself idle, the one that leads would have as well.
    expect(await begin('i-3')).toMatchObject({ reason: 'idle' })
    expect(ended).toHaveLength(2)
    expect(await assembly.gauge()).toMatchObject({ delayed: 1 })
    const store = await openStore(parseTarget('./store', cwd))
    const { owner } = JSON.parse(Buffer.from((await store.get(LEADER_KEY))?.bytes ?? []).toString())
    expect(ended).not.toContain(owner)
    end.abort()
    expect((await Promise.all(both)).map(({ reason }) => reason).sort()).toEqual(['asked to end', 'idle'])
  }, 120_000)

  it('notes in the account of the fleet that it has left, before anybody else can lead', async () => {
    const store = await openStore(parseTarget('./store', cwd))
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
    group.refuse(action)
    expect(await work({ drain: AbortSignal.abort(), onEvent })).toMatchObject({ state: 'draining' })
    expect(troubles).toEqual(failed.map((what) => `${what}: E_ACCESS_DENIED`))
  })

  it('leaves the group as it is when EC2 takes the instance away: somebody is to follow', async () => {
    metadata.set('spot/instance-action', '{"action":"terminate","time":"2026-11-23T01:02:00Z"}')
    expect(await work({})).toMatchObject({ state: 'draining', reason: 'interruption' })
    expect(retired()).toEqual([])
  })

  it('asks no metadata service where that is switched off, and is then a machine like any other', async () => {
    const stats = await work({ drain: AbortSignal.abort() }, { AWS_EC2_METADATA_DISABLED: 'true' })
    expect(stats.instance).toMatch(/^local-/)
    expect(metadata.requests).toEqual([])
    expect(retired()).toEqual([])
  })
})

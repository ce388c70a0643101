import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEc2Fleet } from '../../src/batch/fleets/ec2.ts'
import { createLocalFleet } from '../../src/batch/fleets/local.ts'
import { openFleet } from '../../src/providers.ts'
import { type FakeAutoScaling, startAutoScaling } from '../rig/auto-scaling.ts'
import { eventually } from '../rig/eventually.ts'
import { fleetContract } from './fleet-contract.ts'

/** A worker that waits for its end. */
const WAITER = 'setInterval(() => undefined, 1000); console.log(process.argv[1])'

async function localBench() {
  const folder = await mkdtemp(join(tmpdir(), 'lading-fleet-'))
  const options = {
    folder: join(folder, 'fleet'),
    max: 3,
    command: (instance: string) => ({ file: process.execPath, args: ['-e', WAITER, instance] }),
  }
  const pids = async (): Promise<ReadonlyMap<string, number>> => {
    const notes = (await readdir(options.folder).catch(() => [])).filter((name) => name.endsWith('.json'))
    const read = await Promise.all(
      notes.sort().map(async (name) => JSON.parse(await readFile(join(options.folder, name), 'utf8'))),
    )
    return new Map(read.map(({ instance, pid }) => [instance, pid]))
  }
  const died = (pid: number) => eventually(() => expect(() => process.kill(pid, 0)).toThrow())
  const fleet = createLocalFleet(options)
  return {
    fleet,
    other: createLocalFleet(options),
    settle: async () => undefined,
    instances: async () => [...(await pids()).keys()],
    async kill(instance: string) {
      const pid = (await pids()).get(instance) ?? 0
      process.kill(pid, 'SIGKILL')
      await died(pid)
    },
    async close() {
      for (const pid of (await pids()).values()) {
        process.kill(pid, 'SIGKILL')
        await died(pid)
      }
      await rm(folder, { recursive: true })
    },
    folder: options.folder,
    pids,
    died,
  }
}

const ENV = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' }

const openEc2 = (
  cloud: FakeAutoScaling,
  more: { readonly max?: number; readonly group?: string; readonly retries?: number } = {},
) => createEc2Fleet({ group: cloud.group, endpoint: cloud.url, requestTimeoutMs: 5000, env: ENV, ...more })

async function ec2Bench() {
  const cloud = await startAutoScaling({ max: 3 })
  return {
    fleet: await openEc2(cloud),
    other: await openEc2(cloud),
    settle: async () => cloud.settle(),
    instances: async () => cloud.instances.map(({ id }) => id),
    kill: async (instance: string) => cloud.kill(instance),
    close: () => cloud.close(),
    cloud,
  }
}

fleetContract('processes of this machine', localBench)
fleetContract('an Auto Scaling group', ec2Bench)

describe('processes of this machine', () => {
  it('are asked to end when they retire, and their output is kept', async () => {
    const bench = await localBench()
    await bench.fleet.grow(1)
    const [[instance, pid] = ['', 0]] = await bench.pids()
    const log = join(bench.folder, `${instance}.log`)
    await eventually(async () => expect(await readFile(log, 'utf8')).toBe(`${instance}\n`))
    await bench.fleet.retire(instance)
    await bench.died(pid)
    expect(await bench.fleet.count()).toMatchObject({ inService: 0 })
    await bench.close()
  })

  it('say so when they cannot be started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lading-fleet-'))
    const fleet = createLocalFleet({ folder, max: 1, command: () => ({ file: join(folder, 'no-such'), args: [] }) })
    await expect(fleet.grow(1)).rejects.toMatchObject({ code: 'E_BATCH', subject: join(folder, 'no-such') })
    expect(await fleet.count()).toMatchObject({ inService: 0 })
    await rm(folder, { recursive: true })
  })
})

describe('an Auto Scaling group', () => {
  it('is kicked at once, without waiting for its cooldown, and not at all when it is large enough', async () => {
    const { fleet, cloud, close } = await ec2Bench()
    await fleet.grow(2)
    await fleet.grow(2)
    expect(
      cloud.asked.map(({ Action, DesiredCapacity, HonorCooldown }) => [Action, DesiredCapacity, HonorCooldown]),
    ).toEqual([
      ['DescribeAutoScalingGroups', undefined, undefined],
      ['SetDesiredCapacity', '2', 'false'],
      ['DescribeAutoScalingGroups', undefined, undefined],
    ])
    await close()
  })

  it('ends no instance that is not its own, though Auto Scaling would', async () => {
    const { fleet, cloud, close } = await ec2Bench()
    await fleet.grow(1)
    await fleet.retire('i-0000000000000beef')
    expect(cloud.asked.map(({ Action }) => Action)).not.toContain('TerminateInstanceInAutoScalingGroup')
    await close()
  })

  it('lets two retire the same instance at once', async () => {
    const { fleet, other, cloud, close } = await ec2Bench()
    await fleet.grow(2)
    const [first = ''] = cloud.instances.map(({ id }) => id)
    await Promise.all([fleet.retire(first), other.retire(first)])
    expect(await fleet.count()).toMatchObject({ desired: 1 })
    await close()
  })

  it('counts an instance that still boots as wished for, not as in service', async () => {
    const { fleet, close } = await ec2Bench()
    await fleet.grow(2)
    expect(await fleet.count()).toMatchObject({
      desired: 2,
      inService: 0,
      instances: [expect.any(String), expect.any(String)],
    })
    await close()
  })

  it('says how long an instance lives where its group has a tag for it', async () => {
    const cloud = await startAutoScaling({ max: 3, tags: { 'lading:lifetime-minutes': '90' } })
    const target = { kind: 'ec2', group: cloud.group } as const
    const env = { ...ENV, AWS_ENDPOINT_URL_AUTO_SCALING: cloud.url }
    expect(await (await openFleet(target, { env })).count()).toMatchObject({ lifetimeMinutes: 90 })
    expect(await (await openEc2(cloud)).count()).not.toHaveProperty('lifetimeMinutes')
    await cloud.close()
  })

  it('may be given a cap below its own', async () => {
    const { cloud, close } = await ec2Bench()
    expect(await (await openEc2(cloud, { max: 1 })).grow(3)).toMatchObject({ desired: 1, inService: 0, max: 1 })
    await close()
  })

  it.each([
    [403, 'AccessDenied', 'E_ACCESS_DENIED', false],
    [400, 'InvalidClientTokenId', 'E_CREDENTIALS', false],
    [400, 'ResourceContention', 'E_THROTTLED', true],
    [500, 'InternalFailure', 'E_FLEET', true],
    [400, 'ValidationError', 'E_FLEET', false],
  ])('says in our words what %i %s means', async (status, code, ours, retryable) => {
    const { cloud, close } = await ec2Bench()
    const fleet = await openEc2(cloud, { retries: 0 })
    cloud.fail(status, code)
    await expect(fleet.retire('i-1')).rejects.toMatchObject({ code: ours, retryable, subject: 'app-workers' })
    expect(cloud.asked).toHaveLength(1) // the SDK does not try again by itself
    await close()
  })

  it.each([
    [500, 'InternalFailure'],
    [400, 'Throttling'],
    [400, 'ResourceContention'],
  ])('is asked again after %i %s, which passes', async (status, code) => {
    const { fleet, cloud, close } = await ec2Bench()
    cloud.fail(status, code)
    expect(await fleet.grow(1)).toMatchObject({ desired: 1 })
    expect(cloud.asked.map(({ Action }) => Action)).toEqual([
      'DescribeAutoScalingGroups',
      'DescribeAutoScalingGroups',
      'SetDesiredCapacity',
    ])
    await close()
  })

  it('is asked again when its clock is another one: the next request allows for it', async () => {
    const cloud = await startAutoScaling({ max: 3, aheadMs: 3_600_000 })
    expect(await (await openEc2(cloud)).grow(1)).toMatchObject({ desired: 1 })
    expect(cloud.asked).toHaveLength(3)
    await cloud.close()
  })

  it('that is not there is an error of the configuration, and a closed door one of the network', async () => {
    const { cloud, close } = await ec2Bench()
    await expect((await openEc2(cloud, { group: 'others' })).count()).rejects.toMatchObject({ code: 'E_CONFIG' })
    await close()
    await expect((await openEc2(cloud)).count()).rejects.toMatchObject({ code: 'E_UNREACHABLE', retryable: true })
  })

  it('says which package it needs', async () => {
    const load = () => Promise.reject(new Error('Cannot find package'))
    await expect(createEc2Fleet({ group: 'g', requestTimeoutMs: 1, env: {}, load })).rejects.toMatchObject({
      code: 'E_MISSING_PACKAGE',
      hint: 'npm install --save-dev @aws-sdk/client-auto-scaling',
    })
  })
})

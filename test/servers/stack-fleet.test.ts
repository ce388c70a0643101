import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { homeOf, PROGRAMS, REQUIRED } from './server.ts'
import { createStackWorld, type StackWorld } from './stack-world.ts'

const moto = PROGRAMS.find(({ name }) => name === 'moto')

/** Long, for a machine that has other things to do; what is waited for comes within a minute or two. */
const LONG_MS = 300_000
const LOOK_MS = 50
/** How long a worker that has died keeps what it held, in seconds. */
const LEASE_SECONDS = 60

if (moto === undefined || (homeOf(moto) === undefined && !REQUIRED)) {
  it.skip('works batches off on a fleet in moto (not installed: scripts/servers.sh)')
} else {
  describe('a worker out of the bundle on each instance that moto reports', () => {
    let world: StackWorld
    beforeAll(async () => {
      world = await createStackWorld(moto)
    }, LONG_MS)
    afterAll(() => world?.close())

    it(
      'comes at a submit, works, leaves at a command, and the last one leaves when all is done',
      async () => {
        const { submit, balance } = batchOf(world, 'first', 12)
        expect(await world.group()).toMatchObject({ DesiredCapacity: 0, Instances: [] })
        const batch = await submit()
        expect(await world.group()).toMatchObject({ DesiredCapacity: 1 })
        await world.grow(2)
        await until('two workers', async () => (await world.written('control/fleet/')).size === 2)
        const [first, second] = world.instances.all

        await world.lading('control', 'drain', '--instance', first?.id ?? '')
        expect(await first?.ended).toBe(0)
        expect(first?.log()).toMatch(/draining: commanded\n(.*\n)*.* ended \(commanded\): \d+ images? done\.\n$/)
        // Nobody comes in its place.
        expect(await world.group()).toMatchObject({ DesiredCapacity: 1, Instances: [{ InstanceId: second?.id }] })

        await world.lading('watch', batch)
        await balance(batch)
        expect(second?.log()).toContain('draining: idle\n')
        expect(world.instances.all).toHaveLength(2)
        expect(await queuesOf(world)).toEqual({ hi: 0, std: 0, bulk: 0, assembly: 0, dead: 0 })
      },
      LONG_MS,
    )

    it(
      'that is taken away in the middle of its work loses nothing, and another goes on in its place',
      async () => {
        const { submit, balance } = batchOf(world, 'second', 10)
        const before = world.instances.all.length
        const batch = await submit()
        await until('an instance', async () => world.instances.all.length > before)
        const taken = world.instances.all[before]
        // Frozen, for it would be done with its work in the time that somebody here looks away.
        await until('work in all hands', async () => taken?.freeze() === availableParallelism())
        expect(await world.held('std')).toBeGreaterThan(0)
        // Frozen as well when it has heard the notice: images have a limit of time, and so has who is to be taken away.
        const heard = 'notice: interruption\n'
        taken?.freezeAt(heard)
        taken?.metadata.set('spot/instance-action', '{"action":"terminate","time":"2026-11-23T01:02:00Z"}')
        await until('the notice heard', async () => taken?.log().includes(heard) ?? false)
        await world.takeAway(taken?.id ?? '')
        expect(await taken?.ended).toBe('SIGKILL')
        expect(await world.held('std')).toBeGreaterThan(0)
        expect((await world.group()).DesiredCapacity).toBe(1)

        world.pass(LEASE_SECONDS)
        await world.lading('watch', batch)
        await balance(batch)
        // Whoever dies cannot take the queue of its commands away.
        const left = { [`ctl-${taken?.id}`]: 0 }
        expect(await queuesOf(world)).toEqual({ hi: 0, std: 0, bulk: 0, assembly: 0, dead: 0, ...left })
      },
      LONG_MS,
    )
  })
}

/** Photographs that take a while, and what has to be true of their batch when everybody has gone. */
function batchOf(world: StackWorld, name: string, count: number) {
  const paths = Array.from({ length: count }, (_, n) => `${String(n).padStart(2, '0')}.jpg`)
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  return {
    async submit(): Promise<string> {
      const folder = join(world.folder, name)
      mkdirSync(folder)
      for (const [n, path] of paths.entries()) {
        const size = { width: 1600 - n, height: 1200, channels: 3, background: '#345', noise } as const
        await sharp({ create: size }).blur(2).jpeg().toFile(join(folder, path))
      }
      return (await world.lading('submit', folder, '--group', world.groupName)).trim()
    },
    async balance(batch: string): Promise<void> {
      await until('nobody left', async () => {
        const { DesiredCapacity, Instances = [] } = await world.group()
        return DesiredCapacity === 0 && Instances.length === 0
      })
      for (const { ended } of world.instances.all) await ended

      // Every image has one receipt, and the batch closed once.
      const written = await world.written(`b/${batch}/`)
      const once = [...written].flatMap(([key, times]) => (times === 1 ? [key.slice(`b/${batch}/`.length)] : []))
      const receipts = paths.map((_, n) => `d/0000/0000-${String(n).padStart(4, '0')}.json`)
      expect(once).toEqual(
        expect.arrayContaining(['sent.json', 'result.json', 's/0000.json', 'told.json', ...receipts]),
      )
      expect([...written.keys()].filter((key) => /\/(f|crash)\//.test(key))).toEqual([])

      const { images, failures } = await world.images(batch)
      expect([Object.keys(images).sort(), failures]).toEqual([paths, {}])
      const variants = await world.written('v/')
      const named = Object.values(images).flatMap((image) => image.variants.map(({ key }) => key))
      expect(named.length).toBeGreaterThan(paths.length)
      expect(named.filter((key) => variants.get(key) !== 1)).toEqual([])
    },
  }
}

async function queuesOf(world: StackWorld): Promise<Readonly<Record<string, number>>> {
  await until('empty queues', async () => Object.values(await world.depths()).every((depth) => depth === 0))
  return world.depths()
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + LONG_MS; !(await condition()); await delay(LOOK_MS)) {
    if (performance.now() > end) throw new Error(`it did not come: ${what}`)
  }
}

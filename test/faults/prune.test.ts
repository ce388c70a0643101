import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import {
  type ErrorCode,
  type LadingConfig,
  LadingError,
  openStore,
  parseTarget,
  prune,
  type Store,
} from '../../src/index.ts'
import { MIRROR } from '../rig/project.ts'
import { keysOf, stateOf } from '../rig/published.ts'
import type { FaultName } from '../rig/s3-faults.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import { CASES, type Case, deployAll, eachAlone, OFFLOAD, site } from './prune-cases.ts'
import { createPruneWorld, type PruneWorld, type Rules } from './prune-world.ts'

const worlds: PruneWorld[] = []
afterEach(() => {
  for (const world of worlds.splice(0)) world.remove()
})

function worldOf(mode: LadingConfig, around?: (store: Store) => Store): PruneWorld {
  const world = createPruneWorld(mode, around)
  worlds.push(world)
  return world
}

const rulesOf = (one: Case): Rules => ({ keepReleases: 5, keepDays: 14, ...one.rules })

describe(`${CASES.length} cases of prune`, () => {
  it.each(CASES.map((one) => [one.name, one] as const))(
    '%s: what the memory of the deploys says goes',
    async (_, one) => {
      const world = worldOf(one.mode)
      const more = (await one.story(world)) ?? {}
      const rules = rulesOf(one)
      const expected = await world.expected(rules)
      expect([expected.keys.length, expected.contents.length]).toEqual(one.goes)

      const before = await stateOf(world.store)
      const planned = await world.prune({ ...rules, ...more, dryRun: true })
      const said = world.said.flatMap((event) => (event.type === 'file' ? [event.key] : []))
      expect(await stateOf(world.store)).toEqual(before)
      expect(said.sort()).toEqual(expected.keys)

      const { gone, removal } = await world.prune({ ...rules, ...more })
      expect(gone).toEqual(expected)
      expect(removal).toMatchObject({ removed: expected.keys.length, state: planned.removal.state })

      const after = await stateOf(world.store)
      const again = await world.prune({ ...rules, ...more })
      expect(again.removal).toMatchObject({ removed: 0, state: 0, kept: removal.kept })
      expect(await stateOf(world.store)).toEqual(after)
      expect((await keysOf(world.store)).filter((key) => key.includes('theirs'))).toEqual(
        Object.keys(before).filter((key) => key.includes('theirs')),
      )
    },
  )
})

/** Eight releases of long ago, of which the last one stays. */
async function muchToPrune(world: PruneWorld): Promise<readonly string[]> {
  const ids = await deployAll(world, eachAlone)
  world.days(20)
  return ids
}

const ONE: LadingConfig = { keepReleases: 1 }

describe('prune stops before it removes anything', () => {
  it('when more would go than may', async () => {
    const world = worldOf(OFFLOAD)
    await muchToPrune(world)
    const before = await stateOf(world.store)
    const refused = { code: 'E_MAX_DELETE', exitCode: 3 }
    for (const dryRun of [true, false]) {
      await expect(world.prune({ ...ONE, maxDelete: 6, dryRun })).rejects.toMatchObject(refused)
      await expect(world.prune({ ...ONE, maxDelete: '50%', dryRun })).rejects.toMatchObject(refused)
    }
    expect(await stateOf(world.store)).toEqual(before)
    expect((await world.prune({ ...ONE, maxDelete: 7 })).removal).toMatchObject({ removed: 7 })
  })

  it.each([
    ['of the live release', 7],
    ['of one that has to stay', 5],
  ])('when the record %s is lost', async (_which, lost) => {
    const world = worldOf(OFFLOAD)
    const ids = await muchToPrune(world)
    await world.store.remove([`.lading/releases/${ids[lost]}.json`])
    const before = await stateOf(world.store)
    const refused = { code: 'E_MANIFEST', exitCode: 7 }
    await expect(world.prune({ keepReleases: 5, cacheDir: 'another machine' })).rejects.toMatchObject(refused)
    expect(await stateOf(world.store)).toEqual(before)
  })

  it('when more releases are to stay than an earlier prune has left, and it says how many there are', async () => {
    const world = worldOf(OFFLOAD)
    await muchToPrune(world)
    await world.prune({ keepReleases: 3 })
    const refused = { code: 'E_MANIFEST', hint: expect.stringContaining('--keep-releases 3 ') }
    await expect(world.prune({ keepReleases: 4, cacheDir: 'another machine' })).rejects.toMatchObject(refused)
    expect((await world.prune({ keepReleases: 3, keepDays: 0, cacheDir: 'a third' })).removal.removed).toBe(0)
  })
})

describe('prune', () => {
  it('leaves what somebody else has put in the place of a file of ours', async () => {
    const world = worldOf(MIRROR)
    await deployAll(world, [site(['a', 'b']), site([])], 20)
    await world.lay('a.png', 'theirs')
    const { gone, removal } = await world.prune(ONE)
    expect([gone.keys, removal.removed]).toEqual([['b.png'], 1])
    expect(await world.text('a.png')).toBe('theirs')
    expect((await world.prune(ONE)).removal.removed).toBe(0)
  })

  it('says what could not be removed, keeps it on record, and goes on when run again', async () => {
    let isBroken = true
    const world = worldOf(OFFLOAD, (store) => ({
      ...store,
      async remove(keys, options) {
        const failing = keys.filter((key) => isBroken && key.startsWith('a/b.'))
        const failures = await store.remove(
          keys.filter((key) => !failing.includes(key)),
          options,
        )
        return [...failures, ...failing.map((key) => ({ key, reason: 'access denied' }))]
      },
    }))
    await muchToPrune(world)
    const expected = await world.expected({ keepReleases: 1, keepDays: 14 })
    const [failed = ''] = expected.keys.filter((key) => key.startsWith('a/b.'))
    const refused = { code: 'E_REMOVE', exitCode: 6, details: [`${failed}: access denied`] }
    await expect(world.prune(ONE)).rejects.toMatchObject(refused)
    const said = world.said.flatMap((event) => (event.type === 'file' ? [event.key] : []))
    expect(said.sort()).toEqual(expected.keys.filter((key) => key !== failed))
    isBroken = false
    expect((await world.prune(ONE)).gone.keys).toEqual([failed])
  })

  it.each([0, 1, 2, 3, 4, 5])('that was killed after %d of its writes goes on when run again', async (count) => {
    let left = Number.POSITIVE_INFINITY
    const world = worldOf(OFFLOAD, (store) => {
      const mortal =
        <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) =>
        async (...given: Given): Promise<T> => {
          if (left <= 0) throw new LadingError('E_ABORTED', 'killed')
          left -= 1
          return call(...given)
        }
      return { ...store, put: mortal(store.put), remove: mortal(store.remove) }
    })
    const ids = await muchToPrune(world)
    await world.deploy(site(['p']), { channel: 'preview' })
    await world.end('preview')
    world.days(20)
    const before = await world.keys()
    const expected = await world.expected({ keepReleases: 1, keepDays: 14 })
    left = count
    await expect(world.prune(ONE)).rejects.toMatchObject({ code: 'E_ABORTED' })
    left = Number.POSITIVE_INFINITY
    await world.prune({ ...ONE, cacheDir: 'another machine' })
    const there = new Set(await world.keys())
    expect(before.filter((key) => !there.has(key))).toEqual(expected.keys)
    expect((await keysOf(world.store, '.lading/releases/')).map((key) => key.slice(17, -5))).toEqual([ids.at(-1)])
    expect((await world.prune({ ...ONE, cacheDir: 'a third' })).removal).toMatchObject({ removed: 0, state: 0 })
  })
})

describe('a listing that goes wrong on the way', () => {
  /** Eight releases in a server that lists two objects at a time. */
  async function onServer(): Promise<{ world: PruneWorld; s3: StrictS3; ids: readonly string[] }> {
    const s3 = await startStrictS3({ bucket: 'pruned', maxKeys: 2 })
    onTestFinished(() => s3.close())
    const target = parseTarget(`s3://pruned/?region=us-east-1&endpoint=${encodeURIComponent(s3.endpoint)}`, '/')
    const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
    const store = await openStore(target, { env, retries: 0 })
    const world = worldOf(OFFLOAD, () => store)
    return { world, s3, ids: await muchToPrune(world) }
  }

  it.each<[FaultName, ErrorCode]>([
    ['html200', 'E_NOT_S3'],
    ['no-token', 'E_LISTING'],
    ['same-token', 'E_LISTING'],
    ['unordered', 'E_LISTING'],
    ['status:403', 'E_ACCESS_DENIED'],
  ])('%s: nothing is removed', async (fault, code) => {
    const { world, s3 } = await onServer()
    const mark = s3.mark()
    s3.fault({ at: { op: 'ListObjectsV2' }, do: fault, times: Number.POSITIVE_INFINITY })
    await expect(world.prune(ONE)).rejects.toMatchObject({ code })
    expect(s3.since(mark)).toEqual([])
  })

  it.each<FaultName>(['end-page', 'drop-page'])(
    '%s: what it did not show stays, and nothing that is needed goes',
    async (fault) => {
      const { world, s3, ids } = await onServer()
      const expected = await world.expected({ keepReleases: 2, keepDays: 14 })
      s3.fault({ at: { op: 'ListObjectsV2' }, do: fault, times: Number.POSITIVE_INFINITY })
      await prune(world.history({ keepReleases: 2 }), world.run)
      s3.clearFaults()
      expect((await world.keys()).filter((key) => expected.keys.includes(key))).toEqual([])
      expect(await world.prune({ keepReleases: 2 })).toMatchObject({ gone: { keys: [] }, removal: { removed: 0 } })
      expect(await world.back(ids[6] ?? '')).toBeTruthy()
    },
  )
})

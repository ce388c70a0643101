import { expect } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { MIRROR } from '../rig/project.ts'
import type { Files, PruneWorld, Rules } from './prune-world.ts'

export const OFFLOAD: LadingConfig = { url: 'https://cdn.example.com/', out: 'out' }

/** What happened before prune runs. */
export interface Case {
  readonly name: string
  readonly mode: LadingConfig
  /** @default 5 releases, 14 days */
  readonly rules?: Partial<Rules>
  /** How many keys of the site and how many contents have to go, so that a case cannot pass by doing nothing. */
  readonly goes: readonly [keys: number, contents: number]
  /** What happens before. @returns more options of the prune */
  readonly story: (world: PruneWorld) => Promise<LadingConfig | undefined>
}

/** A page with these images. */
export const site = (images: readonly string[], words = ''): Files => ({
  'index.html': `${images.map((image) => `<img src="${image}.png">`).join('')}${words}`,
  ...Object.fromEntries(images.map((image) => [`${image}.png`, `pixels of ${image}`])),
})

/** Deploys one after the other, some days apart. */
export async function deployAll(world: PruneWorld, trees: readonly Files[], days = 0): Promise<string[]> {
  const ids: string[] = []
  for (const tree of trees) {
    ids.push(await world.deploy(tree))
    world.days(days)
  }
  return ids
}

const letters = [...'abcdefgh']
export const eachAlone: readonly Files[] = letters.map((letter) => site([letter]))
const done = undefined

export const CASES: readonly Case[] = [
  { name: 'nothing was ever published', mode: MIRROR, goes: [0, 0], story: async () => done },
  {
    name: 'all that there is is live',
    mode: OFFLOAD,
    goes: [0, 0],
    async story(world) {
      await world.deploy(site(['a', 'b']))
      world.days(400)
      return done
    },
  },
  {
    name: 'an empty source, which the deploy before refuses',
    mode: MIRROR,
    goes: [0, 0],
    async story(world) {
      await world.deploy(site(['a', 'b']))
      await expect(world.deploy({})).rejects.toMatchObject({ code: 'E_ROOT_EMPTY' })
      world.days(400)
      return done
    },
  },
  {
    name: 'a wrong folder was deployed a moment ago',
    mode: MIRROR,
    goes: [0, 0],
    async story(world) {
      await world.deploy(site(['a', 'b', 'c']))
      world.days(400)
      await world.deploy({ 'other.txt': 'another folder' })
      return done
    },
  },
  {
    name: 'a wrong folder was deployed and mended, long ago',
    mode: MIRROR,
    rules: { keepReleases: 1 },
    goes: [1, 0],
    async story(world) {
      await world.deploy(site(['a', 'b', 'c']))
      await world.deploy({ 'other.txt': 'another folder' })
      world.days(1)
      await world.deploy(site(['a', 'b', 'c']))
      world.days(400)
      return done
    },
  },
  {
    name: 'foreign objects lie among ours',
    mode: MIRROR,
    rules: { keepReleases: 1 },
    goes: [1, 1],
    async story(world) {
      await world.lay('theirs.txt', 'theirs')
      await world.lay('a/theirs.png', 'theirs')
      await deployAll(world, [site(['a']), site(['b'])], 20)
      return done
    },
  },
  {
    name: 'foreign objects lie among hashed names',
    mode: OFFLOAD,
    rules: { keepReleases: 1 },
    goes: [1, 0],
    async story(world) {
      await world.lay('a/theirs.abcdefghijklmnop.png', 'theirs')
      await deployAll(world, [site(['a']), site(['b'])], 20)
      return done
    },
  },
  {
    name: 'five preview channels are older than production',
    mode: OFFLOAD,
    goes: [0, 0],
    async story(world) {
      for (const letter of letters.slice(0, 5)) await world.deploy(site([letter]), { channel: `preview-${letter}` })
      world.days(400)
      await deployAll(world, [site(['f']), site(['g'])])
      return done
    },
  },
  {
    name: 'of five old preview channels each has earlier releases',
    mode: OFFLOAD,
    rules: { keepReleases: 1 },
    goes: [5, 0],
    async story(world) {
      for (const letter of letters.slice(0, 5)) {
        await world.deploy(site([`${letter}-early`]), { channel: `preview-${letter}` })
        await world.deploy(site([letter]), { channel: `preview-${letter}` })
      }
      world.days(20)
      await world.deploy(site(['f']))
      return done
    },
  },
  {
    name: 'a channel was ended yesterday',
    mode: OFFLOAD,
    goes: [0, 0],
    async story(world) {
      await world.deploy(site(['a']), { channel: 'preview' })
      await world.deploy(site(['b']))
      world.days(400)
      await world.end('preview')
      world.days(1)
      return done
    },
  },
  {
    name: 'a channel was ended long ago',
    mode: OFFLOAD,
    goes: [1, 0],
    async story(world) {
      await world.deploy(site(['a']), { channel: 'preview' })
      await world.deploy(site(['b']))
      await world.end('preview')
      world.days(14)
      return done
    },
  },
  {
    name: 'an ended channel shares files with one that lives',
    mode: OFFLOAD,
    goes: [2, 0],
    async story(world) {
      await world.deploy(site(['a', 'b', 'c']), { channel: 'preview' })
      await world.deploy(site(['b']))
      await world.end('preview')
      world.days(14)
      return done
    },
  },
  {
    name: 'the only channel of a mirror was ended long ago',
    mode: MIRROR,
    goes: [3, 0],
    async story(world) {
      await world.deploy(site(['a', 'b']))
      await world.end('production')
      world.days(15)
      return done
    },
  },
  {
    name: 'eight releases of today',
    mode: OFFLOAD,
    goes: [0, 0],
    async story(world) {
      await deployAll(world, eachAlone)
      return done
    },
  },
  {
    name: 'eight releases of long ago, five of which stay',
    mode: OFFLOAD,
    goes: [3, 0],
    async story(world) {
      await deployAll(world, eachAlone)
      world.days(20)
      return done
    },
  },
  {
    name: 'eight releases a week apart, three of which stay by their number and none more by their age',
    mode: OFFLOAD,
    rules: { keepReleases: 3 },
    goes: [5, 0],
    async story(world) {
      await deployAll(world, eachAlone, 7)
      return done
    },
  },
  {
    name: 'only the live release is to stay, and no day of grace is given',
    mode: OFFLOAD,
    rules: { keepReleases: 1, keepDays: 0 },
    goes: [7, 0],
    async story(world) {
      await deployAll(world, eachAlone)
      return done
    },
  },
  {
    name: 'a file was last named just within the grace',
    mode: MIRROR,
    rules: { keepReleases: 1 },
    goes: [0, 1],
    async story(world) {
      await deployAll(world, [site(['a'])], 400)
      await world.deploy(site(['b']))
      world.days(13.99)
      return done
    },
  },
  {
    name: 'a file was last named just before the grace',
    mode: MIRROR,
    rules: { keepReleases: 1 },
    goes: [1, 1],
    async story(world) {
      await deployAll(world, [site(['a'])], 400)
      await world.deploy(site(['b']))
      world.days(14)
      return done
    },
  },
  {
    name: 'a file was named again meanwhile, and its time begins anew',
    mode: OFFLOAD,
    rules: { keepReleases: 1 },
    goes: [0, 0],
    async story(world) {
      await deployAll(world, [site(['a']), site([]), site(['a'])], 13)
      await world.deploy(site([]))
      world.days(13)
      return done
    },
  },
  {
    name: 'a rollback names files again that had no name for long',
    mode: OFFLOAD,
    rules: { keepReleases: 1 },
    goes: [1, 0],
    async story(world) {
      const [first = ''] = await deployAll(world, [site(['a']), site(['b'])], 20)
      await world.back(first)
      world.days(20)
      return done
    },
  },
  {
    name: 'as many go as may',
    mode: MIRROR,
    rules: { keepReleases: 1 },
    goes: [3, 1],
    async story(world) {
      await deployAll(world, [site(['a', 'b', 'c']), site([])], 20)
      return { maxDelete: 3 }
    },
  },
  {
    name: 'a share may go',
    mode: MIRROR,
    rules: { keepReleases: 1 },
    goes: [3, 1],
    async story(world) {
      await deployAll(world, [site(['a', 'b', 'c']), site([])], 20)
      return { maxDelete: '75%' }
    },
  },
  {
    name: 'a killed run has just left an orphan',
    mode: OFFLOAD,
    rules: { keepReleases: 1 },
    goes: [0, 0],
    async story(world) {
      await world.deploy(site(['a']))
      await world.lay('a/orphan.abcdefghijklmnop.png', 'orphan', { ours: true })
      world.days(13)
      return done
    },
  },
  {
    name: 'a killed run has left an orphan long ago',
    mode: OFFLOAD,
    goes: [1, 0],
    async story(world) {
      await world.deploy(site(['a']))
      await world.lay('a/orphan.abcdefghijklmnop.png', 'orphan', { ours: true })
      world.days(14)
      return done
    },
  },
  {
    name: 'an orphan of an hour ago, although no day of grace is given: its run may still be under way',
    mode: OFFLOAD,
    rules: { keepDays: 0 },
    goes: [0, 0],
    async story(world) {
      await world.deploy(site(['a']))
      await world.lay('a/orphan.abcdefghijklmnop.png', 'orphan', { ours: true })
      world.clock.pass(3_600_000)
      return done
    },
  },
  {
    name: 'an orphan of two days ago, when no day of grace is given',
    mode: OFFLOAD,
    rules: { keepDays: 0 },
    goes: [1, 0],
    async story(world) {
      await world.deploy(site(['a']))
      await world.lay('a/orphan.abcdefghijklmnop.png', 'orphan', { ours: true })
      world.days(2)
      return done
    },
  },
  {
    name: 'a record that nothing kept needs is lost',
    mode: OFFLOAD,
    rules: { keepReleases: 2 },
    goes: [2, 0],
    async story(world) {
      const [first] = await deployAll(world, eachAlone.slice(0, 4), 0)
      world.days(20)
      await world.store.remove([`.lading/releases/${first}.json`])
      return { cacheDir: 'another machine' }
    },
  },
  {
    name: 'a page has many versions',
    mode: MIRROR,
    rules: { keepReleases: 2 },
    goes: [0, 4],
    async story(world) {
      await deployAll(
        world,
        letters.slice(0, 6).map((words) => site(['a'], words)),
      )
      world.days(20)
      return done
    },
  },
  {
    name: 'a page that the site has lost can still be put back',
    mode: MIRROR,
    rules: { keepReleases: 2 },
    goes: [0, 0],
    async story(world) {
      await deployAll(world, [{ ...site(['a']), 'old.html': 'old' }, site(['a'])], 20)
      return done
    },
  },
  {
    name: 'a page that the site has lost can no longer be put back',
    mode: MIRROR,
    rules: { keepReleases: 1 },
    goes: [0, 1],
    async story(world) {
      await deployAll(world, [{ ...site(['a']), 'old.html': 'old' }, site(['a'])], 20)
      return done
    },
  },
  {
    name: 'two files had the same content, and one of them still needs it',
    mode: MIRROR,
    rules: { keepReleases: 2 },
    goes: [0, 0],
    async story(world) {
      await deployAll(world, [
        { 'index.html': 'i', 'one.txt': 'same', 'two.txt': 'same' },
        { 'index.html': 'i', 'one.txt': 'other', 'two.txt': 'same' },
        { 'index.html': 'i', 'one.txt': 'other', 'two.txt': 'other' },
      ])
      world.days(20)
      return done
    },
  },
  {
    name: 'something of everything',
    mode: OFFLOAD,
    rules: { keepReleases: 2, keepDays: 7 },
    goes: [5, 0],
    async story(world) {
      await world.deploy(site(['p', 'q']), { channel: 'preview' })
      await world.deploy(site(['r']), { channel: 'staging' })
      await deployAll(world, [site(['a', 'q']), site(['b']), site(['c'])], 3)
      await world.end('preview')
      await world.lay('a/orphan.abcdefghijklmnop.png', 'orphan', { ours: true })
      await world.lay('a/theirs.abcdefghijklmnop.png', 'theirs')
      world.days(8)
      await world.deploy(site(['d']))
      return done
    },
  },
]

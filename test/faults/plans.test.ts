import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LadingEvent } from '../../src/index.ts'
import type { Mutation } from '../rig/s3-journal.ts'
import { MODES, outOf, PREFIX } from './bench.ts'
import { createRandomBench, type RandomBench } from './random-bench.ts'
import { drawFrom, randomTree } from './random-trees.ts'

/**
 * Random trees follow one another. Each is planned, which must change nothing, and then deployed: what the server wrote
 * down of that is what the plan had said, no more and no less. Every second one is deployed by its saved plan; what was
 * carried out is stale, and changes nothing.
 */
const TREES = 200
/** A store is left behind after so many trees, so that first deploys are planned as well. */
const TREES_OF_A_STORE = 10
const SEED = process.env.LADING_PLANS_SEED ?? 'a plan'

const READS: ReadonlySet<string> = new Set(['GetObject', 'HeadObject', 'ListObjectsV2'])

/** `op key`, sorted; of what stays nothing is to be seen. */
type Lines = readonly string[]

const VISIBLE: ReadonlySet<string> = new Set(['add', 'change', 'adopt', 'headers', 'remove'])

function planned(events: readonly LadingEvent[]): Lines {
  return events
    .flatMap((event) => (event.type === 'file' && VISIBLE.has(event.op) ? [`${event.op} ${event.key}`] : []))
    .sort()
}

/** What became of each object of the site, by the server's own log. */
function happened(mutations: readonly Mutation[]): Lines {
  return mutations
    .filter(({ key }) => !key.startsWith(`${PREFIX}.lading/`))
    .map(({ key, before, after }) => `${kindOf(before, after)} ${key.slice(PREFIX.length)}`)
    .sort()
}

function kindOf(before: Mutation['before'], after: Mutation['after']): string {
  if (after === undefined) return 'remove'
  if (before === undefined) return 'add'
  return before.sha256 === after.sha256 ? 'headers' : 'change'
}

const pagesPlanned = (events: readonly LadingEvent[]): Lines =>
  events.flatMap((event) => (event.type === 'file' && event.op === 'page' ? [event.key] : [])).sort()

/** What names assets and stays at the origin. */
const EDITED = /\.(?:html|webmanifest)$/

/** Edited files of the output folder whose bytes are others than before. */
function pagesChanged(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Lines {
  return [...after]
    .filter(([path, content]) => EDITED.test(path) && before.get(path) !== content)
    .map(([path]) => path)
    .sort()
}

describe(`${TREES} random trees (seed "${SEED}")`, () => {
  describe.each(MODES.map((mode, index) => ({ mode, index })))('$mode', ({ mode, index }) => {
    let bench: RandomBench
    beforeAll(async () => {
      bench = await createRandomBench(mode)
    })
    afterAll(() => bench.close())

    const count = Math.floor((TREES + MODES.length - 1 - index) / MODES.length)
    it.each(Array.from({ length: count }, (_, at) => at))('tree %d does what its plan says', async (at) => {
      if (at % TREES_OF_A_STORE === 0) bench.clear()
      const tree = randomTree(drawFrom(`${SEED} ${mode} ${at}`))
      const [start, asked] = [bench.s3.mark(), bench.s3.requests.length]
      const plan = await bench.plan(tree)
      const [lines, pages] = [planned(bench.events), pagesPlanned(bench.events)]
      expect(bench.s3.since(start)).toEqual([])
      expect(bench.s3.requests.slice(asked).filter(({ op }) => !READS.has(op))).toEqual([])

      const before = outOf(bench.out)
      const isSaved = at % 2 === 1
      const summary = await (isSaved ? bench.deployPlanned(tree) : bench.deploy(tree))
      expect(happened(bench.s3.since(start))).toEqual(lines)
      expect(pagesChanged(before, outOf(bench.out))).toEqual(pages)
      expect(planned(bench.events)).toEqual(lines)
      const { added, changed, reheadered, expired, removed, bytes, published } = plan
      expect(summary).toMatchObject({
        added,
        changed,
        reheadered,
        expired,
        removed,
        bytes,
        published,
        pages: plan.pages,
      })
      expect(bench.s3.violations).toEqual([])

      if (!published) return
      const end = bench.s3.mark()
      await expect(bench.deployPlanned(tree)).rejects.toMatchObject({ code: 'E_PLAN_STALE' })
      expect(bench.s3.since(end)).toEqual([])
    })
  })
})

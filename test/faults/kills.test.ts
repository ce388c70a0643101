import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { resolveStore, verify } from '../../src/index.ts'
import {
  type Bench,
  createBench,
  MODES,
  type ModeName,
  objectsOf,
  outOf,
  PREFIX,
  type Saved,
  type Twin,
  twinOf,
} from './bench.ts'
import { hireCrew } from './deployer.ts'
import { TREES, type TreeName } from './trees.ts'

/**
 * A process is killed at a request of one of three deploys: before the server acts, after it has acted and before it
 * answers, or when the answer is out. Then what is live is crawled; then it is run again with the same tree, with the
 * one before and with a third one.
 */
const MOMENTS = ['before', 'after', 'answered'] as const
type Moment = (typeof MOMENTS)[number]

interface Case {
  readonly mode: ModeName
  /** Which deploy, from 0. */
  readonly deploy: number
  /** Which of its requests, from 1. */
  readonly request: number
  readonly moment: Moment
}

/** Longer than any lease, so that a dead holder is one; short enough for signatures. In milliseconds. */
const LATER_MS = 60_000
/** Cases of a run that is not asked for all of them. */
const SOME = 120
const WANTS_ALL = process.env.LADING_KILLS === 'all'
const SEED = process.env.LADING_KILLS_SEED ?? 'a seed'

const [FIRST, SECOND, THIRD, OTHER] = TREES
const DEPLOYS: readonly TreeName[] = [FIRST, SECOND, THIRD]

interface Stage {
  readonly bench: Bench
  /** The state before each deploy. */
  readonly before: readonly Saved[]
  readonly cases: readonly Case[]
  readonly twins: ReadonlyMap<TreeName, Twin>
}

const crew = hireCrew(2)
const stages = new Map<ModeName, Stage>()
for (const mode of MODES) stages.set(mode, await setUp(mode))
const all = MODES.flatMap((mode) => stages.get(mode)?.cases ?? [])
const chosen = WANTS_ALL ? all : [...all].sort(byDraw).slice(0, SOME)

afterAll(async () => {
  await crew.end()
  for (const { bench } of stages.values()) await bench.close()
})

/** Runs the three deploys unharmed, and counts their requests. */
async function setUp(mode: ModeName): Promise<Stage> {
  const bench = await createBench(mode)
  const before: Saved[] = []
  const cases: Case[] = []
  for (const [deploy, tree] of DEPLOYS.entries()) {
    before.push(bench.save())
    const earlier = bench.s3.requests.length
    await bench.deploy(tree)
    const count = bench.s3.requests.length - earlier
    for (let request = 1; request <= count; request++) {
      for (const moment of MOMENTS) cases.push({ mode, deploy, request, moment })
    }
  }
  const twins = new Map<TreeName, Twin>()
  for (const tree of TREES) twins.set(tree, await twinOf(mode, tree))
  return { bench, before, cases, twins }
}

function byDraw(a: Case, b: Case): number {
  const draw = (one: Case): string =>
    createHash('sha256')
      .update(`${SEED} ${JSON.stringify(one)}`)
      .digest('hex')
  return draw(a) < draw(b) ? -1 : 1
}

describe(`${chosen.length} of ${all.length} kills${WANTS_ALL ? '' : ` (seed "${SEED}")`}`, () => {
  it.each(chosen)('$mode, deploy $deploy, request $request, $moment', async ({ mode, deploy, request, moment }) => {
    const stage = stages.get(mode)
    const before = stage?.before[deploy]
    const tree = DEPLOYS[deploy]
    if (stage === undefined || before === undefined || tree === undefined) throw new Error('there is no such stage')
    const { bench } = stage
    bench.load(before)
    const live = bench.pages()
    const deployer = await crew.take()
    bench.s3.fault({ at: () => true, skip: request - 1, when: moment, do: { kill: deployer.child } })
    const ended = await deployer.run(bench.jobOf(tree))
    bench.s3.clearFaults()
    await deployer.end()
    // the last answer may have been read before the process died
    if (ended.signal !== 'SIGKILL') expect(ended.error).toBeUndefined()
    expect(bench.broken(live)).toEqual([])

    const dead = bench.save()
    const previous = DEPLOYS[deploy - 1] ?? OTHER
    for (const next of new Set([tree, previous, OTHER])) {
      bench.load(dead)
      bench.s3.setClockOffset(LATER_MS)
      await goesOn(stage, next)
    }
  })
})

async function goesOn({ bench, twins }: Stage, tree: TreeName): Promise<void> {
  const { s3 } = bench
  const start = { mark: s3.mark(), requests: s3.requests.length }
  await bench.deploy(tree)
  expect(bench.broken(bench.pages()), `then ${tree}`).toEqual([])
  expectNothingTwice(bench, start, tree)
  await expectTwin(bench, twins.get(tree), tree)

  const mark = s3.mark()
  expect(await bench.deploy(tree), `${tree} again`).toMatchObject({ published: false, bytes: 0 })
  expect(s3.since(mark), `${tree} again`).toEqual([])
  expect(s3.openUploads()).toBe(0)
  expect(s3.violations).toEqual([])
}

/** No bytes were sent of what lay there already. */
function expectNothingTwice({ s3 }: Bench, start: { mark: number; requests: number }, tree: TreeName): void {
  const isContent = (key: string): boolean =>
    !key.startsWith(`${PREFIX}.lading/`) || key.startsWith(`${PREFIX}.lading/blobs/`)
  const refused = s3.requests
    .slice(start.requests)
    .filter(({ op, key, status }) => op === 'PutObject' && isContent(key) && status === 412)
    .map(({ key }) => `${key}: sent, although it was there`)
  const same = s3
    .since(start.mark)
    .filter(({ op, key, before, after }) => op === 'PutObject' && isContent(key) && before?.sha256 === after?.sha256)
    .map(({ key }) => `${key}: replaced by itself`)
  expect([...refused, ...same], `then ${tree}`).toEqual([])
}

/** What is live is that tree, byte for byte and header for header, and a page leads to nothing else. */
async function expectTwin(bench: Bench, twin: Twin | undefined, tree: TreeName): Promise<void> {
  if (twin === undefined) throw new Error(`${tree} has no twin`)
  const found = await objectsOf(bench.store)
  for (const [key, expected] of twin.objects) expect(found.get(key), `${key} of ${tree}`).toEqual(expected)
  expect(outOf(join(bench.dir, 'out'))).toEqual(twin.out)
  const known = new Set([...[...twin.objects.keys()].map((key) => PREFIX + key), ...twin.out.keys()])
  expect(
    [...bench.reached()].filter((key) => !known.has(key)),
    `reachable after ${tree}`,
  ).toEqual([])
  const pages = [...found.keys()].filter((key) => key.endsWith('.html'))
  expect(pages.sort()).toEqual([...twin.objects.keys()].filter((key) => key.endsWith('.html')).sort())
  const { cwd, env, config } = bench.jobOf(tree)
  const drift: unknown[] = []
  const emit = (event: { readonly type: string }): void => void (event.type === 'drift' && drift.push(event))
  await verify({ ...resolveStore(config, { cwd, env }), download: true }, { env, emit })
  expect(drift, `verify after ${tree}`).toEqual([])
}

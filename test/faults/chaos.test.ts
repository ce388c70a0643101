import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, createBench, MODES, type ModeName, objectsOf, outOf, type Saved } from './bench.ts'
import { type Deployer, hireCrew } from './deployer.ts'

/**
 * Each request may be refused, cut off or lost, before the server acts or after it, by a draw that the seed alone
 * decides. With few retries some runs get through and some do not.
 */
const SEEDS = 20
/** Before the number of each seed; of a run that failed, the title says which one to give again. */
const PREFIX_OF_SEEDS = process.env.LADING_CHAOS_SEED ?? 'storm'
const RATE = 0.1
const RETRIES = 1

/** Longer than any lease, so that a run that ended is no holder; short enough for signatures. In milliseconds. */
const LATER_MS = 60_000

/** What is worth another attempt, by the exit codes: out of reach, incomplete, somebody else at work. */
const PASSING = [5, 6, 8]

interface Stage {
  readonly bench: Bench
  readonly start: Saved
  readonly twin: Content
}

interface Content {
  readonly objects: Awaited<ReturnType<typeof objectsOf>>
  readonly out: ReadonlyMap<string, string>
}

const seeds = Array.from({ length: SEEDS }, (_, index) => ({
  seed: `${PREFIX_OF_SEEDS}-${index}`,
  mode: MODES[index % MODES.length] ?? 'host',
}))

describe(`${SEEDS} deploys in a storm of ${100 * RATE} % of all requests`, () => {
  const stages = new Map<ModeName, Stage>()
  let deployer: Deployer
  let met = 0
  beforeAll(async () => {
    deployer = await hireCrew(0).take()
    for (const mode of MODES) stages.set(mode, await setUp(mode))
  })
  afterAll(async () => {
    await deployer.end()
    for (const { bench } of stages.values()) await bench.close()
  })

  it.each(seeds)('$seed, $mode', async ({ seed, mode }) => {
    const stage = stages.get(mode)
    if (stage === undefined) throw new Error('there is no such stage')
    const { bench, start, twin } = stage
    bench.load(start)
    const live = bench.pages()
    const chaos = bench.s3.chaos(seed, { rate: RATE })
    const { config, ...job } = bench.jobOf('two')
    const { summary, error } = await deployer.run({ ...job, config: { ...config, retries: RETRIES } })
    bench.s3.clearFaults()
    met += chaos.log.length
    if (summary === undefined) expect(PASSING, `${error?.code}: ${error?.message}`).toContain(error?.exit)
    else expect(await contentOf(bench)).toEqual(twin)
    expect(bench.broken(live)).toEqual([])

    // a run that ends says so, but that may have been lost as well
    bench.s3.setClockOffset(LATER_MS)
    expect(await deployer.run(bench.jobOf('two'))).toHaveProperty('summary')
    expect(await contentOf(bench)).toEqual(twin)
    expect(bench.broken(bench.pages())).toEqual([])
    const mark = bench.s3.mark()
    expect((await deployer.run(bench.jobOf('two'))).summary).toMatchObject({ published: false })
    expect(bench.s3.since(mark)).toEqual([])
    expect(bench.s3.openUploads()).toBe(0)
    expect(bench.s3.violations).toEqual([])
  })

  it('were no calm', () => {
    expect(met).toBeGreaterThan(SEEDS)
  })
})

async function setUp(mode: ModeName): Promise<Stage> {
  const bench = await createBench(mode)
  await bench.deploy('one')
  const start = bench.save()
  await bench.deploy('two')
  return { bench, start, twin: await contentOf(bench) }
}

async function contentOf({ store, dir }: Bench): Promise<Content> {
  return { objects: await objectsOf(store), out: outOf(join(dir, 'out')) }
}

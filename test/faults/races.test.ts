import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Bench, createBench, MODES, objectsOf, PREFIX, type Saved, type Twin, twinOf } from './bench.ts'
import { type Deployer, hireCrew } from './deployer.ts'
import { TREES, type TreeName } from './trees.ts'

/**
 * Two processes deploy two trees to one store at once. The first is held at a random one of its requests until the
 * second has gone as far as it can, or has waited for its turn; then it goes on.
 */
const RACES = 200
const SEED = process.env.LADING_RACES_SEED ?? 'a race'
const [FIRST, SECOND, THIRD] = TREES

const crew = hireCrew(2)
const benches: { bench: Bench; start: Saved; requests: number; twins: ReadonlyMap<TreeName, Twin> }[] = []
for (const mode of MODES) {
  const bench = await createBench(mode)
  await bench.deploy(FIRST)
  const start = bench.save()
  const before = bench.s3.requests.length
  await bench.deploy(SECOND)
  const twins = new Map<TreeName, Twin>()
  for (const tree of [SECOND, THIRD]) twins.set(tree, await twinOf(mode, tree))
  benches.push({ bench, start, requests: bench.s3.requests.length - before, twins })
}
const racers = [await crew.take(), await crew.take()] as const
afterAll(async () => {
  for (const racer of racers) await racer.end()
  await crew.end()
  for (const { bench } of benches) await bench.close()
})

function draw(race: number, what: string, below: number): number {
  return createHash('sha256').update(`${SEED} ${race} ${what}`).digest().readUInt32BE() % below
}

describe(`${RACES} races of two processes (seed "${SEED}")`, () => {
  it.each(Array.from({ length: RACES }, (_, race) => race))('race %d', async (race) => {
    const stage = benches[race % benches.length]
    if (stage === undefined) throw new Error('no bench')
    const { bench, start, requests, twins } = stage
    bench.load(start)
    const [one, two] = racers
    const [oneKeys, twoKeys] = [bench.s3.credentials('one'), bench.s3.credentials('two')]
    const mark = bench.s3.mark()
    let met = 0
    const at = 1 + draw(race, 'request', requests)
    const moment = draw(race, 'moment', 2) === 0 ? 'before' : 'after'
    const hold = bench.s3.holdAt((call) => call.client === 'one' && ++met === at, moment)
    const patience = draw(race, 'patience', 3) === 0 ? 0 : 20
    const running = one.run(jobOf(bench, SECOND, { keys: oneKeys, lockTimeoutSeconds: 20 }))
    await Promise.race([hold.reached, running])
    const second = two.run(jobOf(bench, THIRD, { keys: twoKeys, lockTimeoutSeconds: patience }), () => hold.release())
    const ended = await Promise.race([second, running])
    hold.release()
    const results = await Promise.all([running, second])
    expect(ended).toBeDefined()

    for (const { error } of results) if (error !== undefined) expect(error).toMatchObject({ code: 'E_LOCKED', exit: 8 })
    expect(results.filter(({ summary }) => summary !== undefined).length).toBeGreaterThan(0)
    expectOneAtATime(bench, mark)
    const live = liveTree(
      bench,
      results.map(({ summary }) => summary?.seq ?? 0),
    )
    const found = await objectsOf(bench.store)
    const twin = twins.get(live)
    for (const [key, object] of twin?.objects ?? []) expect(found.get(key), `${key} of ${live}`).toEqual(object)
    expect(bench.broken(bench.pages())).toEqual([])
    expect(bench.s3.violations).toEqual([])
  })
})

interface Runner {
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly lockTimeoutSeconds: number
}

function jobOf(bench: Bench, tree: TreeName, { keys, lockTimeoutSeconds }: Runner): Parameters<Deployer['run']>[0] {
  const { config, cwd } = bench.jobOf(tree)
  const env = { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey }
  // each has a machine of its own
  const own = { cacheDir: join('caches', tree), ...(config.out !== undefined && { out: join('outs', tree) }) }
  return { config: { ...config, ...own, lockTimeoutSeconds }, cwd, env, tells: ['wait'] }
}

/** Between the moment that one holds the deploy and its publish, the other changes nothing under a name that stays. */
function expectOneAtATime(bench: Bench, mark: number): void {
  let writer: string | undefined
  for (const { key, client } of bench.s3.since(mark)) {
    const path = key.slice(PREFIX.length)
    // whoever takes over raises its fence; only the writer's own publish ends its turn
    if (path === '.lading/pointer.json' && client === writer) writer = undefined
    if (path.startsWith('a/') || path.startsWith('.lading/')) continue
    expect(writer ?? client, `${path} is written while the other holds the deploy`).toBe(client)
    writer = client
  }
}

/** The tree of whoever published last. */
function liveTree(bench: Bench, [one = 0, two = 0]: readonly number[]): TreeName {
  expect(bench.s3.objects().has(`${PREFIX}.lading/pointer.json`)).toBe(true)
  return one > two ? SECOND : THIRD
}

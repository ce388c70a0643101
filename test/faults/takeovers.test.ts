import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Bench, createBench, objectsOf, PREFIX, type Saved, type Twin, twinOf } from './bench.ts'
import { type Crew, hireCrew } from './deployer.ts'
import { TREES } from './trees.ts'

/**
 * A process is stopped (SIGSTOP) at a request of its publish, for longer than its lease. Another one takes the deploy
 * over and publishes. Then the first goes on (SIGCONT): nothing of it may arrive under a name that stays.
 */
const TAKEOVERS = 50
const LEASE_MS = 1500
const SEED = process.env.LADING_TAKEOVERS_SEED ?? 'a stop'
const [FIRST, SECOND, THIRD] = TREES

const MODES = ['mirror', 'host'] as const

// Both at once, each with a store of its own: a takeover is mostly a wait for the end of the lease.
describe.concurrent.each(MODES)(`takeovers of a stopped process (seed "${SEED}"), as a %s`, (mode) => {
  let crew: Crew
  let stage: { bench: Bench; start: Saved; requests: number; twin: Twin }
  beforeAll(async () => {
    crew = hireCrew(2)
    const bench = await createBench(mode)
    await bench.deploy(FIRST)
    const start = bench.save()
    const before = bench.s3.requests.length
    await bench.deploy(SECOND)
    stage = { bench, start, requests: bench.s3.requests.length - before, twin: await twinOf(mode, THIRD) }
  })
  afterAll(async () => {
    await crew.end()
    await stage.bench.close()
  })

  const every = Array.from({ length: TAKEOVERS }, (_, index) => index)
  const own = every.filter((index) => index % MODES.length === MODES.indexOf(mode))
  it.sequential.for(own)('takeover %d', async (index, { expect }) => {
    const { bench, start, requests, twin } = stage
    bench.load(start)
    const sleeper = await crew.take()
    const { accessKeyId, secretAccessKey } = bench.s3.credentials('sleeper')
    const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    let met = 0
    const at = 1 + (createHash('sha256').update(`${SEED} ${index}`).digest().readUInt32BE() % requests)
    const when = index % 3 === 0 ? 'before' : 'after'
    bench.s3.fault({
      at: (call) => call.client === 'sleeper' && ++met === at,
      when,
      do: { kill: sleeper.child, signal: 'SIGSTOP' },
    })
    const job = bench.jobOf(SECOND)
    const sleeping = sleeper.run({
      ...job,
      env,
      leaseMs: LEASE_MS,
      config: { ...job.config, cacheDir: join('caches', 'sleeper') },
    })
    await Promise.race([stopped(bench), sleeping])
    // longer than its lease, by the clock of the store and by that of whoever waits
    await new Promise((resolve) => setTimeout(resolve, LEASE_MS + 100))
    bench.s3.setClockOffset(60_000)
    await bench.deploy(THIRD)
    const mark = bench.s3.mark()
    sleeper.child.kill('SIGCONT')
    const ended = await sleeping
    await sleeper.end()

    const late = bench.s3.since(mark).filter(({ client }) => client === 'sleeper')
    const hasPublished = ended.summary?.published === true
    if (hasPublished) {
      // it was stopped before it held anything, or after it had published: then it comes second, or came first
      expect(bench.broken(bench.pages())).toEqual([])
    } else {
      expect(ended.error).toMatchObject({ code: 'E_LOCK_LOST', exit: 8 })
      expect(late.filter(({ key }) => !isHarmless(key)).map(({ key }) => key)).toEqual([])
      const found = await objectsOf(bench.store)
      for (const [key, object] of twin.objects) expect(found.get(key), key).toEqual(object)
    }
    expect(bench.s3.violations).toEqual([])
  })
})

/** Created only, under a name that carries its content: no visitor and no later run reads it. */
function isHarmless(key: string): boolean {
  return /^(?:a\/|\.lading\/(?:blobs|manifests|releases)\/)/.test(key.slice(PREFIX.length))
}

async function stopped(bench: Bench): Promise<void> {
  const before = bench.s3.faulted.length
  while (bench.s3.faulted.length === before) await new Promise((resolve) => setTimeout(resolve, 5))
}

import { describe, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import type { FaultAction } from '../rig/s3-faults.ts'
import type { S3Call } from '../rig/s3-protocol.ts'
import { type Bench, createBench, PREFIX } from './bench.ts'
import { startSync } from './command.ts'
import { startBlackHole, startUnaccepting } from './dead-ends.ts'
import { startDeployer } from './deployer.ts'

/** What one request may take, in milliseconds: so long that what a busy machine takes besides is little of it. */
const LIMIT_MS = 10_000
/** Beyond the limit, and at most: what a process needs to give up, and to say so. */
const SLACK = 1.1

const asksForPointer = ({ op, key }: S3Call): boolean => op === 'GetObject' && key === `${PREFIX}.lading/pointer.json`
const sendsAnImage = ({ op, key }: S3Call): boolean => op === 'PutObject' && key.endsWith('.png')

interface Stall {
  readonly name: string
  readonly at: (call: S3Call) => boolean
  readonly fault: FaultAction
  /** How the message begins. */
  readonly stage: string
}

const AT_THE_STORE: readonly Stall[] = [
  { name: 'no answer', at: sendsAnImage, fault: 'stall', stage: 'no answer in time to s3:PutObject' },
  {
    name: 'the headers of an answer, then nothing',
    at: asksForPointer,
    fault: 'stall-body',
    stage: 'the answer did not end in time to s3:GetObject',
  },
  {
    name: 'one byte a second upwards',
    at: sendsAnImage,
    fault: { slow: 1, way: 'request' },
    stage: 'no answer in time to s3:PutObject',
  },
  {
    name: 'one byte a second downwards',
    at: asksForPointer,
    fault: { slow: 1, way: 'answer' },
    stage: 'the answer did not end in time to s3:GetObject',
  },
  {
    name: 'a connection of which the other half is gone',
    at: sendsAnImage,
    fault: 'half-open',
    stage: 'no answer in time to s3:PutObject',
  },
]

const BEFORE_IT = [
  ['a server that takes no connection', startUnaccepting, 'no answer in time to s3:GetObject'],
  ['a network that answers nothing', startBlackHole, 'no connection in time for s3:GetObject'],
] as const

/** A store with the first tree on it. */
async function begun(): Promise<Bench> {
  const bench = await createBench('host')
  await bench.deploy('one')
  return bench
}

const configOf = (bench: Bench, more: LadingConfig = {}): LadingConfig => ({
  ...bench.configOf('two'),
  requestTimeoutMs: LIMIT_MS,
  retries: 0,
  ...more,
})

// All at once, each with a store of its own: they only wait.
describe.concurrent(`${AT_THE_STORE.length + BEFORE_IT.length} stalls end within ${SLACK} of their limit`, () => {
  it.for(AT_THE_STORE)('$name', async ({ at, fault, stage }, { expect, onTestFinished }) => {
    const bench = await begun()
    onTestFinished(() => bench.close())
    const live = bench.pages()
    const mark = bench.s3.mark()
    let arrivedAt = Number.NaN
    const isFirst = (call: S3Call): boolean => {
      const isIt = Number.isNaN(arrivedAt) && at(call)
      if (isIt) arrivedAt = performance.now()
      return isIt
    }
    bench.s3.fault({ at: isFirst, do: fault })
    const { code, last } = await startSync({ ...bench.jobOf('two'), config: configOf(bench) }).ended
    expect((performance.now() - arrivedAt) / LIMIT_MS).toBeLessThan(SLACK)
    bench.s3.clearFaults()
    expect(code).toBe(5)
    expect(last).toMatchObject({ type: 'error', code: 'E_TIMEOUT' })
    expect([last.message, ...(last.details ?? [])].join('\n')).toContain(stage)
    expect(bench.s3.since(mark).map(({ key }) => key)).not.toContain(`${PREFIX}.lading/pointer.json`)
    expect(bench.broken(live)).toEqual([])
  })

  it.for(BEFORE_IT)('%s', async ([, begin, stage], { expect, onTestFinished }) => {
    const bench = await begun()
    onTestFinished(() => bench.close())
    const deployer = await startDeployer()
    onTestFinished(() => deployer.end())
    // with this it has everything at hand, so that only the stall takes time
    await deployer.run(bench.jobOf('one'))
    const deadEnd = await begin()
    onTestFinished(() => deadEnd.close())
    const to = `s3://site-assets/${PREFIX}?region=us-east-1&endpoint=${encodeURIComponent(deadEnd.endpoint)}`
    const startedAt = performance.now()
    const { error } = await deployer.run({ ...bench.jobOf('two'), config: configOf(bench, { to }) })
    expect((performance.now() - startedAt) / LIMIT_MS).toBeLessThan(SLACK)
    expect(error).toMatchObject({ code: 'E_TIMEOUT', exit: 5 })
    expect(error?.message).toContain(stage)
  })
})

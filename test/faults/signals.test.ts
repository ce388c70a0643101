import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { decodeDeploy } from '../../src/plan/deploy.ts'
import type { S3Call } from '../rig/s3-protocol.ts'
import { type Bench, createBench, objectsOf, PREFIX, type Saved } from './bench.ts'
import { type Command, startSync } from './command.ts'
import { writeFilm } from './film.ts'

/**
 * The command is told to stop while one of its requests waits at the store, so that it is really in the middle. The
 * request is let go only when the process is gone: it ends without the answer, and what was under way lands late.
 */
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const

const RECORD = `${PREFIX}.lading/deploys/2.json`
const POINTER = `${PREFIX}.lading/pointer.json`

interface Moment {
  readonly name: string
  readonly at: (call: S3Call) => boolean
  readonly when: 'before' | 'after'
  /** Left out of this run. */
  readonly exclude?: readonly string[]
}

const puts = (key: RegExp) => (call: S3Call) => call.op === 'PutObject' && key.test(call.key)
const isTaking = ({ op, key, body }: S3Call): boolean =>
  op === 'PutObject' && key === RECORD && body.toString().includes('"publish"')

const MOMENTS: readonly Moment[] = [
  { name: 'it asks what is live', at: ({ key }) => key === POINTER, when: 'before' },
  { name: 'it says that it uploads', at: puts(/deploys\/2\.json$/), when: 'before' },
  // without the film: of an upload whose beginning is cut off nobody knows the name, until the next run finds it
  { name: 'an asset is being sent', at: puts(/\/a\/.*\.css$/), when: 'before', exclude: ['media/**'] },
  { name: 'a part of a large file is being sent', at: ({ op }) => op === 'UploadPart', when: 'before' },
  { name: 'a large file is being put together', at: ({ op }) => op === 'CompleteMultipartUpload', when: 'before' },
  { name: 'it takes the deploy', at: isTaking, when: 'before' },
  { name: 'it has the deploy and was not told', at: isTaking, when: 'after' },
  { name: 'a page is being replaced', at: puts(/^p\/index\.html$/), when: 'before' },
  { name: 'the manifest is being written', at: puts(/\/manifests\//), when: 'before' },
  { name: 'the pointer is about to move', at: puts(/\/pointer\.json$/), when: 'before' },
]

describe(`${SIGNALS.length} signals at ${MOMENTS.length} moments, ${SIGNALS.length * MOMENTS.length} runs`, () => {
  let bench: Bench
  let start: Saved
  let twin: Awaited<ReturnType<typeof objectsOf>>
  const running = new Set<Command>()

  beforeAll(async () => {
    bench = await createBench('host')
    writeFilm(join(bench.dir, 'two'))
    await bench.deploy('one')
    start = bench.save()
    await bench.deploy('two')
    twin = await objectsOf(bench.store)
  })
  afterEach(() => {
    for (const { child } of running) child.kill('SIGKILL')
    running.clear()
  })
  afterAll(() => bench.close())

  const sync = (more: LadingConfig = {}): Command => {
    const { config, cwd, env } = bench.jobOf('two')
    const command = startSync({ config: { ...config, lockTimeoutSeconds: 0, ...more }, cwd, env })
    running.add(command)
    return command
  }

  describe.each(SIGNALS)('%s', (signal, exit) => {
    it.each(MOMENTS)('while $name', async ({ at, when, exclude = [] }) => {
      bench.load(start)
      const live = bench.pages()
      const hold = bench.s3.holdAt(at, when)
      const stopped = sync({ exclude })
      const held = await Promise.race([hold.reached, stopped.ended])
      expect(held).toHaveProperty('op')
      stopped.child.kill(signal)
      const ended = await Promise.race([stopped.ended, tooLong()])
      expect(ended).toMatchObject({ code: exit, last: { type: 'error', code: 'E_ABORTED' } })

      hold.release()
      await answered(bench, held)
      expect(bench.s3.openUploads()).toBe(0)
      expect(bench.broken(live)).toEqual([])
      expect(holderIn(bench)).toBe('')

      const next = await sync().ended
      expect(next).toMatchObject({ code: 0, last: { type: 'summary' } })
      expect(await objectsOf(bench.store)).toEqual(twin)
      expect(bench.s3.openUploads()).toBe(0)
      expect(bench.s3.violations).toEqual([])
    })

    it('ends although the store says nothing any more', async () => {
      bench.load(start)
      const part = bench.s3.holdAt(({ op }) => op === 'UploadPart')
      const stopped = sync()
      await part.reached
      bench.s3.fault({ at: () => true, times: Number.POSITIVE_INFINITY, do: 'stall' })
      stopped.child.kill(signal)
      const ended = await Promise.race([stopped.ended, tooLong()])
      bench.s3.clearFaults()
      part.release()
      expect(ended).toMatchObject({ code: exit, last: { type: 'error', code: 'E_ABORTED' } })
    })

    it('ends at once when it comes again while the store does not let the deploy go', async () => {
      bench.load(start)
      const page = bench.s3.holdAt(puts(/^p\/index\.html$/))
      const stopped = sync()
      await page.reached
      const givingUp = bench.s3.holdAt(puts(/deploys\/2\.json$/))
      stopped.child.kill(signal)
      await givingUp.reached
      stopped.child.kill(signal)
      expect(await stopped.ended).toMatchObject({ code: exit, last: {} })
      givingUp.release()
      page.release()
    })
  })
})

/** Far more than any end takes, also on a busy machine, and far less than the time of a request, in milliseconds. */
const TOO_LONG_MS = 30_000

const tooLong = (): Promise<string> => delay(TOO_LONG_MS, 'too long', { ref: false })

/** Until the request that was held has come to its end, of which nobody hears. */
async function answered({ s3 }: Bench, held: unknown): Promise<void> {
  const number = typeof held === 'object' && held !== null && 'number' in held ? held.number : undefined
  while (!s3.requests.some((request) => request.number === number)) await delay(5)
}

/** Of the deploy that was stopped; that of one that has published, or was never said to have begun, holds nobody up. */
function holderIn({ s3 }: Bench): string {
  const pointer = s3.objects().get(POINTER)
  const record = s3.objects().get(RECORD)
  if (record === undefined || String(pointer?.bytes).includes('"seq":2')) return ''
  const deploy = decodeDeploy(record.bytes, RECORD)
  return deploy.phase === 'publish' ? deploy.holder : ''
}

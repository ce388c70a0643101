import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { defineRecipe } from '../../src/images/plan/define-recipe.ts'
import type { PoolOptions, RenderPool } from '../../src/images/pool.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { eventually } from '../rig/eventually.ts'
import { CHILD, failed, made, photo, poolOf, show } from '../rig/images.ts'

/** Table I, the rows that need a process to be killed or to die. */
function pool(options: PoolOptions = {}): RenderPool {
  const opened = poolOf(options)
  onTestFinished(() => opened.close())
  return opened
}

/** Our children that decode, by process id, as the system lists them. */
function decoders(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'latin1'))?.[1]
      const isOurs = parent === String(process.pid)
      return isOurs && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('/child.') ? [Number(name)] : []
    } catch {
      return [] // it has ended meanwhile
    }
  })
}

/** What an encoder takes minutes for. */
const noise = async (): Promise<Buffer> => (await photo(1200, 1200)).png().toBuffer()
const SLOW = { widths: [1200], formats: { avif: { effort: 9 } } } as const

describe('I04: an encoder that takes too long is killed', () => {
  it('and tried once more at a lower effort, under another name', async () => {
    const bytes = await noise()
    const shown = await show(pool({ limits: { seconds: 6, patience: 0 } }), bytes, SLOW)
    const calm = await show(pool(), bytes, { widths: [1200], formats: { avif: { effort: 1 } } })
    expect(made(shown).variants.map(({ key }) => key)).toEqual(made(calm).variants.map(({ key }) => key))
    expect(made(shown).dropped).toMatchObject([{ reason: 'too-slow' }])
    expect(made(shown).recipe).not.toBe(made(calm).recipe)
  })

  it('then it is the failure of that image, and the next one is rendered', async () => {
    const one = pool({ limits: { seconds: 0.05, patience: 0 } })
    expect(failed(await show(one, await noise(), SLOW))).toMatchObject({ code: 'E_IMAGE_TIMEOUT', attempts: 2 })
    const calm = failed(await show(one, await noise(), { widths: [1200], formats: { avif: {} } }))
    expect(calm).toMatchObject({ code: 'E_IMAGE_TIMEOUT', attempts: 1 })
    expect(await one.look({ bytes: await noise() })).toMatchObject({ ok: true })
  })

  it('a slow one has as long as was predicted, and more', async () => {
    const shown = await show(pool({ limits: { seconds: 0, patience: 100 } }), await (await photo()).jpeg().toBuffer())
    expect(shown.ok).toBe(true)
  })
})

describe('a child that dies takes down one image', () => {
  it.each([
    ['I11', 'SIGSEGV'],
    ['G13', 'SIGKILL'],
  ] as const)('%s: by %s it is tried twice, then a failure; the pool fills up again', async (_row, signal) => {
    const one = pool()
    const seen = new Set<number>()
    const watch = setInterval(() => {
      for (const pid of decoders()) {
        seen.add(pid)
        process.kill(pid, signal)
      }
    }, 20)
    onTestFinished(() => clearInterval(watch))
    const failure = failed(await show(one, await noise(), SLOW))
    clearInterval(watch)
    expect(failure).toMatchObject({ code: 'E_IMAGE_CRASHED', attempts: 2 })
    expect(seen.size).toBe(2)
    expect((await show(one, await (await photo()).jpeg().toBuffer())).ok).toBe(true)
  })
})

describe('a child that hangs before it is ready', () => {
  /** Just more than a child may take: the next one's time begins after it, and is not to end with it. */
  const START_MS = 60_500

  /** Children that hang: the first so many. Each that is started leaves a file of its own. */
  function hanging(first: number): { readonly pool: RenderPool; starts(): number } {
    const folder = mkdtempSync(join(tmpdir(), 'lading-hanging-'))
    const child = join(folder, 'child.mjs')
    const lines = [
      "import { readdirSync, writeFileSync } from 'node:fs'",
      `const isGood = readdirSync(${JSON.stringify(folder)}).length > ${first}`,
      `writeFileSync(${JSON.stringify(folder)} + '/' + process.pid, '')`,
      `if (isGood) await import(${JSON.stringify(pathToFileURL(CHILD).href)})`,
      'else setInterval(() => undefined, 1000)',
    ]
    writeFileSync(child, lines.join('\n'))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return { pool: pool({ child }), starts: () => readdirSync(folder).length - 1 }
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
  }

  it('is killed in time, and a fresh one does the work', async () => {
    const { pool: one, starts } = hanging(1)
    const looked = one.look({ bytes: await noise() })
    await until(() => starts() === 1)
    await vi.advanceTimersByTimeAsync(START_MS)
    expect(await looked).toMatchObject({ ok: true, value: { width: 1200 } })
    expect(starts()).toBe(2)
  })

  it("and the next one does too: that is the machine's failure and not the image's, and no child is left", async () => {
    const { pool: one, starts } = hanging(9)
    const failed = one.look({ bytes: await noise() }).catch((error: unknown) => error)
    for (const child of [1, 2]) {
      await until(() => starts() === child)
      await vi.advanceTimersByTimeAsync(START_MS)
    }
    expect(await failed).toMatchObject({
      code: 'E_TIMEOUT',
      retryable: true,
      message: expect.stringContaining('do not start'),
    })
    expect(starts()).toBe(2)
    expect(decoders()).toEqual([])
  })
})

it('an image that takes more memory than allowed is stopped', async () => {
  const bytes = await sharp({ create: { width: 6500, height: 6500, channels: 3, background: '#fff' } })
    .jpeg({ progressive: true })
    .toBuffer()
  const one = pool({ limits: { memoryBytes: 30_000_000 } })
  expect(failed(await show(one, bytes, { widths: [6500], formats: { jpeg: {} } }))).toMatchObject({
    code: 'E_IMAGE_MEMORY',
    message: 'it took more than 29 MiB of memory',
  })
  expect((await show(pool(), bytes, { widths: [320] })).ok).toBe(true)
})

it('more bytes than the limit are not looked at', async () => {
  const bytes = await noise()
  const failure = failed(await show(pool({ limits: { bytes: 1000 } }), bytes))
  expect(failure).toMatchObject({
    code: 'E_IMAGE_BYTES',
    message: expect.stringContaining('more than the limit of 1.0 kB'),
  })
})

it('a stop ends every child, and waits for no encoder', async () => {
  const stop = new AbortController()
  const one = pool({ signal: stop.signal, size: 2 })
  const bytes = await noise()
  const work = Promise.allSettled([1, 2, 3].map(() => show(one, bytes, SLOW)))
  await eventually(() => expect(decoders()).toHaveLength(2))
  stop.abort(new Error('enough'))
  const results = await work
  expect(results.map((result) => result.status === 'rejected' && result.reason.message)).toEqual([
    'enough',
    'enough',
    'enough',
  ])
  await one.close()
  expect(decoders()).toEqual([])
})

it('a stop of one image kills its child alone', async () => {
  const stop = new AbortController()
  const one = pool({ size: 2 })
  const slow = { bytes: await noise(), recipe: defineRecipe(SLOW), existing: [] }
  const stopped = one.render(slow, { seconds: 60, signal: stop.signal })
  const other = show(one, await (await photo()).jpeg().toBuffer())
  await eventually(() => expect(decoders()).toHaveLength(2))
  stop.abort(new Error('enough'))
  await expect(stopped).rejects.toThrow('enough')
  expect((await other).ok).toBe(true)
})

it('a child gets no environment but how to give memory out, and no arguments but its file', async () => {
  process.env.AWS_SECRET_ACCESS_KEY = 'canary'
  onTestFinished(() => {
    delete process.env.AWS_SECRET_ACCESS_KEY
  })
  const one = pool()
  await one.look({ bytes: await noise() })
  const [child = 0] = decoders()
  const names = readFileSync(`/proc/${child}/environ`, 'latin1')
    .split('\0')
    .map((line) => line.split('=')[0])
  expect(names.filter((name) => name !== '' && !/^(?:NODE_CHANNEL|MALLOC)_/.test(name ?? ''))).toEqual([])
})

it('what the store has is not encoded again', async () => {
  const store = createMemoryStore()
  const bytes = await (await photo()).jpeg({ quality: 95 }).toBuffer()
  const one = pool()
  const first = await show(one, bytes, { store })
  const second = await show(one, bytes, { store })
  expect({ first: first.put, second: second.put }).toEqual({ first: first.files.size, second: 0 })
  expect(made(second)).toEqual({ ...made(first), cpuMs: made(second).cpuMs })
  const key = made(first).variants[0]?.key ?? ''
  expect((await store.head(key))?.headers).toEqual({
    'content-type': 'image/avif',
    'cache-control': 'public, max-age=31536000, immutable',
  })
})

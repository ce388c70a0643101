import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/index.ts'

/** The command as it is shipped: images render in children of the built files. */
const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')

/** Noise compresses badly, so that variants are worth having. */
async function photograph(width: number, height: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  return sharp({ create: { width, height, channels: 3, background: '#345', noise } })
    .jpeg({ quality: 95 })
    .toBuffer()
}

async function world() {
  const cwd = mkdtempSync(join(tmpdir(), 'lading-batch-'))
  const children = new Set<ChildProcess>()
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(cwd, { recursive: true, force: true })
  })
  mkdirSync(join(cwd, 'photos'))
  const [first, second] = [await photograph(700, 400), await photograph(350, 300)]
  writeFileSync(join(cwd, 'photos/first.jpg'), first)
  writeFileSync(join(cwd, 'photos/second.jpg'), second)
  writeFileSync(join(cwd, 'photos/torn <b>.jpg'), first.subarray(0, first.length >> 1))
  const start = (...argv: readonly string[]) => {
    const env = { PATH: process.env.PATH, HOME: cwd, LANG: 'C' }
    const child = spawn(process.execPath, [MAIN, ...argv], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    children.add(child)
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
    })
    const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      child.on('close', (code) => {
        children.delete(child)
        resolve({ code, out, err })
      })
    })
    return { child, ended }
  }
  const lading = (...argv: readonly string[]) => start(...argv).ended
  const store = await openStore({ kind: 'folder', path: join(cwd, 'store'), label: 'store/' }, {})
  const json = async (key: string) => JSON.parse(Buffer.from((await store.get(key))?.bytes ?? []).toString('utf8'))
  /** The processes that a submit has started. */
  const fleet = (): readonly number[] => {
    const folder = join(cwd, 'store/queues/fleet')
    const notes = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return notes.map((name): number => JSON.parse(readFileSync(join(folder, name), 'utf8')).pid)
  }
  return { start, lading, store, json, fleet }
}

describe('a batch on one machine', () => {
  it('goes from a folder to variants, a manifest and a sheet; a torn image stops nothing', async () => {
    const { start, lading, store, json } = await world()
    const submitted = await lading('batch', 'submit', 'photos', '--to', 'store')
    expect(submitted).toMatchObject({ code: 0 })
    const batch = submitted.out.trim()

    const worker = start('batch', 'worker', '--to', 'store', '--instance', 'here', '--json')
    const watched = await lading('batch', 'watch', batch, '--to', 'store', '--every', '0.2')
    expect(watched.code).toBe(6)
    expect(watched.err).toMatch(
      /Closed .*: 2 done, 1 failed\.\n {2}! torn <b>\.jpg {2}E_IMAGE_CORRUPT {2}it is damaged.*\n$/,
    )

    const { images, failures } = await json(`b/${batch}/images.json`)
    expect(Object.keys(images).sort()).toEqual(['first.jpg', 'second.jpg'])
    expect(failures['torn <b>.jpg']).toMatchObject({ code: 'E_IMAGE_CORRUPT' })
    for (const { key, bytes } of images['first.jpg'].variants)
      expect(await store.head(key)).toMatchObject({ size: bytes })
    expect(images['first.jpg'].variants.length).toBeGreaterThan(0)
    const sheet = Buffer.from((await store.get(`b/${batch}/index.html`))?.bytes ?? []).toString('utf8')
    expect(sheet).toContain('torn &lt;b&gt;.jpg')
    expect(sheet).toContain('src="data:image/')

    expect((await lading('batch', 'control', 'drain', '--instance', 'here', '--to', 'store')).code).toBe(0)
    const ended = await worker.ended
    expect(ended.code).toBe(0)
    const told = ended.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(told.find(({ event, result }) => event === 'ended' && result === 'failed')).toMatchObject({
      item: expect.stringMatching(/^0000-000\d$/),
      path: 'torn <b>.jpg',
    })
    expect(told.at(-1)).toMatchObject({
      type: 'summary',
      reason: 'commanded',
      done: 2,
    })

    // Everything is there: nothing is sent, and the same batch answers.
    const again = await lading('batch', 'submit', 'photos', '--to', 'store')
    expect(again.out.trim()).toBe(batch)
    expect(again.err).toContain('3 images, 0 messages sent')
    const torn = await lading('batch', 'repro', batch, 'torn <b>.jpg', '--to', 'store', '--out', 'repro')
    expect(torn.code).toBe(6)
    expect(torn.err).toContain('fails here too: E_IMAGE_CORRUPT')
    const whole = await lading('batch', 'repro', batch, '0000-0000', '--to', 'store', '--out', 'repro', '--json')
    expect(whole.code).toBe(0)
    expect(JSON.parse(whole.out.split('\n')[0] ?? '').receipt.variants).toEqual(images['first.jpg'].variants)
    expect((await lading('batch', 'repro', batch, '0001-0000', '--to', 'store')).code).toBe(3)
    expect((await lading('batch', 'reassemble', batch, '--to', 'store')).err).toContain('2 done, 1 failed')
  })

  it('is worked off by workers that its submit has started', async () => {
    const { lading, fleet } = await world()
    const place = ['--to', 'store', '--recipe', 'thumb', '--deadline', '0.03']
    const submitted = await lading('batch', 'submit', 'photos', ...place, '--local', '1', '--watch')
    onTestFinished(() => {
      for (const pid of fleet()) spawnSync('kill', ['-9', String(pid)])
    })
    expect(submitted.err).toContain('  workers    1 of this machine, which go on without this command; to end them:\n')
    expect(submitted.err).toMatch(/Closed .*: 2 done, 1 failed\.\n {2}! .* E_IMAGE_[A-Z]+ {2}.*\n$/)
    expect(fleet()).toHaveLength(1)
  })

  it('starts no batch with a wrong number of workers', async () => {
    const { lading, store } = await world()
    expect(await lading('batch', 'submit', 'photos', '--to', 'store', '--local', '0')).toMatchObject({ code: 2 })
    for await (const page of store.list('')) expect(page).toEqual([])
  })

  it('cancels a batch: what is not begun ends with a receipt that says so', async () => {
    const { start, lading, json } = await world()
    const { out } = await lading('batch', 'submit', 'photos', '--to', 'store')
    const batch = out.trim()
    expect((await lading('batch', 'control', 'cancel', batch, '--instance', 'later', '--to', 'store')).code).toBe(0)
    expect((await lading('batch', 'status', batch, '--to', 'store')).out).toContain('cancelled')
    const worker = start('batch', 'worker', '--to', 'store', '--instance', 'later')
    expect((await lading('batch', 'watch', batch, '--to', 'store', '--every', '0.2')).code).toBe(6)
    worker.child.kill('SIGTERM')
    expect((await worker.ended).code).toBe(0)
    const { images, failures } = await json(`b/${batch}/images.json`)
    expect(images).toEqual({})
    expect(Object.values(failures)).toMatchObject(
      Array.from({ length: 3 }, () => ({ message: 'the batch was cancelled' })),
    )
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore, type Store } from '../../src/index.ts'
import { startAutoScaling } from '../rig/auto-scaling.ts'
import { eventually } from '../rig/eventually.ts'
import { seededRandom } from '../rig/virtual-clock.ts'

/** The command as it is shipped. */
const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')

const IMAGES = 60
const KILLS = 6
const MINUTES_MS = 300_000

/** A place of its own with the same images, and the command there. */
async function world(more: Readonly<Record<string, string>> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'lading-batch-kills-'))
  const children = new Set<ChildProcess>()
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(cwd, { recursive: true, force: true })
  })
  mkdirSync(join(cwd, 'photos'))
  for (let n = 0; n < IMAGES; n++) {
    const image = sharp({ create: { width: 330 + n, height: 240, channels: 3, background: { r: n, g: 90, b: 200 } } })
    writeFileSync(join(cwd, `photos/${n}.png`), await image.png().toBuffer())
  }
  writeFileSync(join(cwd, 'photos/torn.png'), 'no image')
  const start = (...argv: readonly string[]) => {
    const env = { PATH: process.env.PATH, HOME: cwd, LANG: 'C', ...more }
    const child = spawn(process.execPath, [MAIN, 'batch', ...argv, '--to', 'store'], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    children.add(child)
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk
    })
    const ended = new Promise<{ code: number | null; out: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, out }))
    })
    return { child, ended, told: () => out }
  }
  const store = await openStore({ kind: 'folder', path: join(cwd, 'store'), label: 'store/' }, {})
  return { start, store }
}

async function count(store: Store, prefix: string): Promise<number> {
  let found = 0
  for await (const page of store.list(prefix)) found += page.length
  return found
}

/** What came of it, without what differs from run to run: the time that rendering took. */
async function resultOf(store: Store, batch: string) {
  const json = async (name: string) =>
    JSON.parse(Buffer.from((await store.get(`b/${batch}/${name}`))?.bytes ?? []).toString('utf8'))
  const { images, failures } = await json('images.json')
  const made = Object.entries<Record<string, unknown>>(images).map(([path, { cpuMs: _, ...rest }]) => [path, rest])
  const { closedAt: _, ...result } = await json('result.json')
  return { images: Object.fromEntries(made), failures, result }
}

describe('a batch whose workers are killed', () => {
  it(
    'loses no image, passes no 100 %, closes once, and comes to what a calm run comes to',
    async () => {
      const calm = await world()
      const batch = (await calm.start('submit', 'photos').ended).out.trim()
      const worker = calm.start('worker', '--idle', '0')
      await calm.start('watch', batch, '--every', '0.2').ended
      worker.child.kill('SIGTERM')

      const wild = await world()
      // The submitter dies as well, and is called again.
      const first = wild.start('submit', 'photos')
      await eventually(async () => expect(await count(wild.store, 'o/')).toBeGreaterThan(IMAGES / 3), MINUTES_MS)
      first.child.kill('SIGKILL')
      await first.ended
      expect((await wild.start('submit', 'photos').ended).out.trim()).toBe(batch)
      const watch = wild.start('watch', batch, '--every', '0.2', '--json')
      let isOver = false
      const watched = watch.ended.finally(() => {
        isOver = true
      })
      for (let kill = 0; kill < KILLS && !isOver; kill++) {
        const doomed = wild.start('worker', '--slots', '2', '--json')
        // In the middle of its first job, then of its second, and so on.
        doomed.child.stdout.on('data', () => {
          if (doomed.told().split('"taken"').length > kill + 1) doomed.child.kill('SIGKILL')
        })
        await doomed.ended
      }
      const last = wild.start('worker', '--slots', '2', '--idle', '0')
      const { out, code } = await watched
      last.child.kill('SIGTERM')
      await last.ended

      expect(code).toBe(6)
      const records = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      const counts = records.filter(({ type }) => type === 'batch-status').map(({ done, failed }) => done + failed)
      expect(Math.max(...counts)).toBe(IMAGES + 1)
      expect(counts).toEqual([...counts].sort((a, b) => a - b))
      expect(records.filter(({ type }) => type === 'batch-result')).toMatchObject([
        { done: IMAGES, failed: 1, missing: 0 },
      ])
      expect(await resultOf(wild.store, batch)).toEqual(await resultOf(calm.store, batch))
    },
    MINUTES_MS,
  )
})

describe('a batch whose leader is killed', () => {
  it(
    'loses no image, whenever that is, and another one leads',
    async () => {
      const group = await startAutoScaling({ max: 3 })
      onTestFinished(() => group.close())
      const { start, store } = await world({
        AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL_AUTO_SCALING: group.url,
        AWS_EC2_METADATA_DISABLED: 'true',
      })
      const fleet = ['--group', group.group]
      const worker = (name: string) =>
        start('worker', '--instance', name, '--slots', '1', '--idle', 'never', '--json', ...fleet)
      const workers = new Map(['w-0', 'w-1', 'w-2'].map((name) => [name, worker(name)]))
      const random = seededRandom(7)
      const dead: string[] = []
      for (const recipe of ['web', 'thumb']) {
        const leader = await eventually(async () => {
          const found = await store.get('control/leader.json')
          const { owner } = JSON.parse(Buffer.from(found?.bytes ?? []).toString())
          expect(dead).not.toContain(owner)
          return String(owner)
        }, MINUTES_MS)
        const doomed = workers.get(leader)
        const lines = 1 + Math.floor(random() * 4)
        const before = doomed?.told().length ?? 0
        doomed?.child.stdout.on('data', () => {
          const said = doomed.told().slice(before).split('"taken"').length - 1
          if (said >= lines) doomed.child.kill('SIGKILL')
        })
        const batch = (await start('submit', 'photos', '--recipe', recipe, ...fleet).ended).out.trim()
        const watched = await start('watch', batch, '--every', '0.2', '--json').ended
        await doomed?.ended
        dead.push(leader)
        workers.set(`${leader}-next`, worker(`${leader}-next`))
        expect(JSON.parse(watched.out.trim().split('\n').at(-2) ?? '')).toMatchObject({
          ...{ type: 'batch-result', done: IMAGES, failed: 1, missing: 0 },
        })
      }
      expect(new Set(dead).size).toBe(2)
    },
    MINUTES_MS,
  )
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  batchManifestKey,
  batchResultKey,
  doneReceiptKey,
  failureReceiptKey,
  fleetKey,
  itemId,
  sentKey,
  shardManifestKey,
} from '../../src/batch/plan/keys.ts'
import { type BatchItem, type BatchManifest, encodeBatchManifest, encodeItems } from '../../src/batch/plan/manifest.ts'
import { newKeyPair } from '../../src/batch/plan/signing.ts'
import { createFolderQueue } from '../../src/batch/queues/folder.ts'
import { runCli } from '../../src/cli/run.ts'
import { openBatches, openStore, resolveBatch, resolveStore } from '../../src/index.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { createScreen } from '../unit/cli/screen.ts'
import { folderWith } from '../unit/config/folder.ts'
import { eventually } from './eventually.ts'

/** A batch as it lies in a store. */
export interface PutBatch {
  readonly items: number
  /** Items that are done, from the first one on. @default 0 */
  readonly done?: number | undefined
  /** Why items failed, from the one behind the last that is done. @default none */
  readonly failed?: readonly string[] | undefined
  /** The name of an image. @default `photo-0007.jpg` */
  readonly path?: ((place: number) => string) | undefined
  /** @default it is open */
  readonly isClosed?: boolean | undefined
  /** @default a quarter of an hour ago */
  readonly createdAt?: string | undefined
}

export interface DashboardWorld {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Puts a batch, or more of one that is there. Of one shard at most. */
  batch(name: string, facts: PutBatch): Promise<void>
  put(key: string, content: string | Uint8Array): Promise<void>
  /** What a worker says of itself. */
  instance(name: string, report: object): Promise<void>
  /** Puts a message where nobody could do it. */
  bury(message: object, reason?: string): Promise<void>
  /** A real worker on the store's queues, until the test ends. */
  worker(name: string): void
  /** `lading batch dashboard` as it is called, on any free port unless `--default-port` is given; ends with the test. */
  dashboard(...flags: readonly string[]): Promise<StartedDashboard>
  run(...argv: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
}

export interface StartedDashboard {
  /** As it was printed. */
  readonly url: string
  /** Without the token. */
  readonly origin: string
  readonly token: string
  readonly err: () => string
  /** A signal, and the exit code that came of it. */
  stop(exitCode: number): Promise<number>
}

export interface WorldOptions {
  /** Whether there is a private key on this machine. @default true */
  readonly isKeyed?: boolean | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  /** The store; its queues are in the folder `store` all the same. @default the folder `store` */
  readonly to?: string | undefined
}

export function dashboardWorld({ isKeyed = true, env: more = {}, to = 'store' }: WorldOptions = {}): DashboardWorld {
  const cwd = folderWith({})
  const env = { HOME: join(cwd, 'home'), ...more }
  if (isKeyed) {
    mkdirSync(join(cwd, 'home/.config/lading'), { recursive: true })
    writeFileSync(join(cwd, 'home/.config/lading/batch.key'), newKeyPair().privateKey, { mode: 0o600 })
  }
  const opened = openStore(resolveStore({ to }, { cwd, env }).target, { env })
  const put = async (key: string, content: string | Uint8Array): Promise<void> => {
    await (await opened).put(key, bytesBody(Buffer.from(content)), { 'content-type': 'application/json' })
  }
  const call = (argv: readonly string[], signal: AbortSignal) => {
    const [stdout, stderr] = [createScreen({ columns: 80 }), createScreen({ columns: 80 })]
    return { stdout, stderr, ended: runCli(argv, { stdout, stderr, env, cwd, signal }) }
  }
  return {
    cwd,
    env,
    put,
    async batch(batch, { items, done = 0, failed = [], path = nameOf, isClosed = false, createdAt = before(15) }) {
      const manifest = manifestOf(batch, items, createdAt)
      await put(batchManifestKey(batch), encodeBatchManifest(manifest))
      await put(sentKey(batch), '{"v":1}')
      await put(shardManifestKey(batch, '0000'), encodeItems(itemsOf(items, path)))
      for (let place = 0; place < done; place++) await put(doneReceiptKey(batch, itemId(0, place)), '{"v":1}')
      for (const [at, reason] of failed.entries()) {
        await put(failureReceiptKey(batch, itemId(0, done + at)), JSON.stringify({ code: 'E_IMAGE_CORRUPT', reason }))
      }
      if (!isClosed) return
      const count = { items, done, failed: failed.length, missing: items - done - failed.length, partial: false }
      const closedAt = new Date().toISOString()
      await put(batchResultKey(batch), JSON.stringify({ v: 1, batch, recipe: manifest.recipe, ...count, closedAt }))
    },
    instance: (name, report) => put(fleetKey(name), JSON.stringify({ v: 1, instance: name, ...report })),
    async bury(message, reason) {
      const queue = createFolderQueue({ path: join(cwd, 'store/queues/dead') })
      await queue.send([{ body: JSON.stringify(message), ...(reason && { attributes: { reason } }) }])
    },
    worker(instance) {
      const stop = new AbortController()
      const options = resolveBatch({ to: 'store' }, {}, { cwd, env })
      const working = openBatches(options, { env }).then((batches) =>
        batches.work({ instance, slots: 1, idleSeconds: 'never', stop: stop.signal }),
      )
      onTestFinished(async () => {
        stop.abort()
        await working
      })
    },
    async dashboard(...flags) {
      const controller = new AbortController()
      const queues = to === 'store' ? [] : ['--queues', 'store/queues']
      const own = flags.includes('--default-port') ? [] : ['--port', '0']
      const given = flags.filter((flag) => flag !== '--default-port')
      const argv = ['batch', 'dashboard', '--to', to, ...queues, ...own, ...given]
      const { stdout, stderr, ended } = call(argv, controller.signal)
      const stop = (exitCode: number): Promise<number> => {
        controller.abort(Object.assign(new Error('stopped'), { name: 'AbortError', exitCode }))
        return ended
      }
      onTestFinished(() => stop(130).then(() => undefined))
      const url = await Promise.race([eventually(() => lineIn(stdout.text)), ended.then(() => stderr.text)])
      const [origin = '', token = ''] = url.split('/#')
      return { url, origin, token, stop, err: () => stderr.text }
    },
    async run(...argv) {
      const { stdout, stderr, ended } = call(argv, new AbortController().signal)
      return { code: await ended, out: stdout.text, err: stderr.text }
    },
  }
}

function lineIn(text: string): string {
  if (!text.includes('\n')) throw new Error('nothing was printed yet')
  return text.trim()
}

const nameOf = (place: number): string => `photo-${String(place).padStart(4, '0')}.jpg`

/** @param minutes before now */
const before = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

const manifestOf = (batch: string, items: number, createdAt: string): BatchManifest => ({
  ...{ v: 1, batch, recipe: 'r1-0123456789ab', lane: 'std', items, shardItems: 1000, createdAt },
  deadline: new Date(Date.parse(createdAt) + 12 * 3_600_000).toISOString(),
  coreSeconds: items,
})

function itemsOf(items: number, path: (place: number) => string): readonly BatchItem[] {
  const sha256 = 'ab'.repeat(32)
  const src = { key: `o/ab/${sha256}.jpg`, sha256, bytes: 1000, type: 'image/jpeg' }
  return Array.from({ length: items }, (_, place) => ({ item: itemId(0, place), path: path(place), src, predicted: 1 }))
}

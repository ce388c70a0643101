import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  doctor,
  type LadingConfig,
  type LadingEvent,
  openStore,
  parseTarget,
  prune,
  type Run,
  resolveConfig,
  resolveHistory,
  resolveStore,
  rollback,
  type Store,
  type Summary,
  sync,
  unlock,
  verify,
} from '../../src/index.ts'
import { decodePointer } from '../../src/plan/pointer.ts'
import { objectsOf, twinOf } from '../faults/bench.ts'
import { TREES, type TreeName, writeTree } from '../faults/trees.ts'
import { createHastyClock } from '../rig/hasty-clock.ts'
import { createBucket, type RawBucket } from './bucket.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, type Server, startServer } from './server.ts'

const [ONE, TWO, THREE] = TREES
const POINTER = '.lading/pointer.json'

for (const program of PROGRAMS) {
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`deploys to ${program.name} (not installed: scripts/servers.sh)`)
  } else describe(`${program.name}: a mirror`, () => deploysTo(program))
}

interface Place {
  readonly bucket: RawBucket
  readonly dir: string
  readonly store: Store
  readonly events: LadingEvent[]
  sync(tree: TreeName, more?: LadingConfig, run?: Run): Promise<Summary>
  config(tree: TreeName, more?: LadingConfig): LadingConfig
  close(): void
}

function deploysTo(program: Program): void {
  let server: Server
  let place: Place
  beforeAll(async () => {
    server = await startServer(program)
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    place = await settle(server)
    return () => place.close()
  })

  const stateOf = () => resolveStore(place.config(ONE), { cwd: place.dir, env: server.credentials })
  const historyOf = (more: LadingConfig = {}) =>
    resolveHistory(place.config(ONE, more), { cwd: place.dir, env: server.credentials })
  const run = (more: Run = {}): Run => ({ env: server.credentials, ...more })

  /** What lies there is that tree, as far as the server keeps headers, and the state agrees. */
  const expectTree = async (tree: TreeName): Promise<void> => {
    const twin = await twinOf('mirror', tree)
    const found = await objectsOf(place.store)
    for (const [key, object] of twin.objects) {
      expect(kept(program, found.get(key)), `${key} of ${tree}`).toEqual(kept(program, object))
    }
    expect(await verify({ ...stateOf(), download: true }, run())).toMatchObject({ ok: true, drift: 0 })
    expect(await place.bucket.openUploads()).toEqual([])
  }

  it('is probed at its first publish, and the pointer and doctor say what was found', async () => {
    await place.sync(ONE)
    const found = await place.store.get(POINTER)
    const pointer = decodePointer(found?.bytes ?? new Uint8Array(), POINTER)
    expect(pointer.facts?.site).toEqual(program.facts)
    expect(await doctor(stateOf(), run())).toMatchObject([{ place: 'store', facts: program.facts, isNews: false }])
    const warned = place.events.flatMap((event) => (event.type === 'warning' ? [event.code] : []))
    expect(warned.includes('W_STORE_FORGETS')).toBe(program.forgets.length > 0)
  })

  it('follows its tree, loses its pages, and is left alone when nothing changed', async () => {
    await place.sync(ONE)
    await expectTree(ONE)
    expect(await place.sync(TWO)).toMatchObject({ published: true, removed: 1 })
    await expectTree(TWO)
    expect(await place.sync(TWO)).toMatchObject({ published: false, bytes: 0 })
  })

  it('lets two deploys at once come one after the other', async () => {
    await place.sync(ONE)
    const [two, three] = await Promise.all([place.sync(TWO, { cacheDir: 'a' }), place.sync(THREE, { cacheDir: 'b' })])
    expect([two.seq, three.seq].sort()).toEqual([2, 3])
    await expectTree((two.seq ?? 0) > (three.seq ?? 0) ? TWO : THREE)
  })

  it('is taken over from a run that died in the middle, and from one that was unlocked', async () => {
    await place.sync(ONE)
    for (const [tree, other] of [
      [TWO, THREE],
      [ONE, TWO],
    ] as const) {
      await expect(place.sync(tree, {}, dyingAt(server, 'index.html'))).rejects.toThrow('killed')
      if (tree === ONE) expect(await unlock({ ...stateOf(), force: true }, run())).toMatchObject({ deploy: 'd3' })
      expect(await place.sync(other, {}, run({ clock: createHastyClock() }))).toMatchObject({ published: true })
      await expectTree(other)
    }
  })

  it('goes back and forth by rollback', async () => {
    await place.sync(ONE)
    const { release } = await place.sync(TWO)
    expect(await rollback(historyOf(), run())).toMatchObject({ published: true, seq: 3 })
    await expectTree(ONE)
    expect(await rollback({ ...historyOf(), id: release }, run())).toMatchObject({ published: true, seq: 4 })
    await expectTree(TWO)
  })

  it('is pruned of what no kept release names', async () => {
    await place.sync(ONE)
    await place.sync(TWO)
    const pruned = await prune(historyOf({ keepReleases: 1, keepDays: 0 }), run())
    expect(pruned).toMatchObject({ ok: true, removed: 1 })
    await expectTree(TWO)
    expect((await objectsOf(place.store)).has('img/1/photo-9.png')).toBe(false)
  })
}

function kept(
  { forgets }: Program,
  object: { sha256: string | undefined; headers: Readonly<Record<string, string>> } | undefined,
) {
  const headers = Object.entries(object?.headers ?? {}).filter(([name]) => !forgets.includes(name))
  return { sha256: object?.sha256, headers: Object.fromEntries(headers) }
}

async function settle(server: Server): Promise<Place> {
  const bucket = await createBucket(server)
  const dir = mkdtempSync(join(tmpdir(), 'lading-deploys-'))
  for (const tree of TREES) writeTree(join(dir, tree), tree)
  const to = `s3://${bucket.name}/site/?region=us-east-1&endpoint=${encodeURIComponent(server.endpoint)}`
  const store = await openStore(parseTarget(to, dir), { env: server.credentials })
  const events: LadingEvent[] = []
  const config = (tree: TreeName, more: LadingConfig = {}): LadingConfig => {
    const headers = tree === THREE ? [{ match: 'img/3/**', cacheControl: 'public, max-age=600' }] : []
    return {
      root: tree,
      to,
      channel: 'production',
      cacheDir: 'cache',
      headers,
      concurrency: 8,
      lockTimeoutSeconds: 60,
      ...more,
    }
  }
  return {
    bucket,
    dir,
    store,
    events,
    config,
    sync: (tree, more, run) =>
      sync(resolveConfig(config(tree, more), { cwd: dir, env: server.credentials }), {
        env: server.credentials,
        emit: (event) => events.push(event),
        ...run,
      }),
    close() {
      rmSync(dir, { recursive: true, force: true })
      bucket.close()
    },
  }
}

/** A run whose process is gone when it would write this key: nothing of it reaches the store any more. */
function dyingAt(server: Server, last: string): Run {
  let isDead = false
  return {
    env: server.credentials,
    async openStore(target, options) {
      const store = await openStore(target, options)
      const put: Store['put'] = async (key, ...rest) => {
        isDead ||= key === last
        if (isDead) throw new Error('killed')
        return store.put(key, ...rest)
      }
      return { ...store, put }
    },
  }
}

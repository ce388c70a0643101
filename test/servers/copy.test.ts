import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crawl } from '../../scripts/crawl.mjs'
import {
  copy,
  type HistoryOptions,
  openStore,
  parseTarget,
  resolveConfig,
  resolveHistory,
  rollback,
  type Serving,
  type Store,
  serveStore,
  sync,
  verify,
} from '../../src/index.ts'
import { objectsOf } from '../faults/bench.ts'
import { hireCrew } from '../faults/deployer.ts'
import { TREES, writeTree } from '../faults/trees.ts'
import { createHastyClock } from '../rig/hasty-clock.ts'
import { createBucket } from './bucket.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, type Server, startServer } from './server.ts'

const [ONE, TWO, THREE] = TREES
const programNamed = (name: string): Program => {
  const program = PROGRAMS.find((candidate) => candidate.name === name)
  if (program === undefined) throw new Error(`there is no server ${name}`)
  return program
}
const [FROM, TO] = [programNamed('versitygw'), programNamed('minio')]

if ([FROM, TO].some((program) => homeOf(program) === undefined) && !REQUIRED) {
  it.skip('a live site moves to another provider (not installed: scripts/servers.sh)')
} else describe(`a live site moves from ${FROM.name} to ${TO.name}`, moves)

/** One provider's side of the move. */
interface Side {
  readonly server: Server
  readonly options: HistoryOptions
  readonly store: Store
  readonly serving: Serving
}

function moves(): void {
  const dir = mkdtempSync(join(tmpdir(), 'lading-move-'))
  const sides: Side[] = []
  let env: Readonly<Record<string, string>> = {}
  beforeAll(async () => {
    for (const tree of TREES) writeTree(join(dir, tree), tree)
    const credentials = { AWS_ACCESS_KEY_ID: 'LADINGMOVESHOUSE', AWS_SECRET_ACCESS_KEY: 'LADINGMOVESHOUSELADING' }
    env = credentials
    for (const program of [FROM, TO]) sides.push(await openSide(program, credentials, dir))
  })
  afterAll(async () => {
    for (const { serving, server } of sides) {
      await serving.close()
      await server.stop()
    }
    rmSync(dir, { recursive: true, force: true })
  })

  const deploy = (tree: string, { options }: Side) =>
    sync(
      resolveConfig(
        { root: tree, to: addressOf(options), cacheDir: `cache-${options.target.label}` },
        { cwd: dir, env },
      ),
      { env },
    )

  it('while a crawler visits both, killed in the middle and run again: complete, and nobody meets a gap', async () => {
    const [from, to] = pair(sides)
    await deploy(ONE, from)
    await deploy(TWO, from)
    const visitor = visit(from, to)
    const crew = hireCrew(1)
    const mover = await crew.take()
    let copied = 0
    const killed = mover.run({ deed: 'copy', from: from.options, to: to.options, env, tells: ['file'] }, () => {
      copied += 1
      if (copied === 12) mover.child.kill('SIGKILL')
    })
    expect(await killed).toEqual({ signal: 'SIGKILL' })
    await crew.end()
    // the source goes on living meanwhile
    await deploy(THREE, from)
    const result = await copy({ from: from.options, to: to.options }, { env, clock: createHastyClock() })
    expect(result).toMatchObject({ ok: true, releases: 3 })
    expect(result.sent).toBeLessThan(result.objects + 12)
    const { visits, failures } = await visitor.end()
    expect(failures).toEqual([])
    expect(visits).toBeGreaterThan(5)

    expect(await objectsOf(to.store)).toEqual(await objectsOf(from.store))
    expect(await verify({ ...to.options, download: true }, { env })).toMatchObject({ ok: true, drift: 0 })
    expect(await copy({ from: from.options, to: to.options }, { env })).toMatchObject({ sent: 0 })
  })

  it('then lives there: nothing is sent again, and its history came along', async () => {
    const [, to] = pair(sides)
    expect(await deploy(THREE, to)).toMatchObject({ published: false, bytes: 0 })
    expect(await rollback(to.options, { env })).toMatchObject({ published: true })
    expect(await verify({ ...to.options, download: true }, { env })).toMatchObject({ ok: true, drift: 0 })
    await crawl(`${to.serving.url}index.html`, [to.serving.url])
  })
}

function pair([from, to]: readonly Side[]): readonly [Side, Side] {
  if (from === undefined || to === undefined) throw new Error('the servers did not start')
  return [from, to]
}

async function openSide(program: Program, credentials: Server['credentials'], dir: string): Promise<Side> {
  const server = await startServer(program, { credentials })
  const bucket = await createBucket(server)
  const to = `s3://${bucket.name}/site/?region=us-east-1&endpoint=${encodeURIComponent(server.endpoint)}`
  bucket.close()
  const options = resolveHistory(
    { to, channel: 'production', cacheDir: `cache-${program.name}` },
    { cwd: dir, env: credentials },
  )
  const store = await openStore(parseTarget(to, dir), { env: credentials })
  return { server, options, store, serving: await serveStore(store) }
}

function addressOf({ target }: HistoryOptions): string {
  if (target.kind === 'folder') return target.path
  return `${target.label}?region=us-east-1&endpoint=${encodeURIComponent(target.endpoint ?? '')}`
}

interface Visitor {
  end(): Promise<{ readonly visits: number; readonly failures: readonly string[] }>
}

/** Somebody who never stops looking: at the old house always, at the new one as soon as its door is there. */
function visit(from: Side, to: Side): Visitor {
  let isOver = false
  let visits = 0
  const failures: string[] = []
  const look = async ({ serving: { url } }: Side): Promise<void> => {
    try {
      await crawl(`${url}index.html`, [url])
      visits += 1
    } catch (error) {
      failures.push(error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error))
    }
  }
  const walk = async (): Promise<void> => {
    while (!isOver) {
      await look(from)
      if ((await fetch(`${to.serving.url}index.html`)).status === 200) await look(to)
    }
  }
  const walking = walk()
  return {
    async end() {
      isOver = true
      await walking
      return { visits, failures }
    },
  }
}

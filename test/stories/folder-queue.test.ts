import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFolderQueue } from '../../src/batch/queues/folder.ts'

let path: string
const running = new Set<ChildProcess>()

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'lading-queue-'))
})
afterEach(async () => {
  await Promise.all([...running].map(kill))
  await rm(path, { recursive: true })
})

interface Said {
  readonly sent?: readonly string[]
  readonly received?: readonly string[]
  readonly acked?: number
}

function start(deed: 'send' | 'work', onSaid: (said: Said) => void): ChildProcess {
  const child = fork(join(import.meta.dirname, '../rig/queue-process.mjs'), [deed, path])
  running.add(child)
  // What it says is what the script above sends.
  child.on('message', (said) => onSaid(said as Said))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Resolves when the process has said something `times` times. */
function says(deed: 'send' | 'work', times: number, onSaid: (said: Said) => void): Promise<ChildProcess> {
  return new Promise((resolve) => {
    let count = 0
    const child = start(deed, (said) => {
      onSaid(said)
      count += 1
      if (count === times) resolve(child)
    })
  })
}

describe('a folder queue that several processes share', () => {
  it('gives every message to somebody although they are killed one after another', async () => {
    const queue = createFolderQueue({ path })
    const bodies = Array.from({ length: 200 }, (_, index) => `message ${index}`)
    await queue.send(bodies.map((body) => ({ body })))
    const handled = new Map<string, number>()
    const count = ({ received = [] }: Said): void => {
      for (const body of received) handled.set(body, (handled.get(body) ?? 0) + 1)
    }
    // Each of them dies at another point between a receive and the ack after it.
    for (const times of [1, 2, 4]) {
      const pair = await Promise.all([says('work', times, count), says('work', times + 1, count)])
      await Promise.all(pair.map(kill))
    }
    const isEmpty = new Promise<void>((resolve) => {
      start('work', (said) => {
        count(said)
        if (said.received?.length === 0) resolve()
      })
    })
    await isEmpty
    expect([...handled.keys()].sort()).toEqual([...bodies].sort())
    expect(await queue.gauge()).toMatchObject({ visible: 0, inFlight: 0 })
  })

  it('shows no message that was not sent whole, and keeps every one that was', async () => {
    const sent = new Set<string>()
    for (const times of [1, 2, 3]) {
      const child = await says('send', times, ({ sent: bodies = [] }) => {
        for (const body of bodies) sent.add(body)
      })
      await kill(child)
    }
    const queue = createFolderQueue({ path })
    const found = new Set<string>()
    for (;;) {
      const messages = await queue.receive({ max: 10, leaseSeconds: 600 })
      if (messages.length === 0) break
      for (const { body } of messages) {
        expect(JSON.parse(body).text).toHaveLength(900_000)
        found.add(body.slice(0, 40))
      }
    }
    expect([...sent].filter((body) => !found.has(body))).toEqual([])
    expect(sent.size).toBeGreaterThanOrEqual(15)
  })

  it('is listed the more rarely the longer a listing takes: a million messages would leave no time for work', async () => {
    let [now, listingMs] = [Date.UTC(2026, 10, 23), 0]
    const tick = (): number => {
      now += listingMs
      return now
    }
    const clock = { now: tick, random: () => 0.5, sleep: async () => undefined }
    const queue = createFolderQueue({ path, clock })
    const other = createFolderQueue({ path, clock: { ...clock, now: () => Date.UTC(2026, 10, 22) } })
    await queue.send([{ body: 'a' }, { body: 'b' }, { body: 'c' }])
    const next = async () => (await queue.receive({ max: 1, leaseSeconds: 600 }))[0]?.body
    listingMs = 1000
    await next()
    listingMs = 0
    await other.send([{ body: 'sent earlier' }])
    now += 10_000
    expect(await next()).not.toBe('sent earlier')
    now += 30_000
    expect(await next()).toBe('sent earlier')
  })

  it('looks at no file that is none of its own', async () => {
    await mkdir(join(path, 'messages'), { recursive: true })
    await writeFile(join(path, 'messages', 'notes.txt'), 'mine')
    const queue = createFolderQueue({ path })
    expect(await queue.receive({ max: 10, leaseSeconds: 30 })).toEqual([])
    expect(await queue.gauge()).toMatchObject({ visible: 0, inFlight: 0, delayed: 0 })
    expect(await readdir(join(path, 'messages'))).toEqual(['notes.txt'])
  })

  it('delivers a message that somebody has put there by hand as just its text', async () => {
    const queue = createFolderQueue({ path })
    await queue.send([{ body: 'a' }])
    const [name = ''] = await readdir(join(path, 'messages'))
    await writeFile(join(path, 'messages', name), 'not { JSON')
    expect(await queue.receive({ max: 1, leaseSeconds: 30 })).toMatchObject([{ body: 'not { JSON', attributes: {} }])
  })
})

import { createServer, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFeed } from '../../../src/cli/dashboard/feed.ts'
import type { Overview } from '../../../src/index.ts'
import { eventually } from '../../rig/eventually.ts'

const OVERVIEW: Overview = {
  ...{ at: '2026-11-20T10:00:00.000Z', pauseSeconds: 0.001, batches: [], instances: [], queues: [], troubles: [] },
}

/** A feed behind a server, whose looks are counted. */
async function bench({ line = '{}\n', pauseSeconds = 0.001, fails = false } = {}) {
  const seen = { looks: 0, aborted: 0, now: 0, most: 0 }
  const feed = createFeed({
    monitor: {
      async look(signal) {
        seen.looks += 1
        seen.now += 1
        seen.most = Math.max(seen.most, seen.now)
        await new Promise((resolve) => setImmediate(resolve))
        seen.now -= 1
        if (signal?.aborted) seen.aborted += 1
        signal?.throwIfAborted()
        if (fails) throw new Error('no look')
        return { ...OVERVIEW, pauseSeconds }
      },
    },
    lineOf: async () => line,
    failureLine: (error) => `failed: ${String(error)}\n`,
  })
  const left: string[] = []
  const listener: RequestListener = ({ url }, response) => {
    response.on('close', () => left.push(url ?? ''))
    if (!feed.join(response)) response.writeHead(503).end()
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const join = (name: string, isReading = true) => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    const got = { text: '', leave: () => void socket.destroy() }
    socket.on('error', () => undefined)
    if (isReading) socket.on('data', (chunk) => (got.text += chunk))
    socket.write(`GET /${name} HTTP/1.1\r\nHost: x\r\n\r\n`)
    return got
  }
  return { seen, left, join, feed }
}

describe('the feed of a dashboard', () => {
  it('looks once for all that watch, and not at all when nobody does', async () => {
    const { seen, join, left } = await bench({ pauseSeconds: 0 })
    const pages = ['a', 'b', 'c'].map((name) => join(name))
    await eventually(() => expect(pages.every(({ text }) => text.split('{}').length > 5)).toBe(true))
    expect(seen.most).toBe(1)
    for (const { leave } of pages) leave()
    await eventually(() => expect(left).toHaveLength(3))
    await eventually(() => expect(seen.now).toBe(0))
    const { looks } = seen
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(seen.looks).toBe(looks)
  })

  it('shows who comes in between what was seen last, and does not look sooner for it', async () => {
    const { seen, join } = await bench({ pauseSeconds: 1000 })
    const first = join('a')
    await eventually(() => expect(first.text).toContain('{}'))
    first.leave()
    const second = join('b')
    await eventually(() => expect(second.text).toContain('{}'))
    expect(seen.looks).toBe(1)
  })

  it('looks at once when something was ordered', async () => {
    const { seen, join, feed } = await bench({ pauseSeconds: 1000 })
    const page = join('a')
    await eventually(() => expect(page.text).toContain('{}'))
    feed.hurry()
    await eventually(() => expect(seen.looks).toBe(2))
  })

  it('drops a page that takes nothing, and goes on for the others', async () => {
    const { left, join, feed } = await bench({ line: `${'x'.repeat(4_000_000)}\n`, pauseSeconds: 1000 })
    join('slow', false)
    const quick = join('quick')
    // Each look comes when the quick one has taken the last, however long that takes it.
    for (let lines = 1; lines <= 10; lines++) {
      await eventually(() => expect(quick.text.length).toBeGreaterThanOrEqual(lines * 4_000_001))
      feed.hurry()
    }
    await eventually(() => expect(left).toEqual(['/slow']))
  })

  it('says that looking fails, and looks again', async () => {
    const { seen, join, feed } = await bench({ fails: true })
    const page = join('a')
    await eventually(() => expect(page.text).toContain('failed: Error: no look'))
    feed.hurry()
    await eventually(() => expect(seen.looks).toBe(2))
  })
})

import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { chart } from '../../../src/cli/reporters/chart.ts'
import { runCli } from '../../../src/cli/run.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

/** A folder with two pictures in `photos`, and `lading batch simulate` run beside it. */
async function bench(files: Readonly<Record<string, string>> = {}) {
  const cwd = folderWith(files)
  mkdirSync(join(cwd, 'photos'))
  for (const [name, width] of [
    ['a.jpg', 900],
    ['b.jpg', 700],
  ] as const) {
    const image = sharp({ create: { width, height: 200, channels: 3, background: { r: width % 256, g: 2, b: 3 } } })
    writeFileSync(join(cwd, 'photos', name), await image.jpeg().toBuffer())
  }
  const run = async (...argv: readonly string[]) => {
    const [stdout, stderr] = [createScreen(), createScreen()]
    const env = { XDG_CONFIG_HOME: join(cwd, 'none') }
    const code = await runCli(['batch', 'simulate', ...argv], { stdout, stderr, env, cwd })
    return { code, out: stdout.text, err: stderr.text }
  }
  return { cwd, run }
}

const MANY = JSON.stringify([
  { images: 2000, width: 2725, height: 2225, lane: 'bulk', name: 'archive' },
  { images: 100, width: 1600, height: 1067, lane: 'hi', recipe: 'thumb', atMinutes: 2 },
  { images: 60, width: 1600, height: 1067, perHour: 600 },
])

const records = (out: string) =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe('lading batch simulate', () => {
  it('says when a folder would be done, at what cost, and sends nothing', async () => {
    const { run, cwd } = await bench()
    const { code, out, err } = await run('photos')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ {2}work {7}2 images, \d+ variants, 0\.\d s of one core\n {2}done {7}all after 4[5-9] s\n/)
    expect(out).toMatch(/\n {2}instances {2}1 at a time of 10, 1 started\n/)
    expect(out).toContain('\n  at worst   instances $2.56 in one life of the fleet: 10 x 4 h x $0.064\n')
    expect(out).toContain('spot prices and capacity')
    expect(existsSync(join(cwd, 'store'))).toBe(false)
  })

  it('draws instances and waiting in 80 columns, in plain characters', async () => {
    const { run } = await bench({ 'many.json': MANY })
    const { code, out } = await run('--batches', 'many.json', '--interruptions', '2')
    expect(code).toBe(0)
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    expect(out).toMatch(/^[\n -~]*$/)
    expect(out).toMatch(/\n {2}age of the oldest image that nobody has begun\n +\d+ .*\|[ .#]+\n/)
    expect(out).toContain('\n  waited     half         95 of 100    all          last one done\n  hi         ')
    expect(out.match(/^ {2}(hi|std|bulk) /gm)).toHaveLength(3)
  })

  it('gives the same answer for the same seed', async () => {
    const { run } = await bench({ 'many.json': MANY })
    const often = ['--batches', 'many.json', '--interruptions', '20', '--json', '--seed']
    const [first, again, other] = [await run(...often, '7'), await run(...often, '7'), await run(...often, '8')]
    expect(again.out).toBe(first.out)
    expect(other.out).not.toBe(first.out)
    const [record, summary] = records(first.out)
    expect(record).toMatchObject({ v: 1, type: 'simulation', seed: 7, images: 2160, done: 2160, left: 0 })
    expect(record.instances.taken).toBeGreaterThan(0)
    expect(summary).toEqual({ v: 1, type: 'summary', ok: true, exit: 0 })
  })

  it('takes folders of a list from where the list is', async () => {
    const { run } = await bench({
      'lists/two.json': '[{"folder": "../photos"}, {"folder": "../photos", "lane": "hi"}]',
    })
    const [record] = records((await run('--batches', 'lists/two.json', '--json')).out)
    expect(record).toMatchObject({ images: 4, lanes: [{ lane: 'hi' }, { lane: 'std' }] })
  })

  it('says what workers of this machine would do, which cost nothing', async () => {
    const { run } = await bench()
    const { code, out } = await run('photos', '--local', '2')
    expect(code).toBe(0)
    expect(out).toContain('\n  workers    2 workers, ')
    expect(out).toContain('\n  cost       nothing: they run on this machine\n')
    expect(out).not.toContain('spot')
  })

  it('lets more workers than cores share them', async () => {
    const { run } = await bench({ 'one.json': '[{"images": 400, "width": 900, "height": 600}]' })
    const secondsOf = async (workers: number): Promise<number> => {
      const [record] = records((await run('--batches', 'one.json', '--local', String(workers), '--json')).out)
      return record.doneSeconds
    }
    // A slot that has the last image may be the only one that is not idle.
    expect(await secondsOf(200)).toBeGreaterThan(0.9 * (await secondsOf(1)))
  })

  it('stops when it is told to', async () => {
    const list = [{ images: 20_000, width: 900, height: 600, perHour: 60, deadlineHours: 1 }]
    const { cwd } = await bench({ 'slow.json': JSON.stringify(list) })
    const stop = new AbortController()
    const [stdout, stderr] = [createScreen(), createScreen()]
    const io = { stdout, stderr, env: { XDG_CONFIG_HOME: join(cwd, 'none') }, cwd, signal: stop.signal }
    const running = runCli(['batch', 'simulate', '--batches', 'slow.json'], io)
    // By then it has begun, and has hours of virtual time before it.
    setTimeout(() => stop.abort(Object.assign(new Error('stopped'), { exitCode: 130 })), 0)
    expect(await running).toBe(130)
    expect(stdout.text).toBe('')
    expect(stderr.text).toContain('Run the same command again.')
    expect(stderr.text).not.toContain('sent')
  })

  it('refuses what submit would refuse, before anything is simulated', async () => {
    const { run } = await bench()
    const { code, out, err } = await run('photos', '--budget', '1')
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toContain('E_BUDGET  the fleet could cost $2.56, more than the budget of $1.00')
    expect(err).toContain('Let it have 3 at most')
    expect((await run('photos', '--budget', '1', '--max-instances', '3')).code).toBe(0)
  })

  it('ends with 6 when images are late for their deadline, or nobody is left to make them', async () => {
    const list = [{ images: 3000, width: 2725, height: 2225, perHour: 200, budget: 0.1, deadlineHours: 1 }]
    const { run } = await bench({ 'long.json': JSON.stringify(list) })
    const { code, out } = await run('--batches', 'long.json', '--max-instances', '1', '--lifetime', '60')
    expect(code).toBe(6)
    expect(out).toMatch(/\n {2}done {7}\d+ of 3000 after /)
    expect(out).toMatch(/\n {2}budget {5}paid for no more than 0 at times, from .* to .*\n/)
  })

  it('says of a batch that nobody begins in time that none is done, and what the wait for it costs', async () => {
    const { run } = await bench()
    const { code, out } = await run('photos', '--deadline', '0.01')
    expect(code).toBe(6)
    expect(out).toContain('\n  done       none of 2\n             2 came to their turn after the deadline')
    expect(out).toMatch(/\n {2}cost {7}\$0\.00\d+\n +instances \$0\.00\d+ for 2 min \d+ s, requests and addresses \$/)
  })

  it.each([
    [[], 'there is nothing to simulate', '--batches FILE'],
    [['photos', '--batches', 'x.json'], 'a folder does nothing beside --batches', 'Leave photos out'],
    [['--batches', 'x.json', '--lane', 'hi'], '--lane does nothing with --batches', 'Leave --lane out'],
    [['--batches', 'x.json'], 'It cannot be read: ENOENT.', '{"folder": "photos"}'],
    [['--batches', 'no.json'], 'It is no list in JSON, or an empty one.', '{"folder": "photos"}'],
    [['--batches', 'odd.json'], 'Batch 2: there is no "colour".', '{"folder": "photos"}'],
    [['--batches', 'both.json'], 'Batch 1: there is no "images" beside "folder".', '{"folder": "photos"}'],
    [['--batches', 'few.json'], 'Batch 1: "height" is missing.', '{"folder": "photos"}'],
    [['--batches', 'null.json'], 'Batch 1: it is no object.', '{"folder": "photos"}'],
    [['--batches', 'lane.json'], 'Batch 1: lane: ', '{"folder": "photos"}'],
    [['--batches', 'huge.json'], 'more than 2000000', '{"folder": "photos"}'],
    [['photos', '--local', '2', '--budget', '5'], '--budget does nothing with --local', 'Leave --budget out'],
    [['photos', '--local', '2', '--seed', '5'], '--seed does nothing with --local', 'Leave --seed out'],
    [['photos', '--lifetime', '5'], '--lifetime is out of range', 'from 10 to'],
    [['photos', '--lifetime', '90.5'], '--lifetime is out of range', 'whole number'],
    [['photos', '--local', '1.5'], '--local is out of range', 'whole number'],
    [['photos', '--max-instances', '1.5'], '--max-instances is out of range', 'whole number'],
    [['photos', '--slots', '1.5'], '--slots is out of range', 'whole number'],
    [['photos', '--seed', '1.5'], '--seed is out of range', 'whole number'],
    [['photos', '--interruptions', 'often'], '--interruptions', 'number'],
  ] as const)('refuses %j', async (argv, what, hint) => {
    const huge = Array.from({ length: 3 }, () => ({ images: 1_000_000, width: 10, height: 10 }))
    const { run } = await bench({
      'no.json': '{"folder": "photos"}',
      'odd.json': '[{"folder": "photos"}, {"images": 3, "width": 1, "height": 1, "colour": "red"}]',
      'both.json': '[{"folder": "photos", "images": 3}]',
      'few.json': '[{"images": 3, "width": 1}]',
      'null.json': '[null]',
      'lane.json': '[{"folder": "photos", "lane": "fast"}]',
      'huge.json': JSON.stringify(huge),
    })
    const { code, err } = await run(...argv)
    expect(code).toBe(2)
    expect(err.replace(/\s+/g, ' ')).toContain(what)
    expect(err).toContain(hint)
  })
})

describe('a chart', () => {
  const label = (value: number) => `${value} s`

  it('stands on its axis, with the scale at the top', () => {
    expect(chart([0, 0.9, 5, 10, 0.1], { label, ends: ['0', '5 s'] })).toBe(
      [
        '         10 s |   #',
        '              |   #',
        '              |  ##',
        '              |  ##',
        '              | .##.',
        '          0 s +-----',
        '               0 5 s',
        '',
      ].join('\n'),
    )
  })

  it('stands straight, however long its scale is', () => {
    const lines = chart([1, 2], { label: (value) => `${value} days 44 min`, ends: ['0', '1'] }).split('\n')
    expect(lines.slice(0, 6).map((line) => line.search(/[|+]/))).toEqual([16, 16, 16, 16, 16, 16])
    expect(lines[6]).toBe(`${' '.repeat(17)}01`)
  })

  it('of nothing is empty', () => {
    expect(chart([0, 0], { label, ends: ['0', '2'] }).split('\n')[0]).toBe('          0 s |')
  })
})

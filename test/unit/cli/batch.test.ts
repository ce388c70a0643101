import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { workerEventText, workerStatsText } from '../../../src/cli/reporters/batch-worker.ts'
import { runCli } from '../../../src/cli/run.ts'
import { LadingError, openStore } from '../../../src/index.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { startAutoScaling } from '../../rig/auto-scaling.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

/** A folder with three pictures in `photos`, and the command run there with the key in a home of its own. */
async function bench(more: Readonly<Record<string, string>> = {}) {
  const cwd = folderWith({ 'photos/readme.txt': 'no image' })
  const home = mkdtempSync(join(cwd, 'home-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  for (const [name, width] of [
    ['a.jpg', 900],
    ['b.jpg', 700],
    ['c.png', 300],
  ] as const) {
    const image = sharp({ create: { width, height: 200, channels: 3, background: { r: width % 256, g: 2, b: 3 } } })
    writeFileSync(join(cwd, 'photos', name), await image.toFormat(name.endsWith('png') ? 'png' : 'jpeg').toBuffer())
  }
  const lading = async (...argv: readonly string[]) => {
    const [stdout, stderr] = [createScreen(), createScreen()]
    const code = await runCli(argv, { stdout, stderr, env: { HOME: home, ...more }, cwd })
    return { code, out: stdout.text, err: stderr.text }
  }
  /** As a worker says that an item of a batch in `store` failed. */
  const fail = async (batch: string, item: string, kind: 'f' | 'd' = 'f') => {
    const store = await openStore({ kind: 'folder', path: join(cwd, 'store'), label: 'store/' }, {})
    const bytes = Buffer.from(JSON.stringify({ v: 1, item, code: 'E_IMAGE_FORMAT', reason: 'it is none' }))
    await store.put(`b/${batch}/${kind}/0000/${item}.json`, bytesBody(bytes), { 'content-type': 'application/json' })
  }
  return { cwd, home, lading, fail }
}

/** For this machine: everything is there, and npm is not asked. */
const HERE = ['--arch', process.arch === 'arm64' ? 'arm64' : 'x64'] as const

const records = (out: string) =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe('lading batch', () => {
  it('sends a folder without an account, says what it costs, and how to go on', async () => {
    const { lading, cwd, home } = await bench()
    const { code, out, err } = await lading('batch', 'submit', 'photos', '--to', './store', '--recipe', 'web')
    expect(code).toBe(0)
    const batch = out.trim()
    expect(batch).toMatch(/^b-[0-9a-f]{16}$/)
    expect(err).toContain(`batch ${batch}: 3 images, 3 messages sent`)
    expect(err).toMatch(/cost +\$[\d.e-]+ on spot/)
    expect(err).toContain('Next: lading batch worker --to ./store\n')
    expect(err).toContain(`lading batch watch ${batch} --to ./store\n`)
    expect(statSync(join(home, '.config/lading/batch.key')).mode & 0o777).toBe(0o600)
    expect(statSync(join(cwd, 'store/queues/std')).isDirectory()).toBe(true)
  })

  it('says on a second run that it goes on with the same batch', async () => {
    const { lading } = await bench()
    const first = await lading('batch', 'submit', 'photos', '--to', 'store', '--json')
    const second = await lading('batch', 'submit', 'photos', '--to', 'store', '--json')
    const [[a, end], [b]] = [records(first.out), records(second.out)]
    expect(end).toEqual({ v: 1, type: 'summary', ok: true, exit: 0 })
    expect(a).toMatchObject({ type: 'batch', items: 3, originals: { put: 3 } })
    expect(b).toMatchObject({ batch: a.batch, originals: { put: 0 }, deadline: a.deadline })
  })

  it('says of a batch that nobody will begin that it is no success, and why', async () => {
    const group = await startAutoScaling({ max: 0 })
    onTestFinished(() => group.close())
    const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' }
    const { lading } = await bench({ ...keys, AWS_ENDPOINT_URL_AUTO_SCALING: group.url })
    const submit = ['batch', 'submit', 'photos', '--to', 'store', '--group', group.group]
    const { code, err } = await lading(...submit)
    expect(err).toContain('Nobody will begin it: 1 would be needed, the fleet may have 0. Submit it again with')
    expect(code).toBe(6)
    const [batch, summary] = records((await lading(...submit, '--json')).out)
    expect(batch).toMatchObject({ instances: 0, stalled: '1 would be needed, the fleet may have 0' })
    expect(summary).toMatchObject({ ok: false, exit: 6 })
  })

  it('says how far a batch is', async () => {
    const { lading } = await bench()
    const { out } = await lading('batch', 'submit', 'photos', '--to', 'store', '-q')
    const status = await lading('batch', 'status', out.trim(), '--to', 'store')
    expect(status).toMatchObject({ code: 0, err: '' })
    expect(status.out).toContain('0 of 3 (0 %)')
    const [record] = records((await lading('batch', 'status', out.trim(), '--to', 'store', '--json')).out)
    expect(record).toMatchObject({ type: 'batch-status', items: 3, done: 0, isCancelled: false })
    expect(await lading('batch', 'status', 'nobody', '--to', 'store')).toMatchObject({ code: 3, out: '' })
  })

  it('is read in 80 columns', async () => {
    const { lading } = await bench()
    const submitted = await lading('batch', 'submit', 'photos', '--to', 'store')
    const status = await lading('batch', 'status', submitted.out.trim(), '--to', 'store')
    for (const line of `${submitted.err}${status.out}`.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  it('names the images that failed, with their reasons, and where all are named when they are many', async () => {
    const { lading, cwd, fail } = await bench()
    const names = Array.from({ length: 12 }, (_, at) => `z${String(at).padStart(2, '0')}.jpg`)
    for (const name of names) writeFileSync(join(cwd, 'photos', name), `no image ${name}`)
    const batch = (await lading('batch', 'submit', 'photos', '--to', 'store', '-q')).out.trim()
    await fail(batch, '0000-0003')
    const status = await lading('batch', 'status', batch, '--to', 'store')
    expect(status.out).toContain('1 of 15 (6 %), 1 failed\n  ! z00.jpg  E_IMAGE_FORMAT  it is none\n')
    for (const at of names.keys()) await fail(batch, `0000-${String(at + 3).padStart(4, '0')}`)
    await lading('batch', 'reassemble', batch, '--to', 'store')
    const watched = await lading('batch', 'watch', batch, '--to', 'store')
    expect(watched.code).toBe(6)
    expect(watched.err).toContain('  ! z09.jpg  E_IMAGE_FORMAT  it is none\n    and 2 more; ')
    expect(watched.err).toContain(`b/${batch}/images.json in the store names all\n`)
    const [record] = records((await lading('batch', 'watch', batch, '--to', 'store', '--json')).out)
    expect(record.failures).toHaveLength(10)
    expect(record.failures[0]).toEqual({
      item: '0000-0003',
      path: 'z00.jpg',
      code: 'E_IMAGE_FORMAT',
      message: 'it is none',
    })
  })

  it('ends with 6 as often as it is watched until it has closed with failures', async () => {
    const { lading, fail } = await bench()
    const submit = ['batch', 'submit', 'photos', '--to', 'store', '--batch', 'p']
    await lading(...submit)
    for (const item of ['0000-0000', '0000-0001', '0000-0002']) await fail('p', item)
    await lading('batch', 'reassemble', 'p', '--to', 'store')
    const { code, err } = await lading(...submit, '--watch')
    expect(code).toBe(6)
    expect(err.match(/^Closed .*: 0 done, 3 failed\.$/gm)).toHaveLength(1)
    expect(err).toContain('  ! a.jpg  E_IMAGE_FORMAT  it is none\n')
    const all = records((await lading(...submit, '--watch', '--json')).out)
    expect(all.map(({ type }) => type)).toEqual(['batch', 'batch-status', 'batch-result', 'summary'])
    expect(all.at(-1)).toMatchObject({ ok: false, exit: 6 })
  })

  it('writes the manifest of a closed batch to a file, as a store in a folder has none by that name', async () => {
    const { lading, cwd } = await bench()
    await lading('batch', 'submit', 'photos', '--to', 'store', '--batch', 'p')
    await lading('batch', 'reassemble', 'p', '--to', 'store')
    const watched = await lading('batch', 'watch', 'p', '--to', 'store', '--manifest', 'images.json')
    expect(watched.code).toBe(6)
    expect(watched.err).toContain('Wrote images.json, which sync --pictures reads.\n')
    const { images, failures } = JSON.parse(readFileSync(join(cwd, 'images.json'), 'utf8'))
    expect([images, Object.keys(failures)]).toEqual([{}, ['a.jpg', 'b.jpg', 'c.png']])
    const { code, err } = await lading('batch', 'watch', 'p', '--to', 'store', '--manifest', 'none/images.json')
    expect(code).toBe(6)
    expect(err).toContain('the image manifest cannot be written')
    const over = await lading('batch', 'watch', 'p', '--to', 'store', '--manifest', 'photos/a.jpg')
    expect([over.code, over.err]).toEqual([3, expect.stringContaining('E_OUT')])
  })

  it('says of a batch that was cancelled that submitting it again does not have it made', async () => {
    const { lading } = await bench()
    const submit = ['batch', 'submit', 'photos', '--to', 'store', '--batch', 'p']
    await lading(...submit)
    await lading('batch', 'control', 'cancel', 'p', '--to', 'store')
    const { code, err } = await lading(...submit)
    expect(code).toBe(6)
    expect(err).toContain('It was cancelled: workers end what has not begun.\n')
    expect(err).toContain('To have it made, submit it under another name: --batch NAME\n')
    expect(records((await lading(...submit, '--json')).out)[0]).toMatchObject({ isCancelled: true, sent: 3 })
  })

  it('sends the images that can be read, names each other one, and ends with 6 as often as it is run', async () => {
    const { lading, cwd } = await bench()
    const photo = (name: string | Buffer) => Buffer.concat([Buffer.from(join(cwd, 'photos/')), Buffer.from(name)])
    symlinkSync('nowhere.jpg', photo('dead.jpg'))
    symlinkSync('/mnt/album', photo('album'))
    symlinkSync('../photos', photo('round'))
    symlinkSync('/etc/hostname', photo('out.png'))
    writeFileSync(photo(Buffer.from('caf\xe9.jpg', 'latin1')), 'latin-1')
    writeFileSync(photo('new\nline.jpg'), 'two lines')
    writeFileSync(photo('huge.jpg'), Buffer.alloc(50_000_001))
    const submit = ['batch', 'submit', 'photos', '--to', 'store']
    const first = await lading(...submit)
    expect(first.code).toBe(6)
    expect(first.err).toContain(': 4 images, 4 messages sent\n')
    expect(first.err).toContain(
      [
        '  left out   album: it is a link that leads nowhere',
        '  left out   caf\\xE9.jpg: its name is not UTF-8; rename it, as convmv does in bulk',
        '  left out   dead.jpg: it is a link that leads nowhere',
        '  left out   out.png: it is a link out of the folder',
        '  left out   huge.jpg: 50.0 MB, more than 50.0 MB\n',
      ].join('\n'),
    )
    const again = await lading(...submit, '--json')
    expect(again.code).toBe(6)
    const [batch, summary] = records(again.out)
    expect(batch).toMatchObject({ batch: first.out.trim(), originals: { put: 0 } })
    expect(batch.refused).toHaveLength(5)
    expect(summary).toMatchObject({ ok: false, exit: 6 })
    expect((await lading('batch', 'estimate', 'photos')).out).toContain('4 images')
  })

  it('names the first ten images that are left out, and how many more there are', async () => {
    const { lading, cwd } = await bench()
    for (let at = 10; at < 22; at++) symlinkSync('nowhere.jpg', join(cwd, `photos/z${at}.jpg`))
    const { err } = await lading('batch', 'submit', 'photos', '--to', 'store')
    expect(err).toContain('z19.jpg: it is a link that leads nowhere\n             and 2 more; --json names all\n')
  })

  it('ends with 6 when it has watched a batch that closed well, of which an image was left out', async () => {
    const { lading, cwd, fail } = await bench()
    symlinkSync('nowhere.jpg', join(cwd, 'photos/dead.jpg'))
    const submit = ['batch', 'submit', 'photos', '--to', 'store', '--batch', 'p']
    await lading(...submit)
    for (const at of [0, 1, 2]) await fail('p', `0000-000${at}`, 'd')
    const watched = await lading(...submit, '--watch', '--json')
    expect(watched.code).toBe(6)
    expect(records(watched.out).at(-1)).toMatchObject({ type: 'summary', ok: false, exit: 6 })
  })

  it('cancels no batch that has closed, and says so, unless a submit has made it go on since', async () => {
    const { lading, fail } = await bench()
    const place = ['--to', 'store']
    const submit = ['batch', 'submit', 'photos', ...place, '--batch', 'p', '-q']
    await lading(...submit)
    await lading('batch', 'reassemble', 'p', ...place)
    expect((await lading('batch', 'control', 'cancel', 'p', ...place)).code).toBe(0)
    await lading(...submit.with(-2, 'q'))
    for (const at of [0, 1, 2]) await fail('q', `0000-000${at}`)
    await lading('batch', 'reassemble', 'q', ...place)
    const { code, err } = await lading('batch', 'control', 'cancel', 'q', ...place)
    expect(code).toBe(3)
    expect(err).toContain('E_BATCH  batch "q" has closed; nothing was cancelled')
    expect(err).toContain('See what became of it: lading batch status q --to store\n')
    expect((await lading('batch', 'status', 'q', ...place)).out).not.toContain('cancelled')
  })

  it('refuses to start workers for queues that are not of this machine before anything is put or sent', async () => {
    const { lading, cwd, home } = await bench()
    const queues = ['--queues', 'https://sqs.eu-west-1.amazonaws.com/123456789012/lading']
    const { code, err } = await lading('batch', 'submit', 'photos', '--to', 'store', ...queues, '--local', '2')
    expect(err).toContain('workers of this machine are started for queues of this machine')
    expect(err.replace(/\n +/g, ' ')).toContain(`lading batch worker --to store ${queues.join(' ')}`)
    expect(code).toBe(2)
    expect(() => statSync(join(cwd, 'store'))).toThrow()
    expect(() => statSync(join(home, '.config'))).toThrow()
  })

  it('says now and then how many originals are there', async () => {
    let nowMs = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 20_000))
    onTestFinished(() => clock.mockRestore())
    const { lading } = await bench()
    const { err } = await lading('batch', 'submit', 'photos', '--to', 'store')
    expect(err).toContain('  3/3 images\n')
    expect((await lading('batch', 'submit', 'photos', '--to', 'store', '-q')).err).toBe('')
    expect(records((await lading('batch', 'submit', 'photos', '--to', 'store', '--json')).out)).toHaveLength(2)
  })

  it('says of a batch whose submit was broken off that the same one has to go on, and then no more', async () => {
    const { lading, cwd } = await bench()
    const submit = ['batch', 'submit', 'photos', '--to', 'store', '-q']
    const batch = (await lading(...submit)).out.trim()
    const told = async () => (await lading('batch', 'status', batch, '--to', 'store')).out
    expect(await told()).not.toContain('not all sent')
    const store = await openStore({ kind: 'folder', path: join(cwd, 'store'), label: 'store/' }, {})
    await store.remove([`b/${batch}/sent.json`])
    expect(await told()).toContain('0 of 3 (0 %), not all sent: unless a submit is at it, run the same one again\n')
    await lading(...submit)
    expect(await told()).not.toContain('not all sent')
  })

  it('knows the recipes of the configuration, in its price and in its batch', async () => {
    const { lading, cwd } = await bench()
    const recipes = { hero: { widths: [400], formats: { jpeg: { quality: 80 } } } }
    writeFileSync(join(cwd, 'lading.config.json'), JSON.stringify({ images: { recipes } }))
    const [record] = records((await lading('batch', 'estimate', 'photos', '--recipe', 'hero', '--json')).out)
    expect(record).toMatchObject({ type: 'estimate', recipe: 'hero', images: 3 })
    expect((await lading('batch', 'submit', 'photos', '--to', './store', '--recipe', 'hero')).code).toBe(0)
    expect((await lading('batch', 'submit', 'photos', '--to', './store', '--recipe', 'heroic')).code).toBe(2)
  })

  it('estimates without sending anything', async () => {
    const { lading, cwd } = await bench()
    const { code, out } = await lading('batch', 'estimate', 'photos', '--recipe', 'thumb')
    expect(code).toBe(0)
    expect(out).toMatch(/work +3 images, \d+ variants/)
    const [record] = records((await lading('batch', 'estimate', 'photos', '--json')).out)
    expect(record).toMatchObject({ type: 'estimate', recipe: 'web', images: 3 })
    expect(record.whatIf.map(({ change }: { change: string }) => change)).toContain('every other width')
    expect(() => statSync(join(cwd, 'store'))).toThrow()
  })

  it('makes a result of what there is, and tells by its exit code that images are missing', async () => {
    const { lading } = await bench()
    const { out } = await lading('batch', 'submit', 'photos', '--to', 'store', '-q')
    const made = await lading('batch', 'reassemble', out.trim(), '--to', 'store', '--json')
    expect(records(made.out)[0]).toMatchObject({ type: 'batch-result', items: 3, done: 0, missing: 3, partial: true })
    const watched = await lading('batch', 'watch', out.trim(), '--to', 'store')
    expect(watched.code).toBe(6)
    expect(watched.err).toContain('3 missing')
  })

  it('says which folder cannot be written, which is no bug', async () => {
    const { lading, cwd } = await bench()
    await lading('batch', 'submit', 'photos', '--to', 'store', '--batch', 'b1', '-q')
    writeFileSync(join(cwd, 'taken'), 'a file')
    const made = await lading('batch', 'repro', 'b1', 'a.jpg', '--to', 'store', '--out', 'taken')
    expect([made.code, made.err]).toEqual([6, expect.stringMatching(/E_WRITE .*taken\n.*no folder.*--out/s)])
    const packed = await lading('batch', 'pack', ...HERE, '--no-node', '--out', 'taken')
    expect([packed.code, packed.err]).toEqual([6, expect.stringMatching(/E_WRITE .*taken\n.*no folder.*--out/s)])
  })

  it('packs no Node that is not there', async () => {
    const { lading } = await bench()
    const { code, err } = await lading('batch', 'pack', ...HERE, '--node', 'nofile')
    expect([code, err]).toEqual([2, expect.stringMatching(/E_USAGE .*nofile/s)])
  })

  it('has no dead letters at first', async () => {
    const { lading } = await bench()
    await lading('batch', 'submit', 'photos', '--to', 'store', '-q')
    expect(await lading('batch', 'dlq', '--to', 'store')).toMatchObject({ code: 0, out: '', err: 'No dead letters.\n' })
    expect((await lading('batch', 'redrive', '--to', 'store')).err).toBe('ok: 0 messages sent once more.\n')
  })

  it.each(['dlq', 'redrive'])('%s finds no queues where nothing was submitted, and makes none', async (verb) => {
    const { lading, cwd } = await bench()
    const { code, err } = await lading('batch', verb, '--to', 'stroe')
    expect([code, err]).toEqual([4, expect.stringContaining('E_NO_QUEUE  there are no queues here')])
    expect(readdirSync(cwd)).not.toContain('stroe')
  })

  it.each([
    [['batch', 'submit', 'photos', '--to', 'store', '--lane', 'fast'], 2, 'there is no lane "fast"'],
    [['batch', 'submit', 'photos', '--to', 'store', '--recipe', 'wep'], 2, 'there is no recipe called "wep"'],
    [['batch', 'submit', 'photos', '--to', 's3://bucket/x'], 2, 'no queues were given'],
    [['batch', 'submit', 'photos', '--to', 'store', '--queues', 'redis://x'], 2, 'is no place for queues'],
    [['batch', 'submit', 'photos', '--to', 'store', '--budget', '0.1'], 3, 'more than the budget'],
    [['batch', 'submit', 'photos', '--to', 'store', '--max-instances', 'many'], 2, '--max-instances is out of range'],
    [['batch', 'submit', 'photos', '--to', 'store', '--max-instances', '2.5'], 2, 'It must be a whole number from 1'],
    [['batch', 'submit', 'photos', '--to', 'store', '--local', '1.5'], 2, '--local is out of range'],
    [
      ['batch', 'submit', 'photos', '--to', 'store', '--local', '1', '--budget', '9'],
      2,
      '--budget does nothing with --local',
    ],
    [['batch', 'worker', '--to', 'store', '--slots', '1.5'], 2, '--slots is out of range'],
    // Instances reckon with it in a shell, which knows whole numbers alone.
    [['batch', 'stack', '--lifetime', '90.5'], 2, '--lifetime is out of range'],
    [['batch', 'submit', 'nothing', '--to', 'store'], 3, ''],
    [['batch', 'submti', 'photos'], 2, "unknown command 'submti'"],
  ])('refuses %j', async (argv, code, message) => {
    const { lading } = await bench()
    const result = await lading(...argv)
    expect(result.code).toBe(code)
    expect(result.err).toContain(message)
  })

  it('says why a worker waits, which is not the image’s fault', () => {
    const message = 'the folder store failed at "v/ab/1.avif"'
    const error = new LadingError('E_STORE', message, { why: 'the disk answered ENOSPC' })
    const text = workerEventText({ type: 'trouble', what: 'work', error, waitMs: 1000 }, false)
    expect(text).toBe(`  ! work: E_STORE ${message}: the disk answered ENOSPC\n`)
  })

  it.each([
    [{ done: 1 }, '1 image done'],
    [{ done: 3, failed: 2, released: 1 }, '3 images done, 2 failed, 1 released'],
    [{ crashed: 1, cancelled: 4 }, '0 images done, 4 cancelled, 1 crashed'],
  ])('says at a worker’s end what became of its images: %j', (some, said) => {
    const counts = { done: 0, failed: 0, cancelled: 0, crashed: 0, released: 0, ...some }
    const stats = {
      state: 'draining',
      instance: 'here',
      reason: 'idle',
      running: 0,
      waiting: 0,
      slots: 1,
      counts,
    } as const
    expect(workerStatsText(stats)).toBe(`here ended (idle): ${said}.\n`)
  })

  it('is listed in the help, with its verbs', async () => {
    const { lading } = await bench()
    expect((await lading('--help')).out).toMatch(/batch +images in bulk/)
    expect((await lading('batch', '--help')).out).toMatch(/submit .*second run goes on/)
  })
})

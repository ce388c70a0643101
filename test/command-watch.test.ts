import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openStore, resolveStore } from '../src/index.ts'
import { folderWith, needBuild, type Running, run, start, until } from './rig/built-command.ts'
import { eventually } from './rig/eventually.ts'
import { startStrictS3 } from './rig/strict-s3.ts'

const SITE = {
  'site/index.html': '<!doctype html><img src="logo.png" alt="">\n',
  'site/logo.png': 'logo\n',
  'site/about/index.html': 'about\n',
}

/** `lading sync site --to store --watch`, its first run behind it. */
async function watching(more: readonly string[] = [], files: Readonly<Record<string, string>> = SITE) {
  const cwd = folderWith(files)
  const running = start(['sync', 'site', '--to', 'store', '--watch', ...more], cwd)
  const isReady = (): boolean => running.err().includes('Watching site') || running.out().includes('"state":"waiting"')
  await eventually(() => expect(isReady(), running.err()).toBe(true))
  return {
    cwd,
    running,
    path: (path: string) => join(cwd, path),
    write(path: string, text: string) {
      mkdirSync(join(cwd, path, '..'), { recursive: true })
      writeFileSync(join(cwd, path), text)
    },
    /** Waits until the store has this text under the key, or no longer has the key. */
    stores: (key: string, text: string | undefined) =>
      eventually(async () => expect(await stored(cwd, key), running.err()).toBe(text)),
    releases: async () =>
      (await run(['releases', '--to', 'store', '--json'], cwd)).out.match(/"type":"release"/g)?.length,
  }
}

async function stored(cwd: string, key: string): Promise<string | undefined> {
  const { target, ...options } = resolveStore({ to: './store' }, { cwd, env: { HOME: cwd } })
  const found = await (await openStore(target, options)).get(key)
  return found && Buffer.from(found.bytes).toString('utf8')
}

async function interrupted({ child, ended }: Running): Promise<number | string | null> {
  child.kill('SIGINT')
  return ended
}

beforeAll(needBuild)

describe('lading sync --watch', () => {
  it('deploys, then every change, until Ctrl-C, and says so in a few lines', async () => {
    const { running, write, stores, releases } = await watching()
    write('site/logo.png', 'new logo\n')
    await stores('logo.png', 'new logo\n')
    await eventually(() => expect(running.err()).toMatch(/ok: Release r2/))
    expect(await interrupted(running)).toBe(130)
    expect(running.out()).toBe('')
    const lines = running.err().split('\n')
    expect(lines.slice(lines.findIndex((line) => line.startsWith('ok: Release r1')) + 1)).toEqual([
      'Watching site; options were read once. Ctrl-C ends it.',
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}1 change: logo\.png$/),
      expect.stringMatching(/^ok: Release r2-\w+: 1 uploaded \(9 B\), 2 kept \(.*\)\.$/),
      '',
    ])
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    expect(await releases()).toBe(2)
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends by %s with %d', async (signal, code) => {
    const { running } = await watching()
    running.child.kill(signal)
    expect(await running.ended).toBe(code)
    expect(running.err()).not.toContain('E_ABORTED')
  })

  it('notices new folders, renamed files, removed files, and editors that save by renaming', async () => {
    const { path, write, stores } = await watching()
    write('site/blog/2026/post.html', 'post\n')
    await stores('blog/2026/post.html', 'post\n')
    write('site/blog/2026/post.html', 'post, mended\n')
    await stores('blog/2026/post.html', 'post, mended\n')
    renameSync(path('site/about/index.html'), path('site/about/us.html'))
    await stores('about/us.html', 'about\n')
    await stores('about/index.html', undefined)
    write('site/.logo.png.swp', 'saved\n')
    renameSync(path('site/.logo.png.swp'), path('site/logo.png'))
    await stores('logo.png', 'saved\n')
  })

  it('waits for a build that empties the folder, and publishes no half of it', async () => {
    const { running, path, write, stores, releases } = await watching()
    rmSync(path('site'), { recursive: true })
    await eventually(() => expect(running.err()).toContain('site is missing or empty: waiting until a build has'))
    write('site/about/index.html', 'about, built\n')
    write('site/logo.png', 'logo, built\n')
    write('site/index.html', 'index, built\n')
    await stores('index.html', 'index, built\n')
    await stores('about/index.html', 'about, built\n')
    await eventually(() => expect(running.err()).toMatch(/^ok: Release r2/m))
    expect(await interrupted(running)).toBe(130)
    expect(await releases()).toBe(2)
  })

  it('waits for a folder that is not there yet', async () => {
    const cwd = folderWith({})
    const running = start(['sync', 'site', '--to', 'store', '--watch'], cwd)
    await eventually(() => expect(running.err()).toContain('site is missing or empty'))
    mkdirSync(join(cwd, 'site'))
    writeFileSync(join(cwd, 'site/index.html'), 'first\n')
    await eventually(async () => expect(await stored(cwd, 'index.html'), running.err()).toBe('first\n'))
    expect(await interrupted(running)).toBe(130)
  })

  it('goes on after a run that was refused, and deploys what mends it', async () => {
    const { running, path, write, stores } = await watching()
    write('site/.env', 'TOKEN=1\n')
    await eventually(() => expect(running.err()).toContain('E_SECRET_FILE  Files with secrets lie in the folder'))
    expect(running.err()).not.toMatch(/^ {2}exit 3$/m)
    write('site/index.html', 'mended\n')
    rmSync(path('site/.env'))
    await stores('index.html', 'mended\n')
    expect(await interrupted(running)).toBe(130)
  })

  it('rewrites pages in place without going round in circles', async () => {
    const { running, path, write, releases } = await watching(['--url', '/_a/', '--in-place'])
    const page = (): string => readFileSync(path('site/index.html'), 'utf8')
    expect(page()).toMatch(/src="\/_a\/a\/logo\.\w+\.png"/)
    write('site/index.html', '<!doctype html><title>2</title><img src="logo.png" alt="">\n')
    await eventually(() => expect(page()).toMatch(/<title>2<.*src="\/_a\/a\/logo\.\w+\.png"/))
    await eventually(() => expect(running.err()).toMatch(/ok: Release r2/))
    write('site/logo.png', 'third\n')
    await eventually(() => expect(running.err().match(/^ok: /gm)?.length).toBe(3))
    expect(running.err()).not.toContain('No changes')
    expect(running.err().match(/^\d\d:\d\d:\d\d {2}1 change/gm)?.length).toBe(2)
    expect(running.err().match(/^Next: put site on your web server/gm)?.length).toBe(1)
    expect(await releases()).toBe(3)
  })

  it('writes a new origin, and hosts pages, at every change', async () => {
    const out = await watching(['--url', '/_a/', '--out', 'origin'])
    out.write('site/about/index.html', 'about, changed\n')
    await eventually(() => expect(readFileSync(out.path('origin/about/index.html'), 'utf8')).toBe('about, changed\n'))
    const host = await watching(['--url', '/_a/', '--host'])
    host.write('site/about/index.html', 'about, changed\n')
    await host.stores('about/index.html', 'about, changed\n')
  })

  it('with --json tells each run with its records, what it waits for between, and an end', async () => {
    const { running, path, write } = await watching(['--json'])
    const records = (): { type: string; state?: string }[] =>
      running
        .out()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { type: string }) // the records of schema/events.json
    const told = (): string[] =>
      records()
        .filter(({ type }) => ['start', 'watch', 'summary', 'error'].includes(type))
        .map(({ type, state }) => state ?? type)
    write('site/.env', 'TOKEN=1\n')
    await eventually(() => expect(told().slice(3)).toEqual(['changed', 'start', 'error', 'waiting']))
    rmSync(path('site/.env'))
    await eventually(() => expect(told().slice(7)).toEqual(['changed', 'start', 'summary', 'waiting']))
    expect(await interrupted(running)).toBe(130)
    expect(told().slice(0, 3)).toEqual(['start', 'summary', 'waiting'])
    expect(records()).toContainEqual({ v: 1, type: 'watch', state: 'changed', changes: 1, paths: ['.env'] })
    expect(records().at(-1)).toEqual({ v: 1, type: 'summary', ok: true, exit: 130, runs: 3, failed: 1 })
    expect(running.err()).toBe('')
  })

  it('with --json ends after a run whose records nobody reads any more', async () => {
    const { running, write, stores } = await watching(['--json'])
    running.child.stdout?.destroy()
    write('site/logo.png', 'unread\n')
    await stores('logo.png', 'unread\n')
    expect(await running.ended).toBe(0)
    expect(running.err()).toBe('')
  })

  it('with --quiet says nothing but errors', async () => {
    const cwd = folderWith(SITE)
    const running = start(['sync', 'site', '--to', 'store', '--watch', '--quiet'], cwd)
    await eventually(async () => expect(await stored(cwd, 'logo.png')).toBe('logo\n'))
    writeFileSync(join(cwd, 'site/.env'), 'TOKEN=1\n')
    await eventually(() => expect(running.err()).toContain('E_SECRET_FILE'))
    expect(await interrupted(running)).toBe(130)
    expect(running.err()).toMatch(/^\S+ E_SECRET_FILE/)
  })

  it('says nothing beside its own lines when a later run sends many files at once', async () => {
    const s3 = await startStrictS3({ bucket: 'site-assets' })
    onTestFinished(s3.close)
    const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
    const to = `s3://site-assets/x/?endpoint=${s3.endpoint}&region=us-east-1`
    const cwd = folderWith(SITE)
    const running = start(['sync', 'site', '--to', to, '--watch'], cwd, env)
    await eventually(() => expect(running.err()).toContain('Watching site'))
    for (let at = 0; at < 100; at++) writeFileSync(join(cwd, `site/${at}.txt`), `${at}\n`)
    await eventually(() => expect(running.err()).toMatch(/^ok: Release r2/m))
    expect(running.err()).not.toContain('Warning')
  })

  it('is stopped in the middle of a run as a run alone is', async () => {
    const s3 = await startStrictS3({ bucket: 'site-assets' })
    onTestFinished(s3.close)
    let isReached = false
    const reached = (): boolean => (isReached = true)
    s3.fault({ at: reached, times: 1000, do: 'stall' })
    const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
    const to = `s3://site-assets/x/?endpoint=${s3.endpoint}&region=us-east-1`
    const running = start(['sync', 'site', '--to', to, '--watch'], folderWith(SITE), env)
    await until(() => isReached)
    expect(await interrupted(running)).toBe(130)
    expect(running.err()).toContain('E_ABORTED  stopped by SIGINT')
    expect(s3.objects().size).toBe(0)
  })

  it.each([
    [['site', '--dry-run'], '--watch does not go with --dry-run'],
    [['site', '--repair'], '--watch does not go with --repair'],
    [['site', '--summary', 'page.md'], '--watch does not go with --summary'],
    [['site', 'plan.json'], '--watch does not go with a saved plan'],
  ])('is refused beside %j', async (argv, message) => {
    const { code, err } = await run(['sync', ...argv, '--to', 'store', '--watch'], folderWith(SITE))
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`E_USAGE  ${message}`) })
  })

  it('ends with what no change can mend', async () => {
    const { code, err } = await run(['sync', 'site', '--to', 'store', '--watch', '--max-delete', 'x'], folderWith(SITE))
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('E_USAGE') })
  })
})

import { spawnSync } from 'node:child_process'
import { closeSync, constants, existsSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { frontPage, HELP_WIDTH } from '../src/cli/front-page.ts'
import { folderWith, MAIN, needBuild, run, start, until } from './rig/built-command.ts'
import { startStrictS3 } from './rig/strict-s3.ts'

const SITE = {
  'site/index.html': '<!doctype html><img src="logo.png" alt="">\n',
  'site/logo.png': 'logo\n',
}

beforeAll(needBuild)

describe('the built command', () => {
  it.runIf(existsSync('/dev/full')).each([
    [['--help'], 'ENOSPC'],
    [['releases', '--to', 'site', '--json'], ''],
    [['config'], 'E_WRITE  what it prints cannot be written'],
  ])('%j ends with 6 where its output goes to a full disk', async (argv, says) => {
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const cwd = folderWith(SITE)
    const { status, stderr } = spawnSync(process.execPath, [MAIN, ...argv], { cwd, stdio: ['ignore', full, 'pipe'] })
    expect(status).toBe(6)
    expect(String(stderr)).toContain(says)
    expect(String(stderr)).not.toMatch(/^\s+at /m)
  })

  it.runIf(existsSync('/dev/full'))('finishes a deploy whose records go to a full disk, and then ends with 6', () => {
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const cwd = folderWith(SITE)
    const argv = [MAIN, 'sync', 'site', '--to', 'store', '--json']
    expect(spawnSync(process.execPath, argv, { cwd, stdio: ['ignore', full, 'pipe'] }).status).toBe(6)
    const verify = spawnSync(process.execPath, [MAIN, 'verify', '--to', 'store'], { cwd })
    expect({ status: verify.status, text: String(verify.stderr) }).toEqual({
      status: 0,
      text: expect.stringMatching(/^ok: /),
    })
  })

  it.runIf(existsSync('/dev/full'))('goes on where only its messages go to a full disk', () => {
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const cwd = folderWith(SITE)
    const argv = [MAIN, 'sync', 'site', '--to', 'store']
    expect(spawnSync(process.execPath, argv, { cwd, stdio: ['ignore', 'pipe', full] }).status).toBe(0)
  })

  it('reads a log with more different files than its memory could hold', () => {
    const agent = `Mozilla/5.0 ${'(compatible) '.repeat(20)}`
    const line = (path: string, bytes: number): string =>
      `192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET ${path} HTTP/1.1" 200 ${bytes} "-" "${agent}"\n`
    const cwd = folderWith({})
    for (let part = 0; part < 8; part++) {
      const names = Array.from({ length: 50_000 }, (_, at) => `/${part}/${at}/${'long-name-'.repeat(8)}`)
      const lines = names.map((name, at) => line(name, 10) + (at % 50 === 0 ? line('/favicon.ico', 15_086) : ''))
      writeFileSync(join(cwd, `${part}.log.gz`), gzipSync(lines.join(''), { level: 1 }))
    }
    const argv = ['--max-old-space-size=80', MAIN, 'report', '.', '--top', '1', '--json']
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd, maxBuffer: 1 << 26 })
    const records = String(stdout)
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text))
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' })
    expect(records.filter(({ type }) => type === 'traffic')).toMatchObject([
      { what: '/favicon.ico', requests: 8000, bytes: 120_688_000 },
      { kind: 'others', requests: 400_000, bytes: 4_000_000 },
    ])
    expect(records.find(({ type }) => type === 'warning')).toMatchObject({ code: 'W_LOG_NAMES' })
  })

  it('says its version', async () => {
    const { code, out, err } = await run(['--version'], folderWith({}))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('exits with 2 and keeps stdout empty when it is used wrongly', async () => {
    const { code, out, err } = await run(['sync', '--nonsense'], folderWith({}))
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain("unknown option '--nonsense'")
  })

  it('loads a site, reading its TypeScript configuration, with the text for people on stderr', async () => {
    const config = "const to: string = 'store'\nexport default { root: 'site', to, url: '/_a/', out: 'origin' }\n"
    const cwd = folderWith({ ...SITE, 'lading.config.ts': config })
    const { code, out, err } = await run(['sync'], cwd)
    expect({ code, out }, err).toEqual({ code: 0, out: '' })
    expect(err).toContain('ok: Release r1-')
    expect(existsSync(join(cwd, 'origin/index.html'))).toBe(true)
  })

  it('loads a site by the TypeScript that init has written', async () => {
    const cwd = folderWith({ ...SITE, 'package.json': '{ "devDependencies": { "lading": "*" } }' })
    mkdirSync(join(cwd, 'node_modules'))
    symlinkSync(join(import.meta.dirname, '..'), join(cwd, 'node_modules/lading'), 'junction')
    const written = await run(['init', 'site', '--url', '/_a/'], cwd)
    expect({ code: written.code, out: written.out }, written.err).toEqual({ code: 0, out: '' })
    expect(written.err).toContain('ok: wrote lading.config.ts')
    const { code, err } = await run(['sync'], cwd)
    expect(code, err).toBe(0)
    expect(existsSync(join(cwd, 'origin/index.html'))).toBe(true)
  })

  it.each([
    ['lading.config.js', 'shared.js'],
    ...('typescript' in process.features && process.features.typescript ? [['lading.config.ts', 'shared.ts']] : []),
  ])(
    'reads %s without advice on the package.json of a project that does not say what its scripts are',
    async (config, shared) => {
      const cwd = folderWith({
        ...SITE,
        'package.json': '{}',
        [config ?? '']:
          `import { to } from './${shared}'\nprocess.emitWarning('from the config itself')\nexport default { root: 'site', to }\n`,
        [shared ?? '']: "export const to = 'store'\n",
      })
      const { code, err } = await run(['plan'], cwd)
      expect(code).toBe(0)
      expect(err).not.toContain('package.json')
      expect(err).toContain('Warning: from the config itself')
    },
  )

  it('puts a plan, which is data, on stdout', async () => {
    const { code, out, err } = await run(
      ['plan', 'site', '--to', 'store', '--url', '/_a/', '--out', 'origin', '--detailed-exitcode'],
      folderWith(SITE),
    )
    expect({ code, err }).toEqual({ code: 10, err: '' })
    expect(out).toContain('Plan: 1 to add')
  })

  it('writes nothing but records to stdout with --json', async () => {
    const { code, out, err } = await run(['sync', 'site', '--to', 'store', '--json'], folderWith(SITE))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const records = out
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(records.at(0)).toMatchObject({ v: 1, type: 'start' })
    expect(records.at(-1)).toMatchObject({ v: 1, type: 'summary', ok: true, exit: 0 })
  })

  it.each([[['plan', 'site', '--to', 'store']], [['--version']], [['--help']]])(
    'ends quietly when its reader has seen enough: %j',
    async (argv) => {
      const running = start(argv, folderWith(SITE))
      running.child.stdout?.destroy()
      expect(await running.ended).toBe(0)
      expect(running.err()).toBe('')
    },
  )

  it.each([['--help'], ['-h'], ['help']])('%s prints the page of all commands', async (word) => {
    const { code, out, err } = await run([word], folderWith({}))
    expect({ code, out, err }).toEqual({ code: 0, out: frontPage(HELP_WIDTH), err: '' })
  })

  it('is not content with a configuration that never comes to its end', async () => {
    const cwd = folderWith({ 'lading.config.mjs': 'await new Promise(() => {})\nexport default {}\n' })
    const { code, out, err } = await run(['plan'], cwd)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('E_BUG  Error: Nothing is left to wait for')
  })

  it('finishes a deploy although its reader has gone away', async () => {
    const cwd = folderWith(SITE)
    const running = start(['sync', 'site', '--to', 'store', '--json'], cwd)
    running.child.stdout?.destroy()
    expect(await running.ended, running.err()).toBe(0)
    expect((await run(['releases', '--to', 'store'], cwd)).out).toContain('live  r1-')
  })

  it('serves a folder store as a CDN until it is stopped', async () => {
    const cwd = folderWith(SITE)
    const synced = await run(['sync', 'site', '--to', 'store', '--url', '/_a/', '--out', 'origin', '--json'], cwd)
    const key = /"key":"([^"]+\.png)"/.exec(synced.out)?.[1]
    const running = start(['serve', 'store', '--port', '0', '--mount', '/_a/', '--cors', '--json'], cwd)
    await until(() => running.out().includes('\n'))
    const { url } = JSON.parse(running.out()) as { url: string } // the record of schema/events.json
    const answer = await fetch(`${url}${key}`)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/_a\/$/)
    expect(await answer.text()).toBe('logo\n')
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    running.child.kill('SIGINT')
    expect(await running.ended).toBe(130)
  })

  it('ends a dashboard at once, whoever has its page open', async () => {
    const running = start(['batch', 'dashboard', '--to', 'store', '--port', '0', '--json'], folderWith(SITE))
    await until(() => running.out().includes('\n'))
    const { url } = JSON.parse(running.out()) as { url: string } // the record of schema/events.json
    const [origin, token] = url.split('/#')
    const { body } = await fetch(`${origin}/api/watch`, { headers: { authorization: `Bearer ${token}` } })
    const first = await body?.getReader().read()
    expect(first?.done).toBe(false)
    running.child.kill('SIGINT')
    expect(await running.ended).toBe(130)
    expect(running.err()).toBe('')
  })

  it('serves a plain folder, and says what and where', async () => {
    const running = start(['serve', 'site', '--port', '0'], folderWith(SITE))
    await until(() => running.err().includes('\n'))
    const url = /^Serving the folder .*\/site at (http:\S+) \(CORS off\)/.exec(running.err())?.[1] ?? ''
    expect(await (await fetch(url)).text()).toBe(SITE['site/index.html'])
    running.child.kill('SIGTERM')
    expect(await running.ended).toBe(143)
  })

  it.each([
    [['serve', 'nowhere'], 3, 'E_ROOT_MISSING  there is no such folder to serve'],
    [['serve', 'site/index.html'], 3, 'E_ROOT_NOT_DIR  this is a file, not a folder'],
    [['serve', 'site/index.html/x'], 3, 'E_ROOT_MISSING  there is no such folder to serve'],
    [['serve', 'site', '--store', 'nowhere', '--mount', '/_a/'], 3, 'E_ROOT_MISSING  there is no such store to serve'],
    [['serve', 'site', '--port', '70000'], 2, 'E_USAGE  --port is out of range'],
    [['serve', 'site', '--mount', 'x'], 2, 'E_USAGE  --mount "x" is not a path'],
  ])('refuses %j', async (argv, exit, message) => {
    const { code, err } = await run(argv, folderWith(SITE))
    expect(code).toBe(exit)
    expect(err).toContain(message)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('stops on %s with %d although the store never answers', async (signal, code) => {
    const s3 = await startStrictS3({ bucket: 'site-assets' })
    onTestFinished(s3.close)
    let isReached = false
    const reached = (): boolean => (isReached = true)
    s3.fault({ at: reached, times: 1000, do: 'stall' })
    const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
    const to = `s3://site-assets/x/?endpoint=${s3.endpoint}&region=us-east-1`
    const running = start(['sync', 'site', '--to', to], folderWith(SITE), env)
    await until(() => isReached)
    running.child.kill(signal)
    expect(await running.ended).toBe(code)
    expect(running.err()).toContain(`E_ABORTED  stopped by ${signal}`)
    expect(s3.objects().size).toBe(0)
  })

  it.runIf(process.platform !== 'win32').each([1, 2])(
    'reading a pipe whose writer is silent ends at SIGINT, sent %d times, and says nothing of what was sent',
    async (times) => {
      const cwd = folderWith({})
      const pipe = join(cwd, 'pipe')
      spawnSync('mkfifo', [pipe])
      const running = start(['report', 'pipe'], cwd)
      await until(() => hasReader(pipe))
      running.child.kill('SIGINT')
      await until(() => running.err().includes('E_ABORTED'))
      if (times > 1) running.child.kill('SIGINT')
      // by itself where the signal came before the read that it waits for, else by the signal: 130 to a shell
      const ended = await running.ended
      expect(ended === 'SIGINT' ? 130 : ended).toBe(130)
      expect(running.err()).toContain('E_ABORTED  stopped by SIGINT\n  fix  Run the same command again.\n')
    },
  )
})

/** Whether somebody reads the pipe; from then on it has a writer, until the test is over. */
function hasReader(pipe: string): boolean {
  try {
    const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    onTestFinished(() => closeSync(writer))
    return true
  } catch {
    return false
  }
}

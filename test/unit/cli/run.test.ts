import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { CliIo } from '../../../src/cli/io.ts'
import { nodeVersionProblem } from '../../../src/cli/node-version.ts'
import { runCli } from '../../../src/cli/run.ts'
import { VERSION } from '../../../src/version.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function lading(
  argv: readonly string[],
  files: Record<string, string> = {},
  env: CliIo['env'] = {},
): Promise<Result> {
  const [stdout, stderr] = [createScreen(), createScreen()]
  const code = await runCli(argv, { stdout, stderr, env, cwd: folderWith(files) })
  return { code, out: stdout.text, err: stderr.text }
}

describe('the command line', () => {
  it('alone shows the shortest way in and exits with 2', async () => {
    const { code, out, err } = await lading([])
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain('lading plan dist --to STORE')
    expect(err).toContain('lading init ')
  })

  it('prints its version on stdout', async () => {
    expect(await lading(['--version'])).toEqual({ code: 0, out: `${VERSION}\n`, err: '' })
  })

  it('prints help for a command of a group', async () => {
    expect((await lading(['help', 'batch', 'submit'])).out).toContain('--deadline <hours>')
    expect((await lading(['help', 'batch'])).out).toContain('submit <folder>')
  })

  it.each([['--help'], ['help'], ['sync', '--help'], ['help', 'sync']])('prints help for %s', async (...argv) => {
    const { code, out, err } = await lading(argv)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(argv.includes('sync') ? '--in-place' : 'Exit codes:')
  })

  it.each([
    [['sync', '--dryrun'], "unknown option '--dryrun'", 'Did you mean --dry-run?'],
    [['snyc'], "unknown command 'snyc'", 'Did you mean sync?'],
    [
      ['plan', 'a', 'b'],
      "too many arguments for 'plan'",
      'Write lading plan [options] [root]; lading plan --help lists',
    ],
    [
      ['sync', 'a', 'b.json', 'c'],
      "too many arguments for 'sync'",
      'Write lading sync [options] [root] [plan]; lading sync --help lists',
    ],
    [
      ['sync', 'a.json', 'b'],
      '"b" is no saved plan: the name of one ends with .json',
      'Write lading sync [options] [root] [plan]; lading sync --help lists',
    ],
    [['sync', 'dist', 's3://u:hunter2@b'], '"s3://***@b" is no saved plan', 'Write lading sync'],
    [
      ['sync', `${'x'.repeat(300)}.json`],
      'no store was given, and a saved plan chooses none',
      'lading sync dist --to STORE',
    ],
    [['plan', 'dist', '--save', 'p'], 'the name of a saved plan ends with .json', 'Write --save p.json'],
    [['plan', 'dist', '--save='], 'the name of a saved plan ends with .json', 'Write --save plan.json'],
    [['plan', 'dist', '--out', 'p.json'], '--out names the folder that the pages are', 'Write --save p.json to keep'],
    [['sync', '--to'], '--to has no value', 'Write it behind --to'],
    [['explain'], "missing required argument 'file'", 'Write lading explain [options] <file>; lading explain --help'],
    [
      ['explain', 'a.js', 'dist'],
      "too many arguments for 'explain'",
      'The folder stands behind --root: lading explain FILE --root dist',
    ],
    [
      ['config', 'dist'],
      "too many arguments for 'config'",
      'The folder stands behind --root: lading config --root dist',
    ],
    [['copy', 'a'], "missing required argument 'to'", 'Write lading copy [options] <from> <to>'],
    [['batch', 'repro', 'b'], "missing required argument 'item'", 'Write lading batch repro [options] <batch> <item>'],
    [['sync', '--root', 'dist'], "unknown option '--root'", 'The folder stands alone: lading sync dist'],
    [['plan', '--root=dist'], "unknown option '--root'", 'The folder stands alone: lading plan dist'],
    [['batch'], 'a command of the group is missing', 'lading batch --help lists them'],
    [['batch', 'nosuch'], "unknown command 'nosuch'", 'lading batch --help lists them'],
    [['channel', 'end'], 'the name of the channel is missing', 'lading channel end NAME'],
    [['channel', 'ned', 'next'], 'a channel is listed or ended', 'lading channel list, or lading channel end NAME'],
    [['releases', '--to', 'store', '--lock-timeout', '5'], "unknown option '--lock-timeout'", 'lading releases --help'],
    [['verify', '--to', 'store', '--lock-timeout', '5'], "unknown option '--lock-timeout'", 'lading verify --help'],
    [['sync', '--json=1'], "option '--json' takes no value", 'Write --json alone'],
    [['sync', 'dist', '--to', '--dry-run'], '--to has no value', 'Write it behind --to, or --to=--dry-run'],
    [['sync', 'dist', '--to', '--url=/_a/'], '--to has no value', 'Write it behind --to'],
    [['sync', 'dist', '--dry-run', '--to'], '--to has no value', 'Write it behind --to'],
    [['plann', '--help'], "unknown command 'plann'", 'Did you mean plan?'],
    [['batch', 'sumbit', '--help'], "unknown command 'sumbit'", 'Did you mean batch submit?'],
    [['batch', 'nosuch', '-h'], "unknown command 'nosuch'", 'lading batch --help lists them'],
    [['sync', '--dry-run=yes'], "option '--dry-run' takes no value", 'Write --dry-run alone'],
    [['batch', 'status', '--json=yes'], "option '--json' takes no value", 'Write --json alone'],
    [['--verbose', 'sync', 'dist'], "unknown option '--verbose'", 'Flags stand behind the command'],
    [['help', 'snc'], 'there is no command "snc"', 'Did you mean: lading help sync'],
    [['help', 'batch', 'submti'], 'there is no command "batch submti"', 'Did you mean: lading help batch submit'],
    [['help', 'batch', 'nosuch'], 'there is no command "batch nosuch"', 'lading --help'],
  ])('refuses %j', async (argv, what, fix) => {
    const { code, out, err } = await lading(argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`x E_USAGE  ${what}`)
    expect(err).toContain(fix)
    expect(err).toContain('exit 2')
  })

  it.each([
    ['sync dist --download', '--download does nothing without --repair', 'Add --repair'],
    ['plan dist --download', '--download does nothing without --repair', 'Add --repair'],
    ['plan dist -q --verbose', '--verbose does nothing with --quiet', 'Leave one of them out'],
    ['config --show --explain to', '--show does nothing with --explain', 'Leave one of them out'],
    ['channel list --dry-run', '--dry-run does nothing with list', 'Leave --dry-run out'],
    ['channel --lock-timeout 5', '--lock-timeout does nothing with list', 'Leave --lock-timeout out'],
    ['policy cors --brotli', '--brotli does nothing with cors', 'Leave --brotli out'],
    ['policy csp dist --part bucket', '--part does nothing with csp', 'Leave --part out'],
    ['policy edge --origin https://www.example.com', '--origin does nothing with edge', 'Leave --origin out'],
    ['policy iam --part bucket', '--part does nothing with iam', 'Leave --part out'],
    ['batch control list --instance x', '--instance does nothing with list', 'Leave --instance out'],
    ['batch control drain now', 'drain takes no value', 'Leave now out'],
  ])('refuses what would be passed over in silence: %s', async (line, what, fix) => {
    const { code, out, err } = await lading([
      ...line.split(' '),
      ...(/^(?:policy|config)/.test(line) ? [] : ['--to', 'store']),
    ])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`x E_USAGE  ${what}`)
    expect(err).toContain(fix)
  })

  it('says with --json what is wrong as the last record on stdout, and nothing on stderr', async () => {
    const { code, out, err } = await lading(['sync', 'dist', '--json'])
    expect({ code, err }).toEqual({ code: 2, err: '' })
    expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      v: 1,
      type: 'error',
      code: 'E_USAGE',
      exit: 2,
    })
  })

  it.each(['0', '-1', '1e9', 'NaN', 'many', ''])('refuses --concurrency %j with the range', async (value) => {
    const { code, err } = await lading(['plan', 'dist', '--to', 's3://bucket', `--concurrency=${value}`])
    expect(code).toBe(2)
    expect(err).toContain('E_USAGE  --concurrency is out of range')
    expect(err).toContain('from 1 to 1024')
  })

  it.each([
    [['--transport', 'fats'], {}, 'E_USAGE  --transport is not a way to send'],
    [[], { LADING_TRANSPORT: 'fats' }, 'E_USAGE  LADING_TRANSPORT is not a way to send'],
  ])('names the flag or variable of a transport that does not exist: %j %j', async (flags, env, what) => {
    const { code, err } = await lading(['plan', 'dist', '--to', 's3://bucket', ...flags], {}, env)
    expect(code).toBe(2)
    expect(err).toContain(what)
    expect(err).toContain('It must be "fast" or "sdk", got "fats".')
  })

  it('names the config file of a transport that does not exist', async () => {
    const files = { 'lading.config.json': '{ "to": "s3://bucket", "transport": "fats" }' }
    const { code, err } = await lading(['releases'], files)
    expect(code).toBe(2)
    expect(err).toContain('E_CONFIG  transport in lading.config.json is not a way to send')
  })

  it('repeats what was written for a number', async () => {
    expect((await lading(['plan', 'dist', '--to', 's3://bucket', '--concurrency', 'x'])).err).toContain('got "x".')
  })

  it('says nothing but errors with -q', async () => {
    const { code, out, err } = await lading(['plan', 'dist', '--to', 'store', '-q'], { 'dist/index.html': 'x' })
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: '' })
    expect((await lading(['plan', 'dist', '--to', 'store', '-q'])).err).toContain('E_ROOT_MISSING')
  })

  it.each([
    ['releases', ['releases']],
    ['channels', ['channel', 'list']],
  ])('tells a folder without %s from one that is not there', async (_, words) => {
    expect((await lading([...words, '--to', 'typo'])).err).toMatch(
      /^Nothing was published.*\nThere is no folder .*typo\.\n$/,
    )
    const { err } = await lading([...words, '--to', 'store'], { 'store/x': '' })
    expect(err).toBe('Nothing was published here yet.\n')
  })

  it('names the profile that does not exist, rather than the region that it would have named', async () => {
    const { code, err } = await lading(['plan', 'dist', '--to', 's3://bucket/x?profile=nosuch'], { 'dist/a.txt': 'x' })
    expect(code).toBe(4)
    expect(err).toContain('E_CREDENTIALS  no credentials were found for the profile "nosuch"')
  })

  it.each([
    ['s3://bucket/x?region=eu-west-1&profile=nosuch', undefined, 'after ?profile='],
    ['s3://bucket/x?region=eu-west-1', 'nosuch', 'in AWS_PROFILE'],
    ['s3://bucket/x', 'nosuch', 'in AWS_PROFILE'],
  ])('names it where the region is known, too, and where it was named: %s, %s', async (to, profile, where) => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => {
      vi.unstubAllEnvs()
      vi.restoreAllMocks()
    })
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_PROFILE', profile)
    // Both kinds of credentials: the SDK warns of that on the console.
    if (profile === undefined) for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'x')
    const [stdout, stderr] = [createScreen(), createScreen()]
    const io = { stdout, stderr, env: process.env, cwd: folderWith({ 'dist/a.txt': 'x' }) }
    expect(await runCli(['plan', 'dist', '--to', to], io)).toBe(4)
    expect(stderr.text).toContain('E_CREDENTIALS  no credentials were found for the profile "nosuch"')
    expect(stderr.text).toContain(where)
    expect(warned).not.toHaveBeenCalled()
  })

  it.each([
    ['images nosuch', 'lading images FOLDER'],
    ['batch submit nosuch', 'lading batch submit FOLDER'],
    ['batch estimate nosuch', 'lading batch estimate FOLDER'],
    ['batch simulate nosuch', 'lading batch simulate FOLDER'],
  ])('does not speak of a site where a folder of images is missing: %s', async (line, fix) => {
    const place = /estimate|simulate/.test(line) ? [] : ['--to', 'store']
    const env = { XDG_CONFIG_HOME: folderWith({}) }
    const { code, err } = await lading([...line.split(' '), ...place], {}, env)
    expect(code).toBe(3)
    expect(err).toContain('E_ROOT_MISSING  There is no such folder')
    expect(err).toContain(fix)
    expect(err).not.toMatch(/site|sync/)
  })

  it('names the variable that is wrong', async () => {
    const [stdout, stderr] = [createScreen(), createScreen()]
    const env = { LADING_RETRIES: '99', LADING_TO: 's3://bucket' }
    expect(await runCli(['plan', 'dist'], { stdout, stderr, env, cwd: folderWith({}) })).toBe(2)
    expect(stderr.text).toContain('LADING_RETRIES is out of range')
  })

  it('exits with the code of the signal that stopped it', async () => {
    const reason = Object.assign(new Error('stopped by SIGTERM'), { name: 'AbortError', exitCode: 143 })
    const [stdout, stderr] = [createScreen(), createScreen()]
    const cwd = folderWith({ 'dist/index.html': 'x' })
    const io = { stdout, stderr, env: {}, cwd, signal: AbortSignal.abort(reason) }
    expect(await runCli(['sync', 'dist', '--to', 'store'], io)).toBe(143)
    expect(stderr.text).toContain('E_ABORTED  stopped by SIGTERM')
    expect(stderr.text).toContain('Run the same command; it goes on.')
  })
})

describe('lading config', () => {
  const files = { 'lading.config.json': '{ "to": "s3://bucket/x", "root": "dist" }' }

  it('shows each option, its value and its source, on stdout', async () => {
    const { code, out } = await lading(['config', '--show', '--channel', 'staging'], files)
    expect(code).toBe(0)
    const rows = new Map(out.split('\n').map((line) => [line.split(' ')[0], line.replace(/\s+/g, ' ')]))
    expect(rows.get('to')).toBe('to s3://bucket/x lading.config.json')
    expect(rows.get('channel')).toBe('channel staging --channel')
    expect(rows.get('concurrency')).toBe('concurrency 64 default')
    expect(rows.get('url')).toBe('url (unset) default')
  })

  it('shows also what is wrong, and then says so', async () => {
    const { code, out, err } = await lading(['config'], { 'lading.config.json': '{ "to": "s3://k:hunter2@bucket" }' })
    expect(code).toBe(2)
    expect(out).toContain('s3://***@bucket')
    expect(out + err).not.toContain('hunter2')
    expect(err).toContain('E_USAGE  no folder to load was given')
  })

  it('explains one option', async () => {
    const { code, out } = await lading(['config', '--explain', 'retries'])
    expect(code).toBe(0)
    expect(out).toBe(
      'retries: number\n' +
        '  How often a request that failed for a passing reason is tried again, 0 to 20.\n' +
        '  default      4\n' +
        '  environment  LADING_RETRIES\n',
    )
    expect((await lading(['config', '--explain', 'retrys'])).err).toContain('Did you mean "retries"?')
  })

  it('answers in records with --json, the last a summary', async () => {
    const { out } = await lading(['config', '--json'], files)
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; key?: string }) // our own records
    expect(records.at(-1)).toEqual({ v: 1, type: 'summary', ok: true, exit: 0 })
    expect(records.find((record) => record.key === 'to')).toMatchObject({ type: 'option', value: 's3://bucket/x' })
  })
})

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '23.0.0', '24.1.0'])('%s will do', (version) => {
    expect(nodeVersionProblem(version)).toBeUndefined()
  })

  it.each(['18.20.0', '20.18.3', '21.7.0', '22.11.0'])('%s is refused in one line', (version) => {
    expect(nodeVersionProblem(version)).toMatch(/^E_NODE_VERSION .*20\.19.*22\.12.*$/)
  })

  it('is the one that package.json asks for', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'))
    expect(manifest).toMatchObject({ version: VERSION, engines: { node: '^20.19.0 || >=22.12.0' } })
  })
})

describe('the way to --help and --version', () => {
  /** Files of `src/cli` that are loaded before a command is chosen, by following imports of values. */
  function loadedAtOnce(file: string, seen: Set<string>): Set<string> {
    seen.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, names = '', from = ''] of text.matchAll(
      /^import\s(?!type\s)((?:[^'](?!from))*[^']*?)from '(\.[^']+)'/gm,
    )) {
      const isTypesOnly = /^\{(?:\s*type \w+,?)+\s*\}\s*$/.test(names)
      const next = join(dirname(file), from)
      if (!isTypesOnly && !seen.has(next)) loadedAtOnce(next, seen)
    }
    return seen
  }

  it('does not load the core', () => {
    const cli = join(import.meta.dirname, '../../../src/cli')
    const loaded = new Set(['main.ts', 'process.ts'].flatMap((name) => [...loadedAtOnce(join(cli, name), new Set())]))
    expect([...loaded].map((file) => relative(cli, file)).sort()).toEqual([
      '../version.ts',
      'batch-options.ts',
      'batch-rows.ts',
      'called.ts',
      'ci/commands.ts',
      'front-page.ts',
      'idle-flags.ts',
      'main.ts',
      'menu.ts',
      'node-version.ts',
      'option-rows.ts',
      'options.ts',
      'plain-line.ts',
      'process.ts',
      'rows.ts',
      'run.ts',
      'short-report.ts', // of what can no longer be loaded
      'traffic-options.ts',
    ])
  })
})

import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { COMMANDS } from '../../../src/cli/rows.ts'
import { runCli } from '../../../src/cli/run.ts'
import { CONFIG_KEYS } from '../../../src/index.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

async function lading(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [createScreen(), createScreen()]
  const code = await runCli(argv, { stdout, stderr, env: {}, cwd: '/' })
  return { code, out: stdout.text, err: stderr.text }
}

const script = async (shell: string): Promise<string> => (await lading('completion', shell)).out

const has = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args).status === 0

const BASH = ['--norc', '--noprofile']

/** What a real bash offers for a line with the cursor at its end: words, or `@folder`, `@file` where readline looks. */
async function offered(line: string): Promise<string[]> {
  const asking = `
    compopt() { [[ $* == *dirnames* ]] && echo @folder; asked=1; }
    ${await script('bash')}
    COMP_LINE=$1 COMP_POINT=\${#1}
    _lading
    [[ -z $asked ]] && echo @file
    printf '%s\\n' "\${COMPREPLY[@]}"
  `
  const { stdout, stderr } = spawnSync('bash', [...BASH, '-c', asking, 'bash', line], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout.split('\n').filter((word) => word !== '')
}

const flagsOf = (name: string): string[] => {
  const row = COMMANDS.find((command) => command.name === name)
  return [...(row?.options ?? []).map(({ flags }) => /--[a-z-]+/.exec(flags)?.[0] ?? ''), '--help']
}

describe.runIf(has('bash', '--version'))('the script for bash', () => {
  it('offers the commands, in the order of the help, groups once', async () => {
    const firsts = [...new Set(COMMANDS.map(({ name }) => name.split(' ')[0]))]
    expect(await offered('lading ')).toEqual([...firsts, 'help'])
    expect(await offered('lading re')).toEqual(['rewrite', 'releases', 'remove', 'report'])
    expect(await offered('lading -')).toEqual(['--help', '--version'])
  })

  it('offers the commands of a group, and behind help all of them', async () => {
    expect(await offered('lading batch s')).toEqual(['submit', 'status', 'simulate', 'stack'])
    expect(await offered('lading help pl')).toEqual(['plan'])
    expect(await offered('lading help batch pa')).toEqual(['pack'])
  })

  it.each(COMMANDS.map(({ name }) => name))('offers every flag of %s', async (name) => {
    expect(await offered(`lading ${name} -`)).toEqual(flagsOf(name))
  })

  it.each([
    ['lading plan ', ['@folder']],
    ['lading plan di', ['@folder']],
    ['lading sync ', ['@file']],
    ['lading sync dist ', ['@file']],
    ['lading plan dist --save ', ['@file']],
    ['lading sync dist --to ', ['@folder']],
    ['lading sync --out=ori', ['@folder']],
    ['lading plan --json ', ['@folder']],
    ['lading plan --to s3://bucket/x ', ['@folder']],
    ['lading copy a ', ['@folder']],
    ['lading explain ', ['@file']],
    ['lading favicon ', ['@file']],
    ['lading favicon logo.svg --out ', ['@folder']],
    ['lading favicon logo.svg --dark ', ['@file']],
    ['lading plan --config ', ['@file']],
    ['lading policy ', ['cors', 'csp', 'edge', 'iam']],
    ['lading stack ', ['site']],
    ['lading stack site ', ['@folder']],
    ['lading policy --provider r', ['r2']],
    ['lading policy cors ', ['@folder']],
    ['lading completion ', ['bash', 'zsh', 'fish']],
    ['lading channel ', ['list', 'end']],
    ['lading batch submit ', ['@folder']],
    ['lading batch submit --lane ', ['hi', 'std', 'bulk']],
    ['lading batch submit --lane=s', ['std']],
    ['lading batch control --instance i-1 st', ['stop', 'stats']],
    ['lading config --explain retr', ['retries']],
    ['lading sync --url ', []],
  ])('at the end of "%s" offers %j', async (line, words) => {
    expect(await offered(line)).toEqual(words)
  })

  it('offers flags where no argument is left, or none that it could know', async () => {
    expect(await offered('lading releases ')).toEqual(flagsOf('releases'))
    expect(await offered('lading plan dist ')).toEqual(flagsOf('plan'))
    expect(await offered('lading remove ')).toEqual(flagsOf('remove'))
  })

  it('offers every option of the configuration to config --explain', async () => {
    expect(await offered('lading config --explain ')).toEqual(CONFIG_KEYS)
  })
})

describe('what is offered for a flag', () => {
  it.each([
    ['policy cors --provider nosuch', 'aws, r2 or minio'],
    ['policy cors --part nosuch', 'bucket or headers'],
    ['policy edge --part nosuch', 'function, errors or behavior'],
    ['batch submit x --to y --lane nosuch', 'hi, std or bulk'],
    ['batch stack --arch nosuch', 'arm64 or x64'],
    ['batch control nosuch --to y', 'drain, stop, pause, resume, concurrency N, stats, cancel BATCH and list'],
    ['completion nosuch', 'bash, zsh or fish'],
    ['releases --to y --transport nosuch', '"fast" or "sdk"'],
  ])('is what the command takes: %s', async (line, fix) => {
    const { code, err } = await lading(...line.split(' '))
    expect(code).toBe(2)
    expect(err).toContain(fix)
  })
})

/** Types into a bash with a terminal, and returns all that it shows until `end`. */
async function typed(lines: readonly string[], { cwd, end }: { cwd: string; end: string }): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: cwd, TERM: 'dumb', PS1: '> ', HISTFILE: '/dev/null' }
  const child = spawn('script', ['-qec', ['bash', ...BASH, '-i'].join(' '), '/dev/null'], { cwd, env })
  onTestFinished(() => {
    child.kill()
  })
  let text = ''
  const shown = (what: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (text.includes(what)) resolve()
      }
      child.stdout.on('data', look)
      look()
    })
  child.stdout.on('data', (chunk) => {
    text += String(chunk)
  })
  for (const line of lines) {
    await shown('> ') // what is typed before the prompt is read without completion
    text = ''
    child.stdin.write(line)
  }
  await shown(end)
  const said = text
  child.stdin.end('exit\n')
  await new Promise((resolve) => child.on('close', resolve))
  return said
}

describe.runIf(has('script', '-qec', 'bash --version', '/dev/null'))('typed into a bash, with the Tab key', () => {
  it.each([
    ['lading verif\t--sam\t5% --to st\t\n', '<verify><--sample><5%><--to><store/>'],
    ['lading batch sub\t my\t --lane=s\t\n', '<batch><submit><my images/><--lane=std>'],
    ['lading plan --config=lad\t\n', '<plan><--config=lading.config.json>'],
    ['lading sync --to s3://bucket/x --state st\t\n', '<sync><--to><s3://bucket/x><--state><store/>'],
  ])('%j runs lading with %s', async (keys, words) => {
    const cwd = folderWith({ 'completion.bash': await script('bash'), 'lading.config.json': '{}' })
    for (const name of ['store', 'my images']) mkdirSync(join(cwd, name))
    const lines = ['source completion.bash\n', 'lading() { printf \'<%s>\' "$@"; echo .; }\n', keys]
    expect(await typed(lines, { cwd, end: '>.' })).toContain(`${words}.`)
  })
})

describe.each(['zsh', 'fish'])('the script for %s', (shell) => {
  it('has every command with its summary, and every flag', async () => {
    const text = (await script(shell)).replace(/\\(.)/g, '$1').replaceAll("'''", "'")
    for (const { name, summary } of COMMANDS) {
      expect(text).toContain(summary)
      for (const flag of flagsOf(name)) expect(text).toContain(shell === 'fish' ? ` -l ${flag.slice(2)} ` : flag)
    }
  })

  it.runIf(has(shell, '--version'))('is one that the shell reads', async () => {
    // From a file: fish takes the standard input that Node gives it for a folder.
    const cwd = folderWith({ script: await script(shell) })
    const { status, stderr } = spawnSync(shell, ['-n', 'script'], { cwd, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

describe.runIf(has('fish', '--version'))('a real fish', () => {
  it.each([
    ['lading re', ['releases', 'remove', 'report', 'rewrite']],
    ['lading batch s', ['simulate', 'stack', 'status', 'submit']],
    ['lading batch submit --lane ', ['bulk', 'hi', 'std']],
    ['lading sync --to ', ['store/']],
    ['lading explain ', ['script', 'store/']],
    ['lading sync --st', ['--state', '--strict']],
    ['lading completion ', ['bash', 'fish', 'zsh']],
  ])('at the end of "%s" offers %j', async (line, words) => {
    const cwd = folderWith({ script: await script('fish') })
    mkdirSync(join(cwd, 'store'))
    const asking = 'source script; complete -C $argv[1]'
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', asking, line], { cwd, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(
      stdout
        .trim()
        .split('\n')
        .map((row) => row.split('\t')[0]),
    ).toEqual(words)
  })
})

it('the scripts for zsh and fish offer words, folders and files where bash does', async () => {
  const zsh = await script('zsh')
  expect(zsh).toContain("'--lane=[hi, std or bulk (default std)]:lane:(hi std bulk)'")
  expect(zsh).toContain("'1:root:_files -/'")
  expect(zsh).toContain("'1:file:_files'")
  const fish = await script('fish')
  expect(fish).toContain(`-n '__lading_behind batch submit' -l lane -x -a 'hi std bulk' -d`)
  expect(fish).toContain(`-n '__lading_behind plan' -a '(__fish_complete_directories)'`)
  expect(fish).toContain(`-n '__lading_behind explain' -F`)
})

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TRAPS } from './canary-traps.ts'

/** The command as it is shipped. */
const MAIN = join(import.meta.dirname, '../dist/src/cli/main.cjs')
const RUN = join(import.meta.dirname, '../dist/src/cli/run.js')

const PLUGIN = join(import.meta.dirname, '../dist/plugins/vite.js')

/** Many command lines in one process, which costs a tenth of a process each. */
const DRIVER = `
const { runCli } = await import(process.env.CANARY_RUN)
for (const argv of JSON.parse(process.env.CANARY_LINES)) {
  const io = { stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() }
  process.stderr.write('\\nexit ' + (await runCli(argv, io)) + ' of ' + argv[0] + '\\n')
}`

/** Longer than anything that answers takes, in milliseconds. */
const LIMIT_MS = 30_000

export interface World {
  readonly dir: string
  write(path: string, text: string): void
  /** Runs the command in a process of its own; everything that it said. */
  command(argv: readonly string[], env?: Environment): Promise<string>
  /** Runs command lines one after the other in one process; everything that they said. */
  commands(lines: readonly (readonly string[])[], env?: Environment): Promise<string>
  /** Runs a module in a process of its own; everything that it said. */
  script(text: string, env: Environment): Promise<string>
  /** Everything that was written below the folder and not planted there: caches, stores, records, pages. */
  left(): string
  remove(): void
}

type Environment = Readonly<Record<string, string | undefined>>

/** The credentials that a run finds in its environment. */
export const KEYS: Environment = {
  AWS_ACCESS_KEY_ID: TRAPS['key in the environment'],
  AWS_SECRET_ACCESS_KEY: TRAPS['secret in the environment'],
  AWS_SESSION_TOKEN: TRAPS['session token in the environment'],
}

/** A folder with a site, and a home folder with a trap wherever credentials are looked for. */
export function createWorld(): World {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'lading-canary-')))
  const planted = new Set<string>()
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
    planted.add(path)
  }
  const own = { PATH: process.env.PATH, HOME: join(dir, 'home'), LANG: 'C', LADING_RETRIES: '0' }
  const start = (args: readonly string[], env: Environment): Promise<string> =>
    said(args, { cwd: dir, env: { ...own, AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'eu-west-1', ...env } })
  const all = { ...KEYS, CLOUDFLARE_API_TOKEN: TRAPS['Cloudflare token in the environment'] }
  for (const [path, text] of plants()) write(path, text)
  return {
    dir,
    write,
    command: (argv, env = all) => start([MAIN, ...argv], env),
    commands: (lines, env = all) =>
      start(['--input-type=module', '-e', DRIVER], { ...env, CANARY_RUN: RUN, CANARY_LINES: JSON.stringify(lines) }),
    script: (text, env) =>
      start(['--input-type=module', '-e', text], {
        ...env,
        CANARY_VITE: import.meta.resolve('vite'),
        CANARY_PLUGIN: PLUGIN,
      }),
    left: () =>
      filesIn(dir)
        .filter((path) => !planted.has(path))
        .map((path) => `${path}\n${readFileSync(join(dir, path), 'latin1')}`)
        .join('\n'),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function plants(): readonly (readonly [path: string, text: string])[] {
  const process = {
    Version: 1,
    AccessKeyId: TRAPS['key of a profile'],
    SecretAccessKey: TRAPS['secret of a credential process'],
  }
  const token = {
    accessToken: TRAPS['cached token of a sign-in'],
    expiresAt: '2001-01-01T00:00:00Z',
    region: 'eu-west-1',
  }
  const session = createHash('sha1').update('work').digest('hex')
  const config = [
    '[profile sso]\nsso_session = work\nsso_account_id = 111122223333\nsso_role_name = deploy\nregion = eu-west-1',
    '[sso-session work]\nsso_start_url = https://work.awsapps.com/start\nsso_region = eu-west-1',
    `[profile process]\ncredential_process = node -e "console.error(process.argv[1]); process.exit(3)" '${JSON.stringify(process)}'`,
  ]
  return [
    ['site/index.html', '<!doctype html><img src="logo.png"><img src="gone.png"><a href="../up.html">'],
    ['site/logo.png', 'logo'],
    ['dirty/index.html', '<!doctype html>'],
    ['dirty/app.js', `f("${TRAPS['token in a file of the site']}","${TRAPS['secret in the environment']}")`],
    ['env/index.html', '<!doctype html>'],
    ['env/.env', `PASSWORD=${TRAPS['text of an environment file']}`],
    ['home/token', TRAPS['token of a CI']],
    [
      'home/.aws/credentials',
      `[shop]\naws_access_key_id=${TRAPS['key of a profile']}\naws_secret_access_key=${TRAPS['secret of a profile']}\n`,
    ],
    ['home/.aws/config', `${config.join('\n')}\n`],
    [`home/.aws/sso/cache/${session}.json`, JSON.stringify(token)],
  ]
}

/** stdout and stderr together, whatever the exit code. */
function said(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Environment },
): Promise<string> {
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: LIMIT_MS, maxBuffer: 1 << 26 }
    const child = execFile(process.execPath, args, options, (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`))
    child.stdin?.end() // a question finds nobody
  })
}

function filesIn(dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
}

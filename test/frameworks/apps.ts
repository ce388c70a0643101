import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

const project = resolve(import.meta.dirname, '../..')
const home = process.env.LADING_FRAMEWORKS ?? join(project, 'node_modules/.cache/lading-frameworks')

/** A fixture, and how its framework is started. */
export interface App {
  readonly name: 'astro' | 'sveltekit'
  /** The framework's command, below `node_modules`. */
  readonly command: readonly string[]
  /** Where it leaves the site. */
  readonly output: string
  readonly option: string
}

export const APPS: readonly App[] = [
  { name: 'astro', command: ['astro/astro.js', 'build'], output: 'dist', option: 'build.assetsPrefix' },
  { name: 'sveltekit', command: ['vite/bin/vite.js', 'build'], output: 'build', option: 'kit.paths.assets' },
]

/** Where `scripts/frameworks.sh` put what an app is built with, or undefined. */
function installed({ name }: App): string | undefined {
  const modules = join(home, name, 'node_modules')
  return existsSync(join(home, name, 'installed.json')) ? modules : undefined
}

export interface AppBuild {
  /** What the framework puts before its assets. @default nothing */
  readonly prefix?: string
  /** Options of `lading/vite`. @default no plugin */
  readonly options?: object
}

export interface AppBuilt {
  /** Absolute. */
  readonly site: string
  readonly log: string
  remove(): void
}

/**
 * Builds a copy of an app. It lies beside what is installed, for frameworks look for their packages upwards.
 * @throws with the framework's own log when the build fails
 */
export function buildApp(app: App, { prefix = '', options }: AppBuild = {}): AppBuilt {
  const modules = installed(app)
  if (modules === undefined) throw new Error(`${app.name} is not installed: run scripts/frameworks.sh`)
  mkdirSync(join(home, 'apps'), { recursive: true })
  const folder = mkdtempSync(join(home, 'apps', `${app.name}-`))
  cpSync(join(import.meta.dirname, app.name), folder, { recursive: true })
  symlinkSync(modules, join(folder, 'node_modules'), 'dir')
  const { NODE_ENV: _ofTests, VITEST: _runner, ...env } = process.env
  const [script = '', ...words] = app.command
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'node_modules', script), ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...env,
      ASTRO_TELEMETRY_DISABLED: '1',
      FIXTURE_PREFIX: prefix,
      FIXTURE_PLUGIN: options === undefined ? '' : join(project, 'dist/plugins/vite.js'),
      FIXTURE_OPTIONS: JSON.stringify({ config: false, ...options }),
    },
  })
  const log = stdout + stderr
  if (status !== 0) throw new Error(`${app.name} could not be built\n${log}`)
  return { site: join(folder, app.output), log, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

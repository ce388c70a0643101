import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'

const project = resolve(import.meta.dirname, '../..')
const home = process.env.LADING_FRAMEWORKS ?? join(project, 'node_modules/.cache/lading-frameworks')

/** A framework in one of its versions, and how it is started. */
export interface App {
  readonly name: string
  /** Below this folder: its packages, and the config that only this version takes. */
  readonly fixture: string
  /** What every version of it builds. */
  readonly sources: 'astro' | 'nuxt' | 'sveltekit'
  /** The fixture with the Node that it asks for. @default the one that runs the tests */
  readonly node?: 'node-24'
  /** The framework's command, below `node_modules`. */
  readonly command: readonly string[]
  /** Where it leaves the site. */
  readonly output: string
  /** A module that the page imports late. */
  readonly chunk: string
  readonly option: string
  /** Whether the option keeps the last slash of an address. */
  readonly takesSlash: boolean
}

const ASTRO = {
  sources: 'astro',
  output: 'dist',
  chunk: 'src/scripts/almanac.js',
  option: 'build.assetsPrefix',
  takesSlash: false,
} as const

const SVELTEKIT = {
  sources: 'sveltekit',
  command: ['vite/bin/vite.js', 'build'],
  output: 'build',
  chunk: 'src/lib/almanac.js',
  option: 'kit.paths.assets',
  takesSlash: false,
} as const

export const APPS: readonly App[] = [
  { ...ASTRO, name: 'Astro 5', fixture: 'astro-5', command: ['astro/astro.js', 'build'] },
  { ...ASTRO, name: 'Astro 7', fixture: 'astro-7', node: 'node-24', command: ['astro/bin/astro.mjs', 'build'] },
  { ...SVELTEKIT, name: 'SvelteKit 2', fixture: 'sveltekit-2' },
  { ...SVELTEKIT, name: 'SvelteKit 3', fixture: 'sveltekit-3', node: 'node-24' },
  {
    name: 'Nuxt 4',
    fixture: 'nuxt-4',
    sources: 'nuxt',
    node: 'node-24',
    command: ['nuxt/bin/nuxt.mjs', 'generate'],
    output: '.output/public',
    chunk: 'app/almanac.js',
    option: 'app.cdnURL',
    takesSlash: true,
  },
]

/** Where `scripts/frameworks.sh` put the packages of a fixture. @throws when it has not run */
export function modulesOf(fixture: string): string {
  if (existsSync(join(home, fixture, 'installed.json'))) return join(home, fixture, 'node_modules')
  throw new Error(`${fixture} is not installed: run scripts/frameworks.sh`)
}

export interface AppBuild {
  /** What the framework puts before its assets. @default nothing */
  readonly prefix?: string
  /** Options of `lading/vite`. @default no plugin */
  readonly options?: object
  /** The hook of Vite in which another plugin throws. @default none */
  readonly throwsIn?: string
}

export interface OpenApp {
  /** Absolute. */
  readonly folder: string
  /** What a build leaves; absolute. */
  readonly site: string
  build(build?: AppBuild): { readonly status: number | null; readonly log: string }
  remove(): void
}

/** A copy of an app. It lies beside what is installed, for frameworks look for their packages upwards. */
export function openApp(app: App): OpenApp {
  const modules = modulesOf(app.fixture)
  const node = app.node === undefined ? process.execPath : join(modulesOf(app.node), '.bin/node')
  mkdirSync(join(home, 'apps'), { recursive: true })
  const folder = mkdtempSync(join(home, 'apps', `${app.fixture}-`))
  for (const part of [app.sources, app.fixture]) cpSync(join(import.meta.dirname, part), folder, { recursive: true })
  cpSync(join(import.meta.dirname, 'lading.mjs'), join(folder, 'lading.mjs'))
  symlinkSync(modules, join(folder, 'node_modules'), 'dir')
  const [script = '', ...words] = app.command
  return {
    folder,
    site: join(folder, app.output),
    build(build = {}) {
      const command = [join(folder, 'node_modules', script), ...words]
      const { status, stdout, stderr } = spawnSync(node, command, { cwd: folder, encoding: 'utf8', env: envFor(build) })
      return { status, log: stdout + stderr }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function envFor({ prefix = '', options, throwsIn = '' }: AppBuild): NodeJS.ProcessEnv {
  // What tells a program that it runs in a test: Nuxt says nothing then.
  const { NODE_ENV: _mode, TEST: _test, VITEST: _runner, ...env } = process.env
  return {
    ...env,
    ASTRO_TELEMETRY_DISABLED: '1',
    NUXT_TELEMETRY_DISABLED: '1',
    FIXTURE_PREFIX: prefix,
    FIXTURE_PLUGIN: options === undefined ? '' : join(project, 'dist/plugins/vite.js'),
    FIXTURE_OPTIONS: JSON.stringify({ config: false, ...options }),
    FIXTURE_THROWS_IN: throwsIn,
  }
}

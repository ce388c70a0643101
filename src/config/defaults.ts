import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { BUILD_FOLDERS } from '../site/scan/root.ts'
import { CONFIG_FILES } from './files.ts'
import type { LadingConfig } from './interface.ts'
import type { Environment } from './sources.ts'

type WithDefault =
  | (
      | 'base'
      | 'cors'
      | 'integrity'
      | 'include'
      | 'exclude'
      | 'keep'
      | 'feeds'
      | 'lazyAttributes'
      | 'allow'
      | 'headers'
      | 'compress'
      | 'keepReleases'
      | 'keepDays'
      | 'concurrency'
      | 'requestTimeoutMs'
      | 'transport'
      | 'retries'
    )
  | ('strict' | 'force' | 'allowControl' | 'allowInsecure' | 'maxFileBytes')

/** Defaults that depend on nothing. */
export const DEFAULTS: { readonly [K in WithDefault]: Exclude<LadingConfig[K], undefined> } = {
  base: '/',
  cors: false,
  integrity: false,
  include: [],
  exclude: [],
  keep: [],
  feeds: false,
  lazyAttributes: [],
  allow: [],
  headers: [],
  compress: 'none',
  keepReleases: 5,
  keepDays: 14,
  concurrency: 64,
  requestTimeoutMs: 60_000,
  transport: 'fast',
  retries: 4,
  strict: false,
  force: false,
  allowControl: false,
  allowInsecure: false,
  maxFileBytes: 100_000_000,
}

/** Files that mark a folder as a project, so that guessing inside it is no surprise. */
const PROJECT_FILES = ['package.json', ...CONFIG_FILES]

/** The first build folder of the project in `cwd`; undefined when there is none or `cwd` is no project. */
export function defaultRoot(cwd: string): string | undefined {
  if (!PROJECT_FILES.some((name) => existsSync(join(cwd, name)))) return undefined
  return BUILD_FOLDERS.find((name) => statSync(join(cwd, name), { throwIfNoEntry: false })?.isDirectory())
}

/**
 * Variables in which CI systems name the environment or branch, most telling first. `GITHUB_REF_NAME` of a pull
 * request is `12/merge`, so its head comes before; of a tag it is the tag, which is no line of releases.
 */
const CHANNEL_VARIABLES = [
  'CI_ENVIRONMENT_NAME',
  'GITHUB_HEAD_REF',
  'GITHUB_REF_NAME',
  'CI_COMMIT_REF_NAME',
  'BITBUCKET_BRANCH',
  'BUILDKITE_BRANCH',
  'CIRCLE_BRANCH',
  'CF_PAGES_BRANCH',
  'DRONE_BRANCH',
  'TRAVIS_BRANCH',
  'BUILD_SOURCEBRANCHNAME',
] as const

const TAG_MARKS: readonly ((env: Environment) => boolean)[] = [
  (env) => env.GITHUB_REF_TYPE === 'tag',
  (env) => (env.CI_COMMIT_TAG ?? '') !== '',
]

/** The channel and the variable it was read from; `production` outside CI and for tags. */
export function defaultChannel(env: Environment): { readonly name: string; readonly variable: string | undefined } {
  const isTag = TAG_MARKS.some((mark) => mark(env))
  for (const variable of CHANNEL_VARIABLES) {
    const isBranch = variable !== 'CI_ENVIRONMENT_NAME'
    const name = isTag && isBranch ? '' : sanitizeChannel(env[variable] ?? '')
    if (name !== '') return { name, variable }
  }
  return { name: 'production', variable: undefined }
}

/** Letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 64. */
export const CHANNEL: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** `feature/new look` -> `feature-new-look`; empty when nothing usable is left. */
export function sanitizeChannel(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
    .replace(/-+$/, '')
}

/** A person at a terminal waits a minute for another deploy; a CI run, which nobody watches, ten. */
export function defaultLockTimeoutSeconds(env: Environment): number {
  return /^(?:|0|false)$/i.test(env.CI ?? '') ? 60 : 600
}

/** Beside the project's other caches, else in the user's. */
export function defaultCacheDir(cwd: string, env: Environment): string {
  const modules = join(cwd, 'node_modules')
  if (existsSync(modules)) return join(modules, '.cache', 'lading')
  const caches = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')
  return join(caches, 'lading')
}

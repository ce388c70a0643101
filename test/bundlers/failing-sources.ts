import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LadingPluginOptions } from '../../plugins/webpack.ts'

export interface Attempt {
  /** The output goes to `<folder>/dist`. */
  readonly folder: string
  readonly options: LadingPluginOptions
}

/** One way to fail. */
export interface Failure {
  readonly what: string
  /** Spoils the output's folder before the build. */
  readonly spoil?: (outDir: string) => void
  /** Rejects. */
  build(attempt: Attempt): Promise<unknown>
}

export interface FailingBundler {
  readonly name: string
  readonly failures: readonly Failure[]
  /** The application as it was before, and nothing that fails. */
  earlier(attempt: Attempt): Promise<unknown>
}

export type Files = Readonly<Record<string, string>>

export const SITE: Files = {
  'src/index.html': '<!doctype html><title>x</title><img src="/logo.png">',
  'src/main.js': "import('./later.js').then(({ words }) => { document.title = words })\n",
  'src/later.js': "export const words = 'later'\n",
  'public/logo.png': 'the logo',
}

export const EARLIER: Files = { 'src/later.js': "export const words = 'earlier'\n" }

/** Sources that no bundler can build. */
export const BROKEN: Readonly<Record<string, Files>> = {
  'an import that leads nowhere': { 'src/later.js': "import './not-there.js'\n" },
  'code that cannot be parsed': { 'src/later.js': 'let = = 1\n' },
}

export const boom = (): never => {
  throw new Error('boom')
}

/** Where a folder has to be, there is a file. */
export function fileFor(folder: string): NonNullable<Failure['spoil']> {
  return (outDir) => {
    rmSync(join(outDir, folder), { recursive: true, force: true })
    mkdirSync(outDir, { recursive: true })
    writeFileSync(join(outDir, folder), 'in the way')
  }
}

/** Every write to this file of the output fails as on a full disk. https://man7.org/linux/man-pages/man4/full.4.html */
export function fullDisk(file: string): NonNullable<Failure['spoil']> {
  return (outDir) => {
    mkdirSync(dirname(join(outDir, file)), { recursive: true })
    rmSync(join(outDir, file), { force: true })
    symlinkSync('/dev/full', join(outDir, file))
  }
}

export function throwing(hook: string, build: Failure['build']): Failure {
  return { what: `another plugin throwing in ${hook}`, build }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { LadingError } from '../../words/errors.ts'

/** A package for another machine. */
export interface Wanted {
  /** With its version: `sharp@0.35.5`. */
  readonly name: string
  /** It goes into `node_modules` there. */
  readonly folder: string
  readonly cpu: string
  /** Whether the package itself is platform-specific, and not only some of its dependencies. */
  readonly isForeign: boolean
}

/** Installs it, and runs no script of it. */
export type FetchPackage = (wanted: Wanted) => Promise<void>

/** By npm. @throws E_MISSING_PACKAGE when it fails */
export const fetchPackage: FetchPackage = async ({ name, folder, cpu, isForeign }) => {
  const args = [
    ...['install', '--prefix', folder, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'],
    // without --force npm refuses packages for other platforms, even when told the target
    ...['--os=linux', `--cpu=${cpu}`, '--libc=glibc', ...(isForeign ? ['--force'] : []), name],
  ]
  // On Windows npm is a script, which only a shell can start.
  const child = spawn('npm', args, { stdio: ['ignore', 'ignore', 'pipe'], shell: process.platform === 'win32' })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  const failed = (cause?: unknown): LadingError =>
    new LadingError('E_MISSING_PACKAGE', `npm could not fetch ${name} for linux on ${cpu}`, {
      why: said.trim().split('\n').slice(0, 5).join('\n') || undefined,
      hint: 'Run it on a machine of that kind, where nothing has to be fetched.',
      cause,
    })
  // once() rejects when npm cannot be started at all
  const [code] = await once(child, 'close').catch((cause: unknown) => Promise.reject(failed(cause)))
  if (code !== 0) throw failed()
}

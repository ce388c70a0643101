import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LadingConfig } from '../../src/index.ts'

/** The command as it is shipped: built, in a process of its own. */
const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')
/** Its public address is not there, and is not what these tests are about. */
const OPEN_CDN = join(import.meta.dirname, 'open-cdn.mjs')

export interface CommandOptions {
  /** @default sync */
  readonly words?: readonly string[]
  readonly config: LadingConfig
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Whose rights it has. @default ours */
  readonly uid?: number
  readonly gid?: number
  /** What runs instead of Node itself, such as a shell that sets limits first. @default Node */
  readonly wrap?: (argv: readonly string[]) => readonly [string, ...string[]]
}

export interface Command {
  readonly child: ChildProcess
  /** The last record that it printed: its summary or its error. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly last: LastRecord }>
}

export interface LastRecord {
  readonly type?: string
  readonly code?: string
  readonly message?: string
  readonly details?: readonly string[]
  readonly published?: boolean
  readonly files?: number
}

let count = 0

/** Starts `lading sync --json`, or another command, with a configuration of its own. */
export function startSync({ words = ['sync'], config, cwd, env, wrap, ...rights }: CommandOptions): Command {
  count += 1
  const file = join(cwd, `lading-${count}.config.json`)
  writeFileSync(file, JSON.stringify(config))
  const argv = [process.execPath, '--import', OPEN_CDN, MAIN, ...words, '--json', '--config', file]
  const [command, ...args] = wrap?.(argv) ?? [argv[0] ?? '', ...argv.slice(1)]
  const child = spawn(command, args, {
    ...rights,
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, LANG: 'C', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += String(chunk)
  })
  return {
    child,
    ended: new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal, last: lastRecordOf(out) }))
    }),
  }
}

function lastRecordOf(out: string): LastRecord {
  const line = out.trim().split('\n').at(-1) ?? ''
  return line === '' ? {} : JSON.parse(line)
}

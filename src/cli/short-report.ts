import { closeSync, openSync } from 'node:fs'
import type { CliIo } from './io.ts'

interface Ended {
  readonly code: string
  readonly exit: number
}

interface ShortReport {
  /** Why the full report could not be loaded. */
  readonly reason: unknown
  readonly argv: readonly string[]
  readonly io: CliIo
}

/**
 * For when even the error reporter cannot be loaded, as without free file descriptors: reports how the run ended, and
 * nothing that might be secret.
 * @returns the exit code
 */
export function reportShort({ code, exit }: Ended, { reason, argv, io }: ShortReport): number {
  const refusal = refusalOf(reason)
  const message = `the run failed, and ${refusal} keeps the rest from being told`
  const fix = adviceOn(refusal)
  if (argv.includes('--json')) io.stdout.write(`${JSON.stringify({ v: 1, type: 'error', code, message, fix, exit })}\n`)
  else io.stderr.write(`${code}  ${message}\n  fix  ${fix}\n  exit ${exit}\n`)
  return exit
}

/** Code and exit code of a LadingError, without loading its class. */
export function ownCode(error: unknown): Ended {
  const { code, exitCode } = (error instanceof Error ? error : {}) as { code?: unknown; exitCode?: unknown }
  const isOurs = typeof code === 'string' && /^E_[A-Z_]+$/.test(code) && typeof exitCode === 'number'
  return isOurs ? { code, exit: exitCode } : { code: 'E_BUG', exit: 1 }
}

/** A module that cannot be opened may fail with another message: Node 24 calls its package broken. */
function refusalOf(reason: unknown): string {
  try {
    closeSync(openSync(process.execPath, 'r'))
    return systemCode(reason)
  } catch (error) {
    return systemCode(error)
  }
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'an error of its own'
}

function adviceOn(refusal: string): string {
  if (refusal === 'EMFILE' || refusal === 'ENFILE')
    return 'Allow this process more open files (ulimit -n), then run the same command again.'
  if (/^(ENOENT|ERR_)/.test(refusal)) return 'Install lading again, then run the same command again.'
  return 'Report it with the command.'
}

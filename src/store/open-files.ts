import { readFileSync } from 'node:fs'

/**
 * What a process has open beside: pipes, threads, modules, files that are read and written, and the few connections that
 * a pool has to spare.
 */
const OTHERS = 64
const FEWEST = 4

/**
 * How many files or connections one store may have open, beside another one, where the system tells how many a process
 * may have. A connection counts as a file: with too many of them nothing else could be opened any more.
 *
 * @param limits as `/proc/self/limits` tells them
 */
export function mostOpen(limits: string | undefined = ownLimits()): number {
  const files = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1]
  if (files === undefined) return Number.POSITIVE_INFINITY
  return Math.max(FEWEST, Math.floor((Number(files) - OTHERS) / 2))
}

/** Of Linux alone: elsewhere Node may have far more open than we ever do, once it has raised the limit as it starts. */
function ownLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return undefined
  }
}

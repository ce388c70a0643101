import { readFileSync } from 'node:fs'

/**
 * File descriptors left for everything else: pipes, threads, modules, files that are read and written, and the spare
 * connections of a pool.
 */
const OTHERS = 64
const FEWEST = 4

/**
 * How many files or connections each of two stores may have open, where the system tells the limit of a process.
 * A connection counts as a file: with too many of them nothing else could be opened any more.
 *
 * @param limits as `/proc/self/limits` tells them
 */
export function mostOpen(limits: string | undefined = ownLimits()): number {
  const files = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1]
  if (files === undefined) return Number.POSITIVE_INFINITY
  return Math.max(FEWEST, Math.floor((Number(files) - OTHERS) / 2))
}

/** Linux only: elsewhere Node raises its limit as it starts, to far more than we ever open. */
function ownLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return undefined
  }
}

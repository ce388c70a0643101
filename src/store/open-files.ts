import { readFileSync } from 'node:fs'

/** What a process has open beside its connections: pipes, threads, files that are read and written, modules. */
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

/** Of Linux alone. Elsewhere Node raises the limit to what the system allows, which is far more than we open. */
function ownLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return undefined
  }
}

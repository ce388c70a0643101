import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file changed this recently may change again within the same tick of the file system's clock without any stamp
 * showing it, so nothing is remembered of it. In milliseconds.
 */
const RACY_MS = 2000

/**
 * Tells, of the latest change of a file in milliseconds since 1970, whether its stamps prove nothing yet. By the file
 * system's own clock, which need not be ours; where nothing can be written, nothing is proved.
 */
export function racyBy(cacheDir: string): (changedMs: number) => boolean {
  const nowMs = fileSystemNow(cacheDir)
  return (changedMs) => changedMs > nowMs - RACY_MS
}

function fileSystemNow(cacheDir: string): number {
  const probe = join(cacheDir, 'clock')
  try {
    mkdirSync(cacheDir, { recursive: true })
    writeFileSync(probe, '')
    return statSync(probe).mtimeMs
  } catch {
    return 0
  }
}

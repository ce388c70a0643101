import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolders } from '../../transfer/make-folders.ts'

/**
 * A file changed this recently may change again within the same tick of the file system's clock, with equal timestamps,
 * so it is not cached. In milliseconds.
 */
const RACY_MS = 2000

/**
 * Whether a file last changed at `changedMs` (milliseconds since 1970) is still racy. By the file system's own clock,
 * which may differ from ours; if nothing can be written, every file is.
 */
export function racyBy(cacheDir: string): (changedMs: number) => boolean {
  const nowMs = fileSystemNow(cacheDir)
  return (changedMs) => changedMs > nowMs - RACY_MS
}

function fileSystemNow(cacheDir: string): number {
  const probe = join(cacheDir, 'clock')
  try {
    makeFolders(cacheDir)
    writeFileSync(probe, '')
    return statSync(probe).mtimeMs
  } catch {
    return 0
  }
}

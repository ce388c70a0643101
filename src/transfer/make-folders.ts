import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../words/system-error.ts'

/**
 * Makes a folder, and those above it. Node's own `recursive` tries for ever where a file system says ENOENT although the
 * folder above is there, as /proc does.
 * @throws a system error
 */
export function makeFolders(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
    const above = dirname(folder)
    if (codeOf(error) !== 'ENOENT' || existsSync(above)) throw error
    makeFolders(above)
    makeFolders(folder)
  }
}

import { statSync } from 'node:fs'
import { resolve } from 'node:path'

/** Whether a word of a line names a saved plan, which need not be there. A folder is a folder, whatever its name. */
export function isPlanName(word: string, cwd: string): boolean {
  return word.endsWith('.json') && !isFolder(resolve(cwd, word))
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

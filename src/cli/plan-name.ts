import { resolve } from 'node:path'
import { isFolder } from './is-folder.ts'

/** Whether a word of a line names a saved plan, which need not be there. A folder is a folder, whatever its name. */
export function isPlanName(word: string, cwd: string): boolean {
  return word.endsWith('.json') && !isFolder(resolve(cwd, word))
}

import { statSync } from 'node:fs'

/** Whether a folder lies there, perhaps behind a link. What cannot be looked at is none: a path through a file, for one. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

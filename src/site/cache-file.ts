import { randomUUID } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolders } from '../transfer/make-folders.ts'

/**
 * Writes a cache file atomically from its parts, and creates its folder: readers find the previous file or this one. A
 * failed write leaves nothing behind.
 * @throws a system error
 */
export function writeCacheFile(file: string, ...parts: readonly (string | Uint8Array)[]): void {
  makeFolders(dirname(file))
  // containers may share the folder, and even have the same process id: the name must be unique to this write
  const temporary = `${file}.${randomUUID()}`
  try {
    writeNew(temporary, parts)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function writeNew(file: string, parts: readonly (string | Uint8Array)[]): void {
  const handle = openSync(file, 'wx')
  try {
    for (const part of parts) writeFileSync(handle, part)
  } finally {
    closeSync(handle)
  }
}

import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Writes a file of a cache as a whole, part by part, and its folder where there is none: whoever reads it finds the file
 * that was there before, or this one. What could not be written leaves nothing behind.
 * @throws a system error
 */
export function writeCacheFile(file: string, ...parts: readonly (string | Uint8Array)[]): void {
  mkdirSync(dirname(file), { recursive: true })
  // containers may share the folder, and even the number of their process: nobody else writes into this one
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

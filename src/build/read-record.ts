import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD_RECORD_PATH, type BuildRecord } from '../plan/build-record.ts'
import { decodeBuildRecord } from '../plan/read-build-record.ts'

/**
 * What a plugin has left below the output of a build; undefined where none has.
 * @throws E_BUILD when another version wrote it
 */
export function readBuildRecord(outDir: string): BuildRecord | undefined {
  let text: string
  try {
    text = readFileSync(join(outDir, BUILD_RECORD_PATH), 'utf8')
  } catch {
    return undefined
  }
  return decodeBuildRecord(text)
}

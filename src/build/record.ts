import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { BUILD_RECORD_PATH, type BuildRecord, encodeBuildRecord } from '../plan/build-record.ts'

/** Writes the record of a build below its output, atomically. */
export async function writeBuildRecord(outDir: string, record: BuildRecord): Promise<void> {
  if (outDir === '') throw new Error('the output folder of the build is not known')
  const file = join(outDir, BUILD_RECORD_PATH)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, encodeBuildRecord(record))
  renameSync(`${file}.new`, file)
}

/** Removes the record, so that `outDir` is not published as a build it no longer is. No error if there is none. */
export async function removeBuildRecord(outDir: string): Promise<void> {
  rmSync(join(outDir, BUILD_RECORD_PATH), { force: true })
}

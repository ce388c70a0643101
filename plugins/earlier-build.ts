import { cpSync, existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD_RECORD_PATH, LadingError, removeBuildRecord, withServer } from '../src/build/index.ts'
import type { BuildRecord, SitePath } from '../src/index.ts'
import { type Addresses, whyChosen } from './placement.ts'

/** Where the record of an earlier build is kept until this one ends. Emptying the folder removes it with the files. */
const asideOf = (outDir: string): string => join(outDir, '.lading/earlier')

/**
 * Called before files are written: without its record, `outDir` is not published as the earlier build that it no longer
 * is. If this build fails, the next one can still read that record.
 */
export async function setRecordAside(outDir: string): Promise<void> {
  const file = join(outDir, BUILD_RECORD_PATH)
  if (!existsSync(file)) return
  cpSync(file, join(asideOf(outDir), BUILD_RECORD_PATH), { preserveTimestamps: true })
  await removeBuildRecord(outDir)
}

/** Call once its contents are merged into the record of this build. */
export async function forgetEarlier(outDir: string): Promise<void> {
  rmSync(asideOf(outDir), { recursive: true, force: true })
}

/**
 * `record`, merged with whatever still holds of an earlier build's record in this folder (several builds may make one
 * site).
 * @throws E_BUILD when the earlier build was a server's: nothing tells which of its files are still there
 */
export async function withEarlier(record: BuildRecord, { outDir, addresses }: Place): Promise<BuildRecord> {
  const aside = mergedWith(record, await readEarlier(asideOf(outDir)), { outDir, addresses })
  // One in its place was written since this build set the earlier one aside, by another that ran at the same time.
  return mergedWith(aside, await readEarlier(outDir), { outDir, addresses })
}

interface Place {
  readonly outDir: string
  readonly addresses: Addresses | undefined
}

function mergedWith(record: BuildRecord, earlier: EarlierBuild | undefined, { outDir, addresses }: Place): BuildRecord {
  if (earlier === undefined) return record
  const { server = [] } = earlier.record
  if (server === 'all') throw inServersFolder(outDir)
  const { mtimeMs } = earlier
  const remains = (path: SitePath, isFixed: boolean): boolean => {
    if (record.files.has(path) || record.origin.has(path)) return false
    if (addresses !== undefined && whyChosen(path, addresses) !== undefined) return false
    const found = statSync(join(outDir, path), { throwIfNoEntry: false })
    // A hashed name guarantees the same bytes, whatever the mtime.
    return found !== undefined && (isFixed || found.mtimeMs <= mtimeMs)
  }
  const marked = withServer(
    record,
    [...server].filter((path) => remains(path, true)),
  )
  if (!isAlike(earlier.record, record)) return marked
  const files = [...earlier.record.files].filter(([path, { immutable }]) => remains(path, immutable))
  const origin = [...earlier.record.origin].filter((path) => remains(path, true))
  return { ...marked, files: new Map([...files, ...record.files]), origin: new Set([...origin, ...record.origin]) }
}

interface EarlierBuild {
  readonly record: BuildRecord
  /** When it was written. */
  readonly mtimeMs: number
}

async function readEarlier(folder: string): Promise<EarlierBuild | undefined> {
  const found = statSync(join(folder, BUILD_RECORD_PATH), { throwIfNoEntry: false })
  if (found === undefined) return undefined
  const { readBuildRecord } = await import('../src/index.ts')
  try {
    const record = readBuildRecord(folder)
    return record && { record, mtimeMs: found.mtimeMs }
  } catch {
    // Written by another version of Lading, which may have meant something else by it.
    return undefined
  }
}

function inServersFolder(outDir: string): LadingError {
  return new LadingError('E_BUILD', 'This build went into a folder that was built for a server', {
    subject: outDir,
    why: 'What the server has there would be published with it.',
    hint: 'Empty the folder before it is built, or give each of the two a folder of its own.',
  })
}

/** Whether references of both builds resolve to the same addresses. */
function isAlike(one: BuildRecord, other: BuildRecord): boolean {
  return one.url === other.url && one.cors === other.cors && one.rewritten === other.rewritten
}

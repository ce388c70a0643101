import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { LadingError } from '../words/errors.ts'
import type { Digest, SitePath } from '../words/model.ts'
import { codeOf } from '../words/system-error.ts'
import { hasFiles, type OutFolder, statOf } from './out-folder.ts'
import { writeAll } from './replace-file.ts'

/** Says that a folder is ours, and what an earlier run wrote there. */
const MARKER = '.lading/out.json'
/** The marker while it is written, by a name of each run. */
const isBegun = (name: string): boolean => /^out\.json(?:\.[0-9a-f-]+)?\.new$/.test(name)

/** A file of ours, as it was when it was written: bytes, nanoseconds. */
export type MarkerRow = readonly [path: SitePath, sha256: Digest, size: number, mtimeNs: string]

/** A path that is ours in an unknown state: it is written again, or removed, by the next run. */
export function unsure(path: SitePath): MarkerRow {
  return [path, '', 0, '']
}

/** @throws E_OUT when the folder holds files and no marker of ours */
export function readMarker(dir: string): readonly MarkerRow[] {
  if (!hasFiles(dir) || isOnlyBegun(dir)) return []
  try {
    const data: unknown = JSON.parse(readFileSync(join(dir, MARKER), 'utf8'))
    if (isMarker(data)) return data.files
  } catch {
    // no marker: said below
  }
  throw new LadingError('E_OUT', 'The output folder holds files that Lading did not put there', {
    subject: dir,
    why: 'What an earlier run wrote there and this one does not is removed, so the folder must be Lading’s own.',
    hint: 'Name an empty folder, or a new one.',
  })
}

/** A first run that was killed, or met a full disk, before its marker was whole has left nothing else. */
function isOnlyBegun(dir: string): boolean {
  const folder = join(dir, dirname(MARKER))
  return (
    readdirSync(dir).every((name) => name === basename(folder)) &&
    statOf(folder)?.isDirectory() === true &&
    readdirSync(folder).every(isBegun)
  )
}

function isMarker(data: unknown): data is { readonly files: readonly MarkerRow[] } {
  return (
    typeof data === 'object' &&
    data !== null &&
    'v' in data &&
    data.v === 1 &&
    'files' in data &&
    Array.isArray(data.files) &&
    data.files.every(isRow)
  )
}

/** A damaged marker must never make us remove anything outside of the folder. */
function isRow(row: unknown): row is MarkerRow {
  if (!Array.isArray(row)) return false
  const [path, sha256, size, mtimeNs]: unknown[] = row
  const isBelow = typeof path === 'string' && path.split('/').every((name) => !['', '.', '..'].includes(name))
  return isBelow && typeof sha256 === 'string' && typeof size === 'number' && typeof mtimeNs === 'string'
}

/** Beside another run that writes to the folder, each writes a marker of its own, and the last one counts. */
export function writeMarker(folder: OutFolder, rows: readonly MarkerRow[]): void {
  const text = Buffer.from(`${JSON.stringify({ v: 1, files: rows })}\n`)
  const temporary = folder.place(`${MARKER}.${randomUUID()}.new`)
  const home = dirname(temporary)
  for (const name of readdirSync(home).filter(isBegun)) rmSync(join(home, name), { force: true })
  do writeWhole(temporary, text)
  while (!replaces(temporary, folder.place(MARKER)))
}

function writeWhole(path: string, text: Buffer): void {
  const handle = openSync(path, 'wx')
  try {
    writeAll(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** @returns false when another run has just removed it, as what a run that was killed has left */
function replaces(temporary: string, marker: string): boolean {
  try {
    renameSync(temporary, marker)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

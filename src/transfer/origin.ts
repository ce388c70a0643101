import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { LadingError } from '../errors.ts'
import type { Body, Digest, SitePath } from '../model.ts'
import { isPage } from '../rewrite/keep.ts'

/** A file as the origin is to serve it. */
export interface OriginFile {
  readonly path: SitePath
  readonly body: Body
  /** Pages go last: they name the others. */
  readonly isPage: boolean
}

/** What has to happen in the origin's folder. */
export interface OriginPlan {
  readonly dir: string
  readonly write: readonly OriginFile[]
  readonly unchanged: readonly OriginFile[]
  /** Written by an earlier run, no longer part of the site. */
  readonly remove: readonly { readonly path: SitePath; readonly isPage: boolean }[]
}

/** Says that a folder is ours, and what an earlier run wrote there. */
const MARKER = '.lading/out.json'

type Row = readonly [path: SitePath, sha256: Digest, size: number, mtimeNs: string]

/** One piece of a file being written, in bytes. */
const PIECE = 1 << 20

/**
 * Compares what should lie in `dir` with what an earlier run wrote there. Writes nothing.
 * @throws E_OUT when the folder holds files and no marker of ours
 */
export function planOut(dir: string, files: readonly OriginFile[]): OriginPlan {
  const rows = readMarker(dir)
  const earlier = new Map(rows.map((row) => [row[0], row]))
  const wanted = new Set(files.map(({ path }) => path))
  const write = files.filter((file) => !isAsWritten(dir, file, earlier.get(file.path)))
  const writing = new Set(write)
  return {
    dir,
    write,
    unchanged: files.filter((file) => !writing.has(file)),
    remove: rows.filter(([path]) => !wanted.has(path)).map(([path]) => ({ path, isPage: isPage(path) })),
  }
}

/** Pages that are rewritten where they lie. Only those whose bytes change are written. */
export function planInPlace(root: string, files: readonly (OriginFile & { readonly current: Digest })[]): OriginPlan {
  return {
    dir: root,
    write: files.filter(({ body, current }) => body.sha256 !== current),
    unchanged: files.filter(({ body, current }) => body.sha256 === current),
    remove: [],
  }
}

function isAsWritten(dir: string, { path, body }: OriginFile, row: Row | undefined): boolean {
  if (row === undefined || row[1] !== body.sha256) return false
  const stat = tryStat(join(dir, path))
  return stat?.isFile() === true && Number(stat.size) === row[2] && `${stat.mtimeNs}` === row[3]
}

function tryStat(path: string): ReturnType<typeof lstatBig> | undefined {
  try {
    return lstatBig(path)
  } catch {
    return undefined
  }
}

const lstatBig = (path: string) => lstatSync(path, { bigint: true })

function readMarker(dir: string): readonly Row[] {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return []
  try {
    const data: unknown = JSON.parse(readFileSync(join(dir, MARKER), 'utf8'))
    if (isMarker(data)) return data.files
  } catch {
    // no marker: said below
  }
  throw new LadingError('E_OUT', 'The output folder holds files that Lading did not put there', {
    subject: dir,
    why: 'What an earlier run wrote there and this one does not is removed, so the folder must be Lading’s own.',
    hint: 'Name an empty folder or a new one: --out origin',
  })
}

function isMarker(data: unknown): data is { readonly files: readonly Row[] } {
  return (
    typeof data === 'object' &&
    data !== null &&
    'v' in data &&
    data.v === 1 &&
    'files' in data &&
    Array.isArray(data.files) &&
    data.files.every((row) => Array.isArray(row) && typeof row[0] === 'string' && isInside(row[0]))
  )
}

/** A damaged marker must never make us remove anything outside of the folder. */
function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..')
}

/**
 * Carries a plan out: files first, then pages, then what is gone. Each file is replaced as a whole, so a visitor sees
 * the old one or the new one. The marker is written before the first file, so that a killed run still owns its folder.
 * @throws E_SOURCE_CHANGED, E_WRITE
 */
export async function writeOrigin(plan: OriginPlan, marked: boolean): Promise<void> {
  if (plan.write.length === 0 && plan.remove.length === 0) return
  try {
    if (marked)
      writeMarker(
        plan.dir,
        plan.unchanged,
        [...plan.remove, ...plan.write].map(({ path }) => path),
      )
    for (const file of [...plan.write].sort((a, b) => Number(a.isPage) - Number(b.isPage)))
      await writeFile(plan.dir, file)
    for (const { path } of plan.remove) removeFile(plan.dir, path)
    if (marked) writeMarker(plan.dir, [...plan.unchanged, ...plan.write], [])
  } catch (error) {
    throw error instanceof LadingError ? error : writeFailed(plan.dir, error)
  }
}

async function writeFile(dir: string, { path, body }: OriginFile): Promise<void> {
  const target = join(dir, path)
  const temporary = join(dirname(target), `.${Buffer.from(path).toString('hex').slice(-24)}.lading`)
  mkdirSync(dirname(target), { recursive: true })
  const mode = tryStat(target)?.mode
  try {
    await writeBody(temporary, body, path)
    if (mode !== undefined) chmodSync(temporary, Number(mode & 0o777n))
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

async function writeBody(file: string, body: Body, path: SitePath): Promise<void> {
  const digest = createHash('sha256')
  const handle = openSync(file, 'w')
  try {
    for (let start = 0; start < body.size; start += PIECE) {
      const bytes = await body.read(start, Math.min(start + PIECE, body.size))
      digest.update(bytes)
      writeAll(handle, bytes)
    }
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  if (digest.digest('hex') === body.sha256) return
  throw new LadingError('E_SOURCE_CHANGED', 'A file changed while it was being deployed', {
    subject: path,
    why: 'What was planned is not what would have been written.',
    hint: 'Let the build finish, then run the same command again.',
  })
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.byteLength; ) written += writeSync(handle, bytes, written)
}

function removeFile(dir: string, path: SitePath): void {
  rmSync(join(dir, path), { force: true })
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    try {
      rmdirSync(join(dir, folder))
    } catch {
      return // not empty: it still holds files of the site
    }
  }
}

/** `pending` are ours too, in an unknown state: written again or removed by the next run if this one is killed. */
function writeMarker(dir: string, files: readonly OriginFile[], pending: readonly SitePath[]): void {
  const rows = files.flatMap(({ path, body }): Row[] => {
    const stat = tryStat(join(dir, path))
    return stat === undefined ? [] : [[path, body.sha256, body.size, `${stat.mtimeNs}`]]
  })
  const unsure = pending.map((path): Row => [path, '', 0, ''])
  const marker = join(dir, MARKER)
  mkdirSync(dirname(marker), { recursive: true })
  const handle = openSync(`${marker}.new`, 'w')
  try {
    writeAll(handle, Buffer.from(`${JSON.stringify({ v: 1, files: [...rows, ...unsure] })}\n`))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(`${marker}.new`, marker)
}

function writeFailed(dir: string, cause: unknown): LadingError {
  return new LadingError('E_WRITE', 'The origin’s folder could not be written', {
    subject: dir,
    why: cause instanceof Error ? cause.message : undefined,
    hint: 'Make room or give the right to write, then run the same command again: it goes on.',
    cause,
  })
}

import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isPage } from '../rewrite/keep.ts'
import { LadingError } from '../words/errors.ts'
import type { Body, Digest, SitePath } from '../words/model.ts'
import { codeOf } from '../words/system-error.ts'
import { checkFolders, foldersOf, openOutFolder, statOf } from './out-folder.ts'
import { type MarkerRow, readMarker, unsure, writeMarker } from './out-marker.ts'
import { OWN_PATH_WAVES, ownPathRank } from './own-path-order.ts'
import { forEachBounded } from './pool.ts'
import { replaceFile } from './replace-file.ts'

/** A file as the origin is to serve it. */
export interface OriginFile {
  readonly path: SitePath
  readonly body: Body
  /** They name the others. */
  readonly isPage: boolean
  /** Whether its bytes are others than the site's. @default false */
  readonly isEdited?: boolean | undefined
  /** Where an in-place page lies, links resolved and spelled as the disk spells it. @default `path` below the root */
  readonly disk?: string | undefined
  /** Whether an earlier run has written nothing there. @default false */
  readonly isNew?: boolean | undefined
}

/** What has to happen in the origin's folder. */
export interface OriginPlan {
  readonly dir: string
  readonly write: readonly OriginFile[]
  readonly unchanged: readonly OriginFile[]
  /** Written by an earlier run, no longer part of the site. */
  readonly remove: readonly { readonly path: SitePath; readonly isPage: boolean }[]
}

/** Files written concurrently. Each is synced to disk before its rename, so only those waits overlap. */
const WRITERS = 16
/** Files removed before yielding to the event loop. */
const REMOVED_AT_ONCE = 100

/**
 * Compares what should lie in `dir` with what an earlier run wrote there. Writes nothing.
 * @throws E_OUT when the folder holds files and no marker of ours, and for a link where a folder belongs
 */
export function planOut(dir: string, files: readonly OriginFile[]): OriginPlan {
  const rows = readMarker(dir)
  const earlier = new Map(rows.map((row) => [row[0], row]))
  // a file's place on the site's disk is not its place here
  const wanted = new Map(
    files.map(({ path, body, isPage, isEdited }) => [
      path,
      { path, body, isPage, isEdited, isNew: !earlier.has(path) },
    ]),
  )
  checkFolders(dir, wanted.keys(), (path) => earlier.has(path))
  checkFolders(dir, earlier.keys(), () => true)
  const write = [...wanted.values()].filter((file) => !isAsWritten(dir, file, earlier.get(file.path)))
  const writing = new Set(write)
  return {
    dir,
    write,
    unchanged: [...wanted.values()].filter((file) => !writing.has(file)),
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

/**
 * Pages of an earlier release, put back beside whatever else the origin holds. Nothing is removed: the next deploy
 * knows what belongs there.
 * @throws E_OUT when an output folder carries no marker of ours
 */
export function planRestore(
  { dir, isOut }: { readonly dir: string; readonly isOut: boolean },
  pages: ReadonlyMap<SitePath, Body>,
): OriginPlan {
  const rows = isOut ? readMarker(dir) : []
  const known = new Map(rows.map((row) => [row[0], row]))
  if (isOut) checkFolders(dir, pages.keys(), (path) => known.has(path))
  const files = [...pages].map(([path, body]) => ({ path, body, isPage: true }))
  const unchanged = files.filter((file) => isAsWritten(dir, file, known.get(file.path)))
  return { dir, write: files.filter((file) => !unchanged.includes(file)), unchanged, remove: [] }
}

function isAsWritten(dir: string, { path, body }: OriginFile, row: MarkerRow | undefined): boolean {
  if (row === undefined || row[1] !== body.sha256) return false
  const stat = statOf(join(dir, path))
  return stat?.isFile() === true && Number(stat.size) === row[2] && `${stat.mtimeNs}` === row[3]
}

/**
 * Carries a plan out: what is new, then what is replaced, pages last, then what is gone; only what is gone and in the
 * way of a new file goes right before it. Each file is replaced as a whole, so a visitor sees the old one or the new
 * one. With `marked` the folder is Lading's own: its marker is written before the first file, so that a run that was
 * killed or stopped still owns everything it wrote.
 * @throws E_SOURCE_CHANGED, E_OUT, E_WRITE, the signal's reason
 */
export async function writeOrigin(plan: OriginPlan, marked: boolean, signal?: AbortSignal): Promise<void> {
  if (plan.write.length === 0 && plan.remove.length === 0) return
  try {
    signal?.throwIfAborted()
    if (marked) await writeOut(plan, signal)
    else await writeFiles(plan.write, signal, ({ path, disk }) => disk ?? join(plan.dir, path))
  } catch (error) {
    const isSaid = error instanceof LadingError || (signal?.aborted && error === signal.reason)
    throw isSaid ? error : writeFailed(plan.dir, error)
  }
}

async function writeOut({ dir, write, remove }: OriginPlan, signal: AbortSignal | undefined): Promise<void> {
  // as they were written, not as they are now: a change by somebody else must be noticed the next time
  const rows = new Map(readMarker(dir).map((row) => [row[0], row]))
  const pending = [...remove, ...write].map(({ path }) => path)
  const folder = openOutFolder(dir)
  writeMarker(folder, [...new Map([...rows, ...pending.map((path) => [path, unsure(path)] as const)]).values()])
  const discard = (path: SitePath): void => {
    folder.remove(path)
    rows.delete(path)
  }
  const inTheWay = conflicts(remove.map(({ path }) => path))
  const place = ({ path }: OriginFile): string => {
    for (const earlier of inTheWay(path)) discard(earlier)
    return folder.place(path)
  }
  try {
    await writeFiles(write, signal, place, ({ path, body }, mtimeNs) =>
      rows.set(path, [path, body.sha256, body.size, `${mtimeNs}`]),
    )
    for (const [index, { path }] of remove.entries()) {
      if (index % REMOVED_AT_ONCE === 0) await setImmediate()
      signal?.throwIfAborted()
      discard(path)
    }
  } finally {
    writeMarker(folder, [...rows.values()])
  }
}

type Written = (file: OriginFile, mtimeNs: bigint) => void

async function writeFiles(
  files: readonly OriginFile[],
  signal: AbortSignal | undefined,
  place: (file: OriginFile) => string,
  written: Written = () => {},
): Promise<void> {
  const weigh = ({ body }: OriginFile): number => body.size
  const rankOf = ({ path, isPage, isNew = false }: OriginFile): number => ownPathRank({ path, isNew, isPage })
  for (let rank = 0; rank < OWN_PATH_WAVES; rank++) {
    const wave = files.filter((file) => rankOf(file) === rank)
    await forEachBounded(wave, { concurrency: WRITERS, weigh, signal }, async (file) => {
      written(file, await replaceFile(place(file), file, signal))
    })
  }
}

/** Tells which of the paths are in a new file's way: one where it needs a folder, or all below its own name. */
function conflicts(paths: readonly SitePath[]): (path: SitePath) => SitePath[] {
  const gone = new Set(paths)
  const below = new Map<string, SitePath[]>()
  for (const path of paths) {
    for (const folder of foldersOf(path)) {
      const list = below.get(folder)
      if (list === undefined) below.set(folder, [path])
      else list.push(path)
    }
  }
  return (path) => [...foldersOf(path).filter((folder) => gone.has(folder)), ...(below.get(path) ?? [])]
}

const WRITE_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'Make room',
  EDQUOT: 'Make room',
  EACCES: 'Give the right to write',
  EPERM: 'Give the right to write',
  EROFS: 'Give the right to write',
}

function writeFailed(dir: string, cause: unknown): LadingError {
  return new LadingError('E_WRITE', 'The origin’s folder could not be written', {
    subject: dir,
    why: cause instanceof Error ? cause.message : undefined,
    hint: `${WRITE_HINTS[codeOf(cause)] ?? 'Mend the cause'}, then run the same command again: it goes on.`,
    cause,
  })
}

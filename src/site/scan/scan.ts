import { readdirSync } from 'node:fs'
import type { AllowedFinding } from '../../config/interface.ts'
import type { Warning } from '../../words/events.ts'
import type { SiteFile, SkippedFile } from '../file.ts'
import { realPlace, wayTo } from '../place.ts'
import { isDenied } from '../read.ts'
import type { SecretFile } from '../secrets/secret-files.ts'
import { turns } from '../turn.ts'
import { exclusion, type Selection } from './ignore-file.ts'
import { checkNames, type NamePolicy, twinsIn } from './names.ts'
import { openRoot } from './root.ts'
import { emptyRoot, type Missed, missedBy, missedTwin, refuseTrouble } from './scan-trouble.ts'
import type { SeenFolders } from './seen-folder.ts'
import { type Walk, walkFolder } from './walk.ts'
import { walkWarnings } from './walk-warnings.ts'

export interface ScanOptions extends Selection, NamePolicy {
  readonly root: string
  /** Files with the names of secrets that belong to the site nevertheless. @default none */
  readonly allow?: readonly AllowedFinding[] | undefined
  /** Whether a folder without files is allowed, for callers with an error of their own. @default it is an error */
  readonly mayBeEmpty?: boolean | undefined
  /**
   * The command that reads images of it, for messages. What cannot be taken is named then, and stops nothing: no page
   * breaks by it. @default it is a site
   */
  readonly forImages?: string | undefined
  /** Where hashes are kept: none of the site, wherever it lies. @default elsewhere */
  readonly cacheDir?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Folders listed a moment ago, which are not read again. @default nothing */
  readonly seen?: SeenFolders | undefined
}

export interface Scan {
  /** Absolute, links resolved. */
  readonly root: string
  /** In order of path. */
  readonly files: readonly SiteFile[]
  readonly skipped: readonly SkippedFile[]
  /** Of images: what could not be taken, in order of path. */
  readonly missed: readonly Missed[]
  /** Not among the files: what must stop the run before any of them is sent. */
  readonly secrets: readonly SecretFile[]
  /** Top-level names, also of what is skipped. */
  readonly names: ReadonlySet<string>
  readonly warnings: readonly Warning[]
}

/**
 * Finds the site's files. A walk of our own, which checks names for invalid UTF-8 and links for where they lead: every
 * glob library either follows links or loses them.
 * @throws E_ROOT_*, E_NAME_NOT_UTF8, E_SYMLINK_ESCAPE, E_UNREADABLE, E_KEY_INVALID, E_KEY_RESERVED, E_NAME_COLLISION
 */
export function scan(options: ScanOptions): Scan {
  const walk = begin(options)
  for (const _ of steps(walk, options)) options.signal?.throwIfAborted()
  return end(walk, options)
}

/** The same, yielding to the event loop now and then, so that an abort is noticed. */
export async function scanInTurns(options: ScanOptions): Promise<Scan> {
  const walk = begin(options)
  const turn = turns(options.signal)
  for (const _ of steps(walk, options)) await turn()
  return end(walk, options)
}

interface Begun extends Walk {
  /** The root as it was given, when that is a link. */
  readonly link: string | undefined
}

function begin(options: ScanOptions): Begun {
  const { path: root, link } = openRoot(options.root, options.forImages)
  return {
    root,
    link,
    seen: options.seen,
    excluded: exclusion(root, options),
    allow: options.allow ?? [],
    cache: options.cacheDir === undefined ? undefined : wayTo(realPlace(root), realPlace(options.cacheDir)),
    folders: [{ disk: root, path: '', parent: undefined, links: 0 }],
    files: [],
    skipped: [],
    secrets: [],
    dangling: [],
    unfollowed: new Map(),
    special: [],
    trouble: { notUtf8: [], escapes: [], unreadable: [], reserved: [] },
    linksBehindLinks: 0,
  }
}

function* steps(walk: Walk, { forImages }: ScanOptions): Generator<void, void> {
  // grows while it is walked
  for (const folder of walk.folders) yield* walkFolder(walk, folder)
  const { unreadable } = walk.trouble
  if (forImages !== undefined || unreadable.length === 0) return
  // with the files that cannot be read either: whoever mends the rights of a folder does so once
  for (const file of walk.files) {
    yield
    if (isDenied(file)) unreadable.push(file.path)
  }
  unreadable.sort()
}

function end(walk: Begun, options: ScanOptions): Scan {
  const { root, skipped, secrets, trouble } = walk
  const isForImages = options.forImages !== undefined
  const twins = new Set<SiteFile>(isForImages ? twinsIn(walk.files).map(({ twin }) => twin) : [])
  const files = walk.files.filter((file) => !twins.has(file))
  const missed = isForImages ? missedOf(walk, twins) : []
  refuseTrouble(isForImages && files.length > 0 ? { ...NO_TROUBLE, reserved: trouble.reserved } : trouble)
  const warnings = [...walkWarnings(walk, root, walk.link), ...checkNames(files, options)]
  const isNothing = !files.some(({ originOnly }) => !originOnly) && secrets.length === 0
  if (isNothing && !options.mayBeEmpty)
    throw emptyRoot(options.root, { skipped: skipped.length, leftOut: files.length })
  files.sort(byPath)
  return { root, files, skipped, missed, secrets, names: topNames(root), warnings }
}

function missedOf(walk: Begun, twins: ReadonlySet<SiteFile>): readonly Missed[] {
  const sent = [...twins].filter(({ originOnly }) => !originOnly).map(missedTwin)
  const missed = missedBy(walk.trouble, walk.dangling).filter(({ path }) => !walk.excluded(path))
  return [...missed, ...sent].sort(byPath)
}

const byPath = (a: { readonly path: string }, b: { readonly path: string }): number => (a.path < b.path ? -1 : 1)

const NO_TROUBLE = { notUtf8: [], escapes: [], unreadable: [] }

function topNames(root: string): ReadonlySet<string> {
  return new Set(readdirSync(root))
}

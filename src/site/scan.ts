import { readdirSync } from 'node:fs'
import type { AllowedFinding } from '../config/interface.ts'
import type { Warning } from '../events.ts'
import type { SiteFile, SkippedFile } from './file.ts'
import { exclusion, type Selection } from './ignore-file.ts'
import { checkNames, type NamePolicy } from './names.ts'
import { openRoot } from './root.ts'
import { emptyRoot, refuseTrouble } from './scan-trouble.ts'
import type { SecretFile } from './secrets/secret-files.ts'
import { type Walk, walkFolder } from './walk.ts'
import { walkWarnings } from './walk-warnings.ts'

export interface ScanOptions extends Selection, NamePolicy {
  readonly root: string
  /** Files with the names of secrets that belong to the site nevertheless. @default none */
  readonly allow?: readonly AllowedFinding[] | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Scan {
  /** Absolute, links resolved. */
  readonly root: string
  /** In order of path. */
  readonly files: readonly SiteFile[]
  readonly skipped: readonly SkippedFile[]
  /** Not among the files: what must stop the run before any of them is sent. */
  readonly secrets: readonly SecretFile[]
  /** Top-level names, also of what is skipped. */
  readonly names: ReadonlySet<string>
  readonly warnings: readonly Warning[]
}

/**
 * Finds the site's files. Reads names as bytes, so that one that is not UTF-8 is seen as what it is, and never follows a
 * link without asking where it leads: our own walk, because every glob library either follows links or loses them.
 * @throws E_ROOT_*, E_NAME_NOT_UTF8, E_SYMLINK_ESCAPE, E_UNREADABLE, E_KEY_INVALID, E_KEY_RESERVED, E_NAME_COLLISION
 */
export function scan(options: ScanOptions): Scan {
  const { path: root, link } = openRoot(options.root)
  const walk: Walk = {
    root,
    excluded: exclusion(root, options),
    allow: options.allow ?? [],
    folders: [{ disk: root, path: '', parent: undefined, links: 0 }],
    files: [],
    skipped: [],
    secrets: [],
    found: [],
    dangling: [],
    unfollowed: new Map(),
    special: [],
    trouble: { notUtf8: [], escapes: [], unreadable: [], reserved: [] },
    linksBehindLinks: 0,
  }
  // grows while it is walked
  for (const folder of walk.folders) walkFolder(walk, folder, options.signal)
  refuseTrouble(walk.trouble)
  const warnings = [...walkWarnings(walk, root, link), ...checkNames(walk.found, options)]
  const isNothing = !walk.files.some(({ originOnly }) => !originOnly) && walk.secrets.length === 0
  if (isNothing) throw emptyRoot(options.root, { skipped: walk.skipped.length, leftOut: walk.files.length })
  walk.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { root, files: walk.files, skipped: walk.skipped, secrets: walk.secrets, names: topNames(root), warnings }
}

function topNames(root: string): ReadonlySet<string> {
  return new Set(readdirSync(root))
}

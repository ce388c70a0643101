import { type BigIntStats, type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { printable } from '../errors.ts'
import type { WarningEvent } from '../events.ts'
import type { SitePath } from '../model.ts'
import { neverRule } from '../rewrite/keep.ts'
import type { SiteFile, SkippedFile } from './file.ts'
import { exclusion, IGNORE_FILE, type Selection } from './ignore-file.ts'
import { checkNames, type FoundName, type NamePolicy } from './names.ts'
import { openRoot } from './root.ts'
import { emptyRoot, refuseTrouble, type ScanTrouble } from './scan-trouble.ts'

export interface ScanOptions extends Selection, NamePolicy {
  readonly root: string
  readonly signal?: AbortSignal | undefined
}

export interface Scan {
  /** Absolute, links resolved. */
  readonly root: string
  /** In order of path. */
  readonly files: readonly SiteFile[]
  readonly skipped: readonly SkippedFile[]
  /** Top-level names, also of what is skipped. */
  readonly names: ReadonlySet<string>
  readonly warnings: readonly Omit<WarningEvent, 'type'>[]
}

/** Our own folder inside a root; of what lies there only these are ours to find. */
const OWN_FOLDER = '.lading'
const OWN_FILES = new Set(['build.json', 'out.json'])

/** Dotfiles that configure a web server: they belong to an origin's folder, and only there. */
const ORIGIN_CONFIG = /(?:^|\/)\.(?:htaccess|nojekyll)$/

interface Walk {
  readonly root: string
  readonly excluded: (path: SitePath) => boolean
  readonly files: SiteFile[]
  readonly skipped: SkippedFile[]
  readonly found: FoundName[]
  readonly dangling: string[]
  readonly special: string[]
  readonly trouble: ScanTrouble
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
    files: [],
    skipped: [],
    found: [],
    dangling: [],
    special: [],
    trouble: { notUtf8: [], escapes: [], unreadable: [], reserved: [] },
  }
  walkFolder(walk, { disk: root, path: '', viaLink: false }, options.signal)
  refuseTrouble(walk.trouble)
  const warnings = [...linkWarnings(walk, link), ...checkNames(walk.found, options)]
  if (walk.files.length === 0) throw emptyRoot(options.root, walk.skipped.length)
  walk.files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { root, files: walk.files, skipped: walk.skipped, names: topNames(root), warnings }
}

interface Folder {
  readonly disk: string
  readonly path: SitePath
  /** Reached through a link: links to folders are not followed a second time, which bounds every tangle of links. */
  readonly viaLink: boolean
}

function walkFolder(walk: Walk, folder: Folder, signal: AbortSignal | undefined): void {
  signal?.throwIfAborted()
  for (const entry of readFolder(walk, folder)) {
    const name = entry.name.toString('utf8')
    const written = folder.path === '' ? name : `${folder.path}/${name}`
    if (!Buffer.from(name, 'utf8').equals(entry.name)) {
      walk.trouble.notUtf8.push(join(folder.path, escapeBytes(entry.name)))
      continue
    }
    visit(walk, { entry, written, disk: join(folder.disk, name), folder }, signal)
  }
}

interface Visit {
  readonly entry: Dirent<Buffer>
  readonly written: string
  readonly disk: string
  readonly folder: Folder
}

function visit(walk: Walk, { entry, written, disk, folder }: Visit, signal: AbortSignal | undefined): void {
  const path = written.normalize('NFC')
  if (path === OWN_FOLDER && entry.isDirectory()) {
    walkFolder(walk, { disk, path, viaLink: folder.viaLink }, signal)
    return
  }
  if (path === IGNORE_FILE || isReserved(walk, path)) return
  const rule = neverRule(path)
  if (rule !== undefined && !ORIGIN_CONFIG.test(path)) {
    walk.skipped.push({ path, rule })
  } else if (entry.isSymbolicLink()) {
    visitLink(walk, { written, disk, folder }, signal)
  } else if (entry.isDirectory()) {
    walkFolder(walk, { disk, path: written, viaLink: folder.viaLink }, signal)
  } else if (entry.isFile()) {
    addFile(walk, written, disk)
  } else {
    walk.special.push(path)
  }
}

function isReserved(walk: Walk, path: SitePath): boolean {
  if (!path.startsWith(`${OWN_FOLDER}/`)) return false
  if (!OWN_FILES.has(path.slice(OWN_FOLDER.length + 1))) walk.trouble.reserved.push(path)
  return true
}

function visitLink(walk: Walk, { written, disk, folder }: Omit<Visit, 'entry'>, signal: AbortSignal | undefined): void {
  const target = resolveLink(disk)
  if (target === undefined) {
    walk.dangling.push(written)
  } else if (!isInside(walk.root, target)) {
    walk.trouble.escapes.push(`${written} -> ${printable(relative(walk.root, target))}`)
  } else if (!statSync(target).isDirectory()) {
    addFile(walk, written, target)
  } else if (!folder.viaLink && !isInside(target, folder.disk)) {
    walkFolder(walk, { disk: target, path: written, viaLink: true }, signal)
  }
}

function addFile(walk: Walk, written: string, disk: string): void {
  const stat = tryStat(disk)
  const path = written.normalize('NFC')
  if (stat === undefined) {
    walk.trouble.unreadable.push(path)
    return
  }
  if (!stat.isFile()) {
    walk.special.push(path)
    return
  }
  walk.found.push({ path, written })
  const originOnly = ORIGIN_CONFIG.test(path) || walk.excluded(path)
  walk.files.push({ path, disk, size: Number(stat.size), stamp: stampOf(stat), originOnly })
}

/** Identity and times of a file as the hash cache compares them. */
function stampOf(stat: BigIntStats): SiteFile['stamp'] {
  return { dev: `${stat.dev}`, ino: `${stat.ino}`, mtimeNs: `${stat.mtimeNs}`, ctimeNs: `${stat.ctimeNs}` }
}

function readFolder(walk: Walk, folder: Folder): Dirent<Buffer>[] {
  try {
    return readdirSync(folder.disk, { withFileTypes: true, encoding: 'buffer' })
  } catch {
    walk.trouble.unreadable.push(`${folder.path}/`)
    return []
  }
}

function tryStat(disk: string): BigIntStats | undefined {
  try {
    return lstatSync(disk, { bigint: true })
  } catch {
    return undefined
  }
}

function resolveLink(disk: string): string | undefined {
  try {
    return realpathSync(disk)
  } catch {
    return undefined
  }
}

function isInside(folder: string, target: string): boolean {
  return target === folder || target.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** `bad\xff.png` for a name whose bytes are not UTF-8. */
function escapeBytes(name: Buffer): string {
  return [...name]
    .map((byte) => (byte < 0x20 || byte > 0x7e ? `\\x${byte.toString(16).toUpperCase()}` : String.fromCharCode(byte)))
    .join('')
}

function topNames(root: string): ReadonlySet<string> {
  return new Set(readdirSync(root))
}

function linkWarnings(walk: Walk, link: string | undefined): Omit<WarningEvent, 'type'>[] {
  const warnings: Omit<WarningEvent, 'type'>[] = []
  if (link !== undefined) {
    warnings.push({ code: 'W_ROOT_LINK', message: `the folder is a link to ${walk.root}`, items: [link] })
  }
  if (walk.dangling.length > 0) {
    warnings.push({ code: 'W_DANGLING', message: 'links that lead nowhere were skipped', items: walk.dangling })
  }
  if (walk.special.length > 0) {
    warnings.push({ code: 'W_SPECIAL_FILE', message: 'pipes, sockets and devices were skipped', items: walk.special })
  }
  return warnings
}

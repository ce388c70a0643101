import { type BigIntStats, type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { AllowedFinding } from '../config/interface.ts'
import { printable } from '../errors.ts'
import type { SitePath } from '../model.ts'
import { type NeverRule, neverFolderRule } from '../rewrite/keep.ts'
import type { SiteFile, SkippedFile } from './file.ts'
import { IGNORE_FILE } from './ignore-file.ts'
import { linkEnd } from './link.ts'
import { escapeBytes, type FoundName } from './names.ts'
import { OWN_FOLDER } from './own-folder.ts'
import type { ScanTrouble } from './scan-trouble.ts'
import { isSecretRule, judge, type SecretFile } from './secrets/secret-files.ts'
import { fileNameRule } from './secrets/secret-names.ts'
import type { PassedOver } from './walk-warnings.ts'

/** Of what lies in our own folder only these are ours to find. */
const OWN_FILES = new Set(['build.json', 'out.json'])

/** Dotfiles that configure a web server: they belong to an origin's folder, and only there. */
const ORIGIN_CONFIG = /(?:^|\/)\.(?:htaccess|nojekyll)$/

/** Links to folders on one path: more than a site has, fewer than a tangle. */
const LINKS_DEEP = 8
/** Links to folders that lie behind other links, over the whole site: bounds what a tangle of links can come to. */
const LINKS_BEHIND_LINKS = 10_000

/** What a walk has found so far. */
export interface Walk extends PassedOver {
  readonly root: string
  readonly excluded: (path: SitePath) => boolean
  readonly allow: readonly AllowedFinding[]
  /** The root, then linked folders as they are found: what lies behind many links comes last and meets the bound. */
  readonly folders: Folder[]
  readonly files: SiteFile[]
  readonly skipped: SkippedFile[]
  readonly secrets: SecretFile[]
  readonly found: FoundName[]
  readonly trouble: ScanTrouble
  linksBehindLinks: number
}

/** A folder to be walked. */
export interface Folder {
  readonly disk: string
  readonly path: SitePath
  /** The folder it was found in; a link may have led from there. */
  readonly parent: Folder | undefined
  /** How many links its path leads through. */
  readonly links: number
}

/** Walks one folder and those below it; what links lead to is put off to `walk.folders`. */
export function walkFolder(walk: Walk, folder: Folder, signal: AbortSignal | undefined): void {
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

function visit(walk: Walk, found: Visit, signal: AbortSignal | undefined): void {
  const { entry, written, disk, folder } = found
  const path = written.normalize('NFC')
  if (path === IGNORE_FILE || isReserved(walk, path, entry)) return
  const isOwn = path === OWN_FOLDER && entry.isDirectory()
  const rule = nameRule(entry, path)
  if (rule !== undefined && !isOwn && !ORIGIN_CONFIG.test(path) && isKeptBack(walk, found, rule)) return
  if (entry.isSymbolicLink()) {
    visitLink(walk, found)
  } else if (entry.isDirectory()) {
    walkFolder(walk, { disk, path: written, parent: folder, links: folder.links }, signal)
  } else if (entry.isFile()) {
    addFile(walk, { written, disk, isAlias: folder.links > 0 })
  } else {
    walk.special.push(path)
  }
}

/** What must not leave: noted as skipped, or as a secret that nobody excluded and that stops the run. */
function isKeptBack(walk: Walk, { entry, written, disk }: Visit, rule: NeverRule): boolean {
  const path = written.normalize('NFC')
  const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'link'
  const isSecret = isSecretRule(rule) && !walk.excluded(path)
  const verdict = isSecret ? judge({ path, disk, rule, kind }, walk.allow) : 'skip'
  if (verdict === 'skip') walk.skipped.push({ path, rule })
  else if (verdict !== 'publish') walk.secrets.push(verdict)
  return verdict !== 'publish'
}

/** What the name alone says. Most of what it says of a link depends on whether that leads to a file or to a folder. */
function nameRule(entry: Dirent<Buffer>, path: SitePath): NeverRule | undefined {
  const folderRule = neverFolderRule(path)
  if (entry.isDirectory() || (entry.isSymbolicLink() && folderRule === undefined)) return folderRule
  return fileNameRule(path) ?? folderRule
}

/** Our own files are read later, so they have to be files: nobody answers who reads a pipe. */
function isReserved(walk: Walk, path: SitePath, entry: Dirent<Buffer>): boolean {
  if (!path.startsWith(`${OWN_FOLDER}/`)) return false
  if (!OWN_FILES.has(path.slice(OWN_FOLDER.length + 1))) walk.trouble.reserved.push(path)
  else if (!entry.isFile()) walk.trouble.unreadable.push(path)
  return true
}

function visitLink(walk: Walk, { written, disk, folder }: Omit<Visit, 'entry'>): void {
  const path = written.normalize('NFC')
  const mayServe = ORIGIN_CONFIG.test(path)
  const end = linkEnd({ root: walk.root, disk, allowed: (target) => mayServe && ORIGIN_CONFIG.test(target) })
  const rule = end.kind === 'folder' || mayServe ? undefined : fileNameRule(path)
  if (rule !== undefined) walk.skipped.push({ path, rule })
  else if (end.kind === 'never') walk.skipped.push({ path, rule: `${end.rule} behind a link` })
  else if (end.kind === 'file') addFile(walk, { written, disk: end.disk, isAlias: true })
  else if (end.kind === 'folder') enterLink(walk, { written, disk, folder }, end.disk)
  else if (end.kind === 'outside')
    walk.trouble.escapes.push(`${written} -> ${printable(relative(walk.root, end.disk))}`)
  else if (end.kind === 'dangling') walk.dangling.push(written)
  else walk.trouble.unreadable.push(path)
}

function enterLink(walk: Walk, { written, disk, folder }: Omit<Visit, 'entry'>, target: string): void {
  if (mayFollow(walk, folder, target)) {
    if (folder.links > 0) walk.linksBehindLinks++
    walk.folders.push({ disk: target, path: written, parent: folder, links: folder.links + 1 })
  } else if (!walk.unfollowed.has(disk)) walk.unfollowed.set(disk, written)
}

/** Not into a folder that the path has come through already, and not into a tangle without end. */
function mayFollow(walk: Walk, folder: Folder, target: string): boolean {
  if (folder.links >= LINKS_DEEP) return false
  if (folder.links > 0 && walk.linksBehindLinks >= LINKS_BEHIND_LINKS) return false
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) if (at.disk === target) return false
  return true
}

function addFile(walk: Walk, { written, disk, isAlias }: { written: string; disk: string; isAlias: boolean }): void {
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
  walk.files.push({ path, disk, size: Number(stat.size), stamp: stampOf(stat), originOnly, isAlias })
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

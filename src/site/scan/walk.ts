import { lstatSync } from 'node:fs'
import { relative } from 'node:path'
import type { AllowedFinding } from '../../config/interface.ts'
import { isOriginConfig, type NeverRule, neverFolderRule } from '../../rewrite/keep.ts'
import type { SitePath } from '../../words/model.ts'
import type { FileStamp, SiteFile, SkippedFile } from '../file.ts'
import { wayTo } from '../place.ts'
import { isSecretRule, judge, type SecretFile } from '../secrets/secret-files.ts'
import { fileNameRule } from '../secrets/secret-names.ts'
import { FoundFile } from './found-file.ts'
import { IGNORE_FILE } from './ignore-file.ts'
import { linkEnd } from './link.ts'
import { OWN_FOLDER } from './own-folder.ts'
import { readFolder } from './read-folder.ts'
import type { ScanTrouble } from './scan-trouble.ts'
import type { Entry, SeenFolders } from './seen-folder.ts'
import type { PassedOver } from './walk-warnings.ts'

/** The only files that may lie in our own folder. */
const OWN_FILES = new Set(['build.json', 'out.json'])

/** Maximum number of folder links on one path: more than any real site has. */
const LINKS_DEEP = 8
/** Maximum number of folder links behind other links, over the whole site: links may multiply exponentially. */
const LINKS_BEHIND_LINKS = 10_000

/** What a walk has found so far. */
export interface Walk extends PassedOver {
  readonly root: string
  /** Folders listed a moment ago, which are not read again. */
  readonly seen: SeenFolders | undefined
  readonly excluded: (path: SitePath) => boolean
  readonly allow: readonly AllowedFinding[]
  /** Its path in the root, links resolved. A run makes it and writes there meanwhile, copies of the state among it. */
  readonly cache: SitePath | undefined
  /** The root, then linked folders as they are found: what lies behind many links comes last and meets the bound. */
  readonly folders: Folder[]
  readonly files: SiteFile[]
  readonly skipped: SkippedFile[]
  readonly secrets: SecretFile[]
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

/** Number of entries between two yields to the caller. */
const STEP = 256

/**
 * Walks one folder and those below it; link targets are queued in `walk.folders`. Yields every now and then: a large
 * tree takes seconds, a cold one longer.
 */
export function* walkFolder(walk: Walk, folder: Folder): Generator<void, void> {
  yield
  let steps = 0
  for (const entry of readFolder(folder, walk)) {
    steps += 1
    if (steps % STEP === 0) yield
    const written = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`
    const below = visit(walk, { entry, written, folder })
    if (below !== undefined) yield* walkFolder(walk, below)
  }
}

interface Visit {
  readonly entry: Entry
  readonly written: string
  readonly folder: Folder
}

/** @returns a folder to be walked */
function visit(walk: Walk, found: Visit): Folder | undefined {
  const { entry, written, folder } = found
  const path = nfc(written)
  if (path === IGNORE_FILE || isReserved(walk, path, entry)) return undefined
  const isOwn = path === OWN_FOLDER && entry.isDirectory()
  const rule = nameRule(entry, path)
  if (rule !== undefined && !isOwn && !isOriginConfig(path) && isKeptBack(walk, found, rule)) return undefined
  if (entry.isSymbolicLink()) {
    visitLink(walk, { written, disk: diskOf(found), folder })
  } else if (entry.isDirectory()) {
    if (isCache(walk, diskOf(found))) return leaveCache(walk, path)
    return { disk: diskOf(found), path: written, parent: folder, links: folder.links }
  } else if (entry.isFile()) {
    addFile(walk, { written, disk: diskOf(found), folder, stamp: entry.stamp })
  } else {
    walk.special.push(path)
  }
  return undefined
}

const isCache = ({ root, cache }: Walk, disk: string): boolean => cache !== undefined && wayTo(root, disk) === cache

function leaveCache(walk: Walk, path: SitePath): undefined {
  walk.skipped.push({ path, rule: 'litter' })
}

const diskOf = ({ folder, entry }: Visit): string => `${folder.disk}/${entry.name}`

// biome-ignore lint/suspicious/noControlCharactersInRegex: the first half of them all
const ASCII = /^[\x00-\x7f]*$/

const nfc = (written: string): SitePath => (ASCII.test(written) ? written : written.normalize('NFC'))

/** What must not leave: noted as skipped, or as a secret that nobody excluded and that stops the run. */
function isKeptBack(walk: Walk, found: Visit, rule: NeverRule): boolean {
  const { entry, written } = found
  const path = nfc(written)
  const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'link'
  const isSecret = isSecretRule(rule) && !walk.excluded(path)
  const verdict = isSecret ? judge({ path, disk: diskOf(found), rule, kind }, walk.allow) : 'skip'
  if (verdict === 'skip') walk.skipped.push({ path, rule })
  else if (verdict !== 'publish') walk.secrets.push(verdict)
  return verdict !== 'publish'
}

/** The rule for the name alone. For a link, most rules depend on whether it leads to a file or to a folder. */
function nameRule(entry: Entry, path: SitePath): NeverRule | undefined {
  const folderRule = neverFolderRule(path)
  if (entry.isDirectory() || (entry.isSymbolicLink() && folderRule === undefined)) return folderRule
  return fileNameRule(path) ?? folderRule
}

/** Our own files are read later, so they have to be files: reading a pipe would block. */
function isReserved(walk: Walk, path: SitePath, entry: Entry): boolean {
  if (!path.startsWith(`${OWN_FOLDER}/`)) return false
  if (!OWN_FILES.has(path.slice(OWN_FOLDER.length + 1))) walk.trouble.reserved.push(path)
  else if (!entry.isFile()) walk.trouble.unreadable.push(path)
  return true
}

interface Place {
  readonly written: string
  readonly disk: string
  /** Where it was found. */
  readonly folder: Folder
}

function visitLink(walk: Walk, { written, disk, folder }: Place): void {
  const path = nfc(written)
  const mayServe = isOriginConfig(path)
  const end = linkEnd({ root: walk.root, disk, allowed: (target) => mayServe && isOriginConfig(target) })
  const rule = end.kind === 'folder' || mayServe ? undefined : fileNameRule(path)
  if (rule !== undefined) walk.skipped.push({ path, rule })
  else if (end.kind === 'never') walk.skipped.push({ path, rule: `${end.rule} behind a link` })
  else if (end.kind === 'file') addFile(walk, { written, disk: end.disk, folder: undefined })
  else if (end.kind === 'folder') enterLink(walk, { written, disk, folder }, end.disk)
  else if (end.kind === 'outside') walk.trouble.escapes.push({ path: written, to: relative(walk.root, end.disk) })
  else if (end.kind === 'dangling') walk.dangling.push(written)
  else walk.trouble.unreadable.push(path)
}

function enterLink(walk: Walk, { written, disk, folder }: Place, target: string): void {
  if (isCache(walk, target)) leaveCache(walk, nfc(written))
  else if (mayFollow(walk, folder, target)) {
    if (folder.links > 0) walk.linksBehindLinks++
    walk.folders.push({ disk: target, path: written, parent: folder, links: folder.links + 1 })
  } else if (!walk.unfollowed.has(disk)) walk.unfollowed.set(disk, written)
}

/** Not into a folder that is already on the path (a cycle), and not beyond the limits. */
function mayFollow(walk: Walk, folder: Folder, target: string): boolean {
  if (folder.links >= LINKS_DEEP) return false
  if (folder.links > 0 && walk.linksBehindLinks >= LINKS_BEHIND_LINKS) return false
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) if (at.disk === target) return false
  return true
}

interface FoundAs {
  /** Undefined for the target of a link. */
  readonly folder: Folder | undefined
  readonly stamp?: FileStamp | undefined
}

function addFile(walk: Walk, { written, disk, folder, stamp }: Omit<Place, 'folder'> & FoundAs): void {
  const stat = stamp ?? lookAt(disk)
  const path = nfc(written)
  if (stat === undefined) {
    walk.trouble.unreadable.push(path)
    return
  }
  if (stat === 'no file') {
    walk.special.push(path)
    return
  }
  const originOnly = isOriginConfig(path) || walk.excluded(path)
  const isAlias = folder === undefined || folder.links > 0
  const place = folder ?? { disk, path: written }
  walk.files.push(new FoundFile({ path, written, folder: place, stat, originOnly, isAlias }))
}

function lookAt(disk: string): FileStamp | 'no file' | undefined {
  try {
    const stat = lstatSync(disk)
    return stat.isFile() ? stat : 'no file'
  } catch {
    return undefined
  }
}

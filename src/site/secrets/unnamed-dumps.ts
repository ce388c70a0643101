import { closeSync, openSync, readFileSync } from 'node:fs'
import type { AllowedFinding } from '../../config/interface.ts'
import type { Digest } from '../../words/model.ts'
import type { SiteFile } from '../file.ts'
import { readFacts } from '../read.ts'
import { AS_LISTED, isAllowed, type SecretFile } from './secret-files.ts'

const RULE = 'dump or backup'

/** Archives with the names that backups get, and databases. A site may offer either as a download. */
const DUMP =
  /(?:^|\/)(?:[^/]*(?:backup|dump|www-?data|public_html|htdocs|wwwroot)[^/]*|www|db|database|mysql|website)\.(?:zip|tar|tgz|7z|rar|(?:tar\.)?(?:gz|bz2|xz|zst))$|\.(?:sqlite3?|db3?|mdb|accdb)$/i

/** Files that name downloads. */
const NAMING = /\.(?:html?|xhtml|[cm]?js|css|json|xml|txt|md|webmanifest)$/i

/** Backups and databases that no text of the site names: nobody is meant to download them. */
export function unnamedDumps(files: readonly SiteFile[], allow: readonly AllowedFinding[]): SecretFile[] {
  const dumps = files.filter(({ path }) => DUMP.test(path))
  if (dumps.length === 0) return []
  const missing = new Set(dumps)
  for (const { path, disk } of files) {
    if (missing.size === 0) break
    if (!NAMING.test(path)) continue
    const text = textOf(disk)
    for (const dump of missing) if (namesOf(dump).some((name) => text.includes(name))) missing.delete(dump)
  }
  return [...missing]
    .map((file) => ({ path: file.path, rule: RULE, sha256: digestOf(file) }))
    .filter(({ sha256, ...found }) => sha256 === undefined || !isAllowed(allow, { ...found, sha256 }))
}

/** Unknown for what cannot be read: it is judged by its name alone. */
function digestOf(file: SiteFile): Digest | undefined {
  try {
    return readFacts(file).sha256
  } catch {
    return undefined
  }
}

/** What cannot be read names nothing; the run fails on it a moment later, with the reason. */
function textOf(disk: string): Buffer {
  let handle: number | undefined
  try {
    handle = openSync(disk, AS_LISTED)
    return readFileSync(handle)
  } catch {
    return Buffer.alloc(0)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** Its file name, also as an address writes it. */
function namesOf({ path }: SiteFile): readonly string[] {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return [name, encodeURIComponent(name)]
}

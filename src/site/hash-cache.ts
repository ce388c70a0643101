import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FileFacts, Finding, Magic, SiteFile } from './file.ts'
import { levelOf, RULES_DIGEST } from './secrets/anchors.ts'
import type { DeployCredentials } from './secrets/deploy-credentials.ts'

/** Raised whenever what a row means changes; older files are ignored and made again. */
const VERSION = `4 ${RULES_DIGEST}`

/**
 * A file changed this recently may change again within the same tick of the file system's clock without any stamp
 * showing it, so it is not remembered.
 */
export const RACY_NS = 2_000_000_000n

type Row = readonly [
  path: string,
  dev: string,
  ino: string,
  size: number,
  mtime: string,
  ctime: string,
  sha256: string,
  utf8: 0 | 1,
  magic: string,
  /** Fingerprint of the credentials that the file was searched for. */
  searched: string,
  findings: readonly FindingRow[],
]

type FindingRow = readonly [rule: string, line: number, column: number, sample: string]

/** What earlier runs learnt about files. Never trusted over a manifest; losing it costs only time. */
export interface HashCache {
  /** Facts of exactly this file in exactly this state, if known. */
  recall(file: SiteFile): FileFacts | undefined
  remember(file: SiteFile, facts: FileFacts): void
  /** Writes what is known, as a whole. False when the folder cannot be written: the run goes on without. */
  save(): boolean
}

/**
 * Opens the cache of `root` in `cacheDir`. A missing, torn or foreign file is an empty cache, and a file that was not
 * searched for these credentials is not known.
 */
export function openHashCache(
  cacheDir: string,
  root: string,
  { fingerprint }: Pick<DeployCredentials, 'fingerprint'> = { fingerprint: '' },
): HashCache {
  const file = join(cacheDir, `hashes-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`)
  const known = load(file)
  const next = new Map<string, Row>()
  const now = fileSystemNow(cacheDir)
  return {
    recall(site) {
      const row = known.get(site.disk)
      if (row === undefined || !isSame(row, site) || !isSearched(row, fingerprint)) return undefined
      next.set(site.disk, row)
      return factsOf(row)
    },
    remember(site, facts) {
      // where our own credentials are found, other credentials may be in force the next time
      if (isRacy(site, now) || facts.findings.some(({ rule }) => levelOf(rule) === 'deploy')) return
      next.set(site.disk, rowOf(site, facts, fingerprint))
    },
    save: () => write(file, root, [...next.values()]),
  }
}

function rowOf({ disk, size, stamp }: SiteFile, facts: FileFacts, searched: string): Row {
  const { dev, ino, mtimeNs, ctimeNs } = stamp
  const findings = facts.findings.map(({ rule, line, column, sample }): FindingRow => [rule, line, column, sample])
  const { sha256, utf8, magic = '' } = facts
  return [disk, dev, ino, size, mtimeNs, ctimeNs, sha256, utf8 ? 1 : 0, magic, searched, findings]
}

function factsOf([, , , , , , sha256, utf8, magic, , findings]: Row): FileFacts {
  return {
    sha256,
    utf8: utf8 === 1,
    magic: magic === '' ? undefined : (magic as Magic), // written by rowOf()
    findings: findings.map(([rule, line, column, sample]): Finding => ({ rule, line, column, sample })),
  }
}

/** Without credentials there is nothing more to search for. */
const isSearched = (row: Row, fingerprint: string): boolean => fingerprint === '' || row[9] === fingerprint

function isSame(row: Row, { size, stamp }: SiteFile): boolean {
  return (
    row[1] === stamp.dev &&
    row[2] === stamp.ino &&
    row[3] === size &&
    row[4] === stamp.mtimeNs &&
    row[5] === stamp.ctimeNs
  )
}

function isRacy({ stamp }: SiteFile, now: bigint): boolean {
  const changed = BigInt(stamp.ctimeNs)
  const modified = BigInt(stamp.mtimeNs)
  return (changed > modified ? changed : modified) > now - RACY_NS
}

/** The time as the file system itself would stamp a file now; its clock need not be ours. */
export function fileSystemNow(cacheDir: string): bigint {
  const probe = join(cacheDir, 'clock')
  try {
    mkdirSync(cacheDir, { recursive: true })
    writeFileSync(probe, '')
    return statSync(probe, { bigint: true }).mtimeNs
  } catch {
    return 0n // nothing is remembered where nothing can be written
  }
}

function load(file: string): Map<string, Row> {
  try {
    const data: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (!isCacheFile(data)) return new Map()
    return new Map(data.rows.filter(isRow).map((row) => [row[0], row]))
  } catch {
    return new Map()
  }
}

function isCacheFile(data: unknown): data is { v: string; rows: readonly unknown[] } {
  return (
    typeof data === 'object' &&
    data !== null &&
    'v' in data &&
    data.v === VERSION &&
    'rows' in data &&
    Array.isArray(data.rows)
  )
}

const ROW_TYPES = [
  'string',
  'string',
  'string',
  'number',
  'string',
  'string',
  'string',
  'number',
  'string',
  'string',
] as const

function isRow(row: unknown): row is Row {
  return (
    Array.isArray(row) &&
    ROW_TYPES.every((type, index) => typeof row[index] === type) &&
    /^[0-9a-f]{64}$/.test(row[6]) &&
    Array.isArray(row[10]) &&
    row[10].every(isFindingRow)
  )
}

const FINDING_TYPES = ['string', 'number', 'number', 'string'] as const

function isFindingRow(row: unknown): row is FindingRow {
  return Array.isArray(row) && FINDING_TYPES.every((type, index) => typeof row[index] === type)
}

function write(file: string, root: string, rows: readonly Row[]): boolean {
  try {
    const temporary = `${file}.${process.pid}`
    writeFileSync(temporary, JSON.stringify({ v: VERSION, root, rows }))
    renameSync(temporary, file)
    return true
  } catch {
    return false
  }
}

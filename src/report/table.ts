import type { LogEntry } from './entry.ts'
import { isKnownIcon, kindOf, type TrafficKind } from './kinds.ts'
import { nameOf } from './name.ts'

/** Requests and the bytes that answered them. */
export interface Traffic {
  readonly requests: number
  readonly bytes: number
}

/** What is known of one file. */
export interface FileTraffic extends Traffic {
  /** Where the logs are of several sites: which one. Files of two sites are two files. */
  readonly site: string
  readonly name: string
  /** Answers with the whole file: 200. */
  readonly whole: number
  /** Answers that its copy is still good: 304. */
  readonly unchanged: number
  /** Answers out of the cache in front, and those that it had to fetch first. */
  readonly hits: number
  readonly misses: number
  /** Bytes of the largest whole answer. */
  readonly largest: number
}

/** Everything that the logs came to. */
export interface TrafficTable {
  /** Most bytes first. */
  readonly files: readonly FileTraffic[]
  readonly icons: Traffic
  readonly noFile: Traffic
  /** Files that were too many, or had too long a name, to be kept one by one. */
  readonly others: Traffic
  /** How many they are, at most: one that came back counts again, each request for a name too long counts. */
  readonly merged: number
  /** No file of the table has so many bytes more than it says. */
  readonly missingBytes: number
  readonly total: Traffic
  /** By the first digit of the status; 0 is a visitor who left before the answer. */
  readonly statuses: ReadonlyMap<number, Traffic>
  readonly kinds: ReadonlyMap<TrafficKind, Traffic>
  /** By month of UTC, `2026-10`; `''` without a time. */
  readonly months: ReadonlyMap<string, Traffic>
  readonly firstMs: number
  readonly lastMs: number
}

export interface TableOptions {
  /** Files that are kept one by one; up to twice as many while logs are read. @default 50_000 */
  readonly maxFiles?: number | undefined
}

/** Longer names are not kept, in characters. */
const MAX_NAME = 1000
/** Months that are billed one by one; logs of more than that are none. */
const MAX_MONTHS = 240
const DAY_MS = 86_400_000

/** What S3 answers for a missing key, too, unless the bucket may be listed. */
const MISSING: ReadonlySet<number> = new Set([403, 404, 410])

type Counted<T> = { -readonly [K in keyof T]: T[K] }
type FileCount = Counted<FileTraffic>

const none = (): Counted<Traffic> => ({ requests: 0, bytes: 0 })

function count(into: Counted<Traffic>, { requests, bytes }: Traffic): void {
  into.requests += requests
  into.bytes += bytes
}

/** Adds requests up in bounded memory, however many and however strange the paths are. */
export function createTable({ maxFiles = 50_000 }: TableOptions = {}): {
  add(entry: LogEntry): void
  finish(): TrafficTable
} {
  const sites = new Map<string, Map<string, FileCount>>()
  const [icons, noFile, others, total] = [none(), none(), none(), none()]
  const statuses = new Map<number, Counted<Traffic>>()
  const kinds = new Map<TrafficKind, Counted<Traffic>>()
  const months = createMonths()
  let [size, merged, missingBytes] = [0, 0, 0]

  function fileOf(site: string, name: string): FileCount {
    const known = sites.get(site)?.get(name)
    if (known !== undefined) return known
    if (size >= 2 * maxFiles) shrink()
    const own = { site: apart(site), name: apart(name) }
    const file = { ...own, ...none(), whole: 0, unchanged: 0, hits: 0, misses: 0, largest: 0 }
    const files = sites.get(site) ?? new Map<string, FileCount>()
    files.set(file.name, file)
    if (files.size === 1) sites.set(file.site, files)
    size += 1
    return file
  }

  /** The lightest go. What comes back is counted anew, so a file may lack what it had when it went, each time. */
  function shrink(): void {
    const light = merge(filesIn(sites).sort(heavierFirst))
    missingBytes += light[0]?.bytes ?? 0
    for (const { site, name } of light) {
      const files = sites.get(site)
      files?.delete(name)
      if (files?.size === 0) sites.delete(site)
    }
    size = maxFiles
  }

  /** @returns what was added to the others: all but the first */
  function merge(ranked: readonly FileCount[]): readonly FileCount[] {
    const light = ranked.slice(maxFiles)
    for (const file of light) count(others, file)
    merged += light.length
    return light
  }

  /** What a request is added to. */
  function placeOf(entry: LogEntry): Counted<Traffic> {
    const { target, status } = entry
    if (target === '') return noFile
    const [site, name] = [siteOf(entry.site), nameOf(target)]
    countIn(kinds, kindOf(name), entry)
    if (isKnownIcon(name) && MISSING.has(status)) return icons
    if (site.length + name.length <= MAX_NAME) return noted(fileOf(site, name), entry)
    merged += 1
    return others
  }

  return {
    add(entry) {
      count(total, one(entry))
      countIn(statuses, classOf(entry.status), entry)
      months.add(entry)
      count(placeOf(entry), one(entry))
    },
    finish() {
      const ranked = filesIn(sites).sort((a, b) => heavierFirst(a, b) || (a.name < b.name ? -1 : 1))
      merge(ranked)
      const isOneSite = sites.size === 1
      const files = ranked.slice(0, maxFiles).map((file) => (isOneSite ? { ...file, site: '' } : file))
      const { firstMs, lastMs } = months
      const sums = { icons, noFile, others, total, statuses, kinds, months: months.byName }
      return { files, ...sums, merged, missingBytes, firstMs, lastMs }
    },
  }
}

const classOf = (status: number): number => (status >= 100 && status < 600 ? Math.floor(status / 100) : 0)

const one = ({ bytes }: LogEntry): Traffic => ({ requests: 1, bytes })

function countIn<K>(map: Map<K, Counted<Traffic>>, key: K, entry: LogEntry): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, { ...one(entry) })
  else count(known, one(entry))
}

function noted(file: FileCount, { status, bytes, cache }: LogEntry): FileCount {
  if (status === 200) file.whole += 1
  if (status === 304) file.unchanged += 1
  if (cache === 'hit') file.hits += 1
  if (cache === 'miss') file.misses += 1
  if (status === 200 && bytes > file.largest) file.largest = bytes
  return file
}

/** A host is shown as it is written in addresses: in brackets where it is an IPv6 address. */
const siteOf = (site: string): string => (/^\[[\dA-Fa-f:.]+\](?::\d+)?$/.test(site) ? site : nameOf(site))

const filesIn = (sites: ReadonlyMap<string, ReadonlyMap<string, FileCount>>): FileCount[] =>
  [...sites.values()].flatMap((files) => [...files.values()])

const heavierFirst = (a: Traffic, b: Traffic): number => b.bytes - a.bytes || b.requests - a.requests

/** A copy: a part of a line would keep the whole line in memory, with whose it was. */
const apart = (text: string): string => Buffer.from(text).toString()

function createMonths(): {
  add(entry: LogEntry): void
  readonly byName: ReadonlyMap<string, Traffic>
  readonly firstMs: number
  readonly lastMs: number
} {
  const byName = new Map<string, Counted<Traffic>>()
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [knownDay, month] = [Number.NaN, '']
  return {
    add(entry) {
      const { atMs } = entry
      const day = Math.floor(atMs / DAY_MS)
      if (day !== knownDay) {
        knownDay = day
        month = Number.isNaN(day) ? '' : new Date(atMs).toISOString().slice(0, 7)
        if (!byName.has(month) && byName.size >= MAX_MONTHS) month = ''
      }
      if (atMs < firstMs) firstMs = atMs
      if (atMs > lastMs) lastMs = atMs
      countIn(byName, month, entry)
    },
    byName,
    get firstMs() {
      return firstMs
    },
    get lastMs() {
      return lastMs
    },
  }
}

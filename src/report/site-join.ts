import type { SitePath } from '../words/model.ts'
import { type Cost, partOf } from './cost.ts'
import type { Tariff } from './prices.ts'
import type { FileTraffic, Traffic, TrafficTable } from './table.ts'

/** A file of the folder, beside what the logs say of it. */
export interface LocalFile {
  readonly path: SitePath
  /** As it lies in the folder. */
  readonly bytes: number
  /** `sync` would load it onto the store, with the pages at their own server. */
  readonly moves: boolean
}

export interface SiteFiles {
  /** Of the folder. */
  readonly files: number
  /** By the name in a log. */
  fileOf(name: string): LocalFile | undefined
}

/** Traffic for so many different files. */
export interface FilesTraffic extends Traffic {
  readonly files: number
}

/** What the logs say of a folder. */
export interface SiteJoin {
  /** Files of the folder, asked for or not. */
  readonly files: number
  /** Files of the logs that are in the folder; those of them that `sync` would move to the store. */
  readonly found: FilesTraffic
  readonly moves: FilesTraffic
  /** What the moved ones cost at list prices, by the id of each tariff, in dollars. */
  readonly dollars: Readonly<Record<string, number>>
  /** Files that are smaller in the folder than they were sent, and what that would have saved of all bytes. */
  readonly smaller: { readonly files: number; readonly bytes: number }
}

export function joinSite(
  { files, total }: Pick<TrafficTable, 'files' | 'total'>,
  { files: count, fileOf }: SiteFiles,
  costs: readonly (Cost & { readonly tariff: Tariff })[],
): SiteJoin {
  const joined = files.flatMap((traffic) => {
    const local = fileOf(traffic.name)
    return local === undefined ? [] : [{ traffic, local }]
  })
  const moves = sumOf(joined.filter(({ local }) => local.moves))
  const smaller = joined.filter(({ traffic, local }) => savedBy(traffic, local) > 0)
  return {
    files: count,
    found: sumOf(joined),
    moves,
    dollars: Object.fromEntries(costs.map(({ tariff, ...cost }) => [tariff.id, partOf(cost, moves, total)])),
    smaller: {
      files: new Set(smaller.map(({ local }) => local.path)).size,
      bytes: smaller.reduce((sum, { traffic, local }) => sum + savedBy(traffic, local), 0),
    },
  }
}

interface Joined {
  readonly traffic: FileTraffic
  readonly local: LocalFile
}

/** A file may have several names: `/` and `/index.html`. */
const sumOf = (joined: readonly Joined[]): FilesTraffic => ({
  files: new Set(joined.map(({ local }) => local.path)).size,
  requests: joined.reduce((sum, { traffic }) => sum + traffic.requests, 0),
  bytes: joined.reduce((sum, { traffic }) => sum + traffic.bytes, 0),
})

/** Only whole answers are compared; one that was compressed on its way is smaller than the file. */
const savedBy = ({ whole, largest }: FileTraffic, { bytes }: LocalFile): number => whole * Math.max(0, largest - bytes)

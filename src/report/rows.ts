import type { LocalFile, SiteFiles } from './site-join.ts'
import type { FileTraffic, Traffic, TrafficTable } from './table.ts'

/**
 *   file          one file
 *   missing-icons answers 403, 404 and 410 for icons that browsers ask for by themselves
 *   no-file       requests for no file: listings, writes to the store, what is no HTTP
 *   others        all other files together
 */
export type RowKind = 'file' | 'missing-icons' | 'no-file' | 'others'

export interface TrafficRow extends Traffic {
  readonly kind: RowKind
  /** The path, or a word in brackets; free of control characters. */
  readonly what: string
  /** Files in it, where they are known by number. */
  readonly files?: number | undefined
  /** The file of the folder that was given, where it has one of that name. */
  readonly file?: LocalFile | undefined
}

/** `site/path`, the site where there is one. */
export const labelOf = ({ site, name }: Pick<FileTraffic, 'site' | 'name'>): string => `${site}${name}`

/** Most bytes first, then what is no single file; whatever has no row of its own is in the last. They add up to all. */
export function rowsOf(table: TrafficTable, top: number, site?: SiteFiles): readonly TrafficRow[] {
  const { files, icons, noFile, others, merged } = table
  const rest = [...files.slice(top), others].reduce(plus)
  const sums: readonly TrafficRow[] = [
    { kind: 'missing-icons', what: '(missing icons)', ...icons },
    { kind: 'no-file', what: '(no file)', ...noFile },
    { kind: 'others', what: '(others)', ...rest, files: Math.max(0, files.length - top) + merged },
  ]
  return [
    ...files.slice(0, top).map((file): TrafficRow => {
      const { requests, bytes } = file
      const local = site?.fileOf(file.name)
      return { kind: 'file', what: labelOf(file), requests, bytes, ...(local !== undefined && { file: local }) }
    }),
    ...sums.filter(({ requests }) => requests > 0),
  ]
}

const plus = (a: Traffic, b: Traffic): Traffic => ({ requests: a.requests + b.requests, bytes: a.bytes + b.bytes })

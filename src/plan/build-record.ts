import type { Key, SitePath } from '../words/model.ts'

/** Where a build plugin leaves its record, below the folder that the build wrote. */
export const BUILD_RECORD_PATH = '.lading/build.json'

/** What a build plugin tells `sync`: what it named, what it rewrote, what it sent. */
export interface BuildRecord {
  /** `vite 8.3.8`. */
  readonly bundler: string
  /** The `url` the build was made for. */
  readonly url: string
  readonly cors: boolean
  /** True when the build's own references already name `url`. */
  readonly rewritten: boolean
  /** Path -> key: files that the bundler named by content (immutable), and public files by the name pages use. */
  readonly files: ReadonlyMap<SitePath, { readonly key: Key; readonly immutable: boolean }>
  /** Scripts that a bundler wrote under names without a hash: they are never edited. */
  readonly emitted?: ReadonlySet<SitePath> | undefined
  /** Files that work only at the origin: workers and the like. */
  readonly origin: ReadonlySet<SitePath>
  /** What was built for a server, and is nobody's to load: these files, or all that lies in the folder. @default nothing */
  readonly server?: ReadonlySet<SitePath> | 'all' | undefined
  /** Keys already in the store that `store` names. */
  readonly sent: ReadonlySet<Key>
  /** Which store `sent` speaks of. */
  readonly store: string | undefined
}

export function encodeBuildRecord(record: BuildRecord): string {
  const files = [...record.files].map(([path, { key, immutable }]) => [path, key, immutable]).sort(byFirst)
  const file = {
    v: 1,
    bundler: record.bundler,
    url: record.url,
    cors: record.cors,
    rewritten: record.rewritten,
    files,
    origin: [...record.origin].sort(),
    ...(record.server === undefined ? {} : { server: record.server === 'all' ? 'all' : [...record.server].sort() }),
    sent: [...record.sent].sort(),
    ...(record.store === undefined ? {} : { store: record.store }),
  }
  return `${JSON.stringify(file, undefined, 2)}\n`
}

function byFirst(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1
}

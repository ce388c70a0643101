import type { SitePath } from '../../words/model.ts'
import type { Choice } from './choices.ts'

/** Files that are loaded for sure, and all that may be; where there is a choice, the smallest and the largest. */
export interface Needs {
  readonly sure: ReadonlySet<SitePath>
  readonly all: ReadonlySet<SitePath>
}

/** What is known of the site's files. */
export interface Files {
  /** The file that a reference leads to; undefined where that is none of the site. */
  resolve(url: string, from: SitePath, base: string | undefined): SitePath | undefined
  /** Bytes as a visitor gets them; undefined for a file that nobody gets. */
  sizeOf(path: SitePath): number | undefined
}

export interface Place {
  readonly from: SitePath
  readonly base: string | undefined
}

/** The files that a document names itself. */
export function namedFiles(choices: readonly Choice[], { from, base }: Place, { resolve, sizeOf }: Files): Needs {
  const [sure, all] = [new Set<SitePath>(), new Set<SitePath>()]
  for (const { candidates, isSure } of choices) {
    const found = candidates
      .flatMap((candidate) => resolve(candidate.url, from, candidate.base ?? base) ?? [])
      .flatMap((path) => ({ path, size: sizeOf(path) }))
      .filter((file): file is { path: SitePath; size: number } => file.size !== undefined)
      .sort((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1))
    const [smallest, largest] = [found[0], found.at(-1)]
    if (smallest !== undefined && isSure) sure.add(smallest.path)
    if (largest !== undefined) all.add(largest.path)
  }
  return { sure, all }
}

/** All that is loaded with a document, itself included: what it names, what those name, and so on. */
export function withAllNamed(path: SitePath, own: Needs, namedBy: (path: SitePath) => Needs): Needs {
  const follow = (kind: keyof Needs): Set<SitePath> => {
    const reached = new Set([path, ...own[kind]])
    // grows while it is walked
    for (const next of reached) {
      if (next === path) continue
      for (const named of namedBy(next)[kind]) reached.add(named)
    }
    return reached
  }
  return { sure: follow('sure'), all: follow('all') }
}

/** What many pages come to. */
export interface PageTally {
  readonly pages: number
  /** Pages without an icon, of their own or at the root of the host. */
  readonly withoutIcon: number
  /** Pages whose text cannot be read: what they name is not known. */
  readonly unread: readonly SitePath[]
  /** Pages that need a file, by file. */
  readonly sure: ReadonlyMap<SitePath, number>
  readonly all: ReadonlyMap<SitePath, number>
  /** Files that a page shows as its icon. */
  readonly icons: ReadonlySet<SitePath>
  /** Of the page that a visit is taken to begin with. */
  readonly first: { readonly path: SitePath; readonly needs: Needs } | undefined
}

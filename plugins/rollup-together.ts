import { LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { type Bundle, importedBy, importedFrom } from './chunk-graph.ts'
import type { SortedFiles } from './rollup-state.ts'

interface Together {
  /** Entries that pages name at the site, for their names have no hash. */
  readonly staying: readonly string[]
  sitePath(fileName: string): SitePath
}

/**
 * A chunk imports others from where it lies itself, and a module that came from two addresses would run twice: what an
 * entry that stays imports, at once or later, stays with it.
 * @throws E_BUILD when a chunk that moves imports it as well
 */
export function keepTogether(bundle: Bundle, sorted: SortedFiles, { staying, sitePath }: Together): void {
  const kept = importedBy(bundle, staying)
  for (const name of kept) {
    if (sorted.files.delete(sitePath(name))) sorted.origin.add(sitePath(name))
  }
  const torn = Object.values(bundle).flatMap((file) => {
    if (!sorted.files.has(sitePath(file.fileName))) return []
    const both = importedFrom(file).filter((name) => kept.has(name))
    return both.map((name) => `${sitePath(file.fileName)} imports ${sitePath(name)}`)
  })
  if (torn.length === 0) return
  throw new LadingError('E_BUILD', 'scripts that move import what scripts that stay import too', {
    details: torn,
    why: `${staying.map(sitePath).join(', ')} stays at the site, for its name has no hash; a module that came from two addresses would run twice.`,
    hint: 'Put [hash] into output.entryFileNames for every entry, or for none.',
  })
}

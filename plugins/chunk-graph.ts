/** The part of a Vite, Rollup or Rolldown output file that the import graph needs. */
type BundleFile =
  | { readonly type: 'asset'; readonly fileName: string }
  | {
      readonly type: 'chunk'
      readonly fileName: string
      readonly imports: readonly string[]
      readonly dynamicImports: readonly string[]
    }

export type Bundle = Readonly<Record<string, BundleFile>>

/** Names of what a file of the bundle imports, at once or later. */
export function importedFrom(file: BundleFile): readonly string[] {
  return file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : []
}

/** Names of the chunks that others of the bundle import. */
export function importedIn(bundle: Bundle): Set<string> {
  return new Set(Object.values(bundle).flatMap(importedFrom))
}

/** What the chunks called `names` import, and what that imports. */
export function importedBy(bundle: Bundle, names: readonly string[]): Set<string> {
  const found = new Set<string>()
  const queue = [...names]
  for (const name of queue) {
    const file = bundle[name]
    const news = file === undefined ? [] : importedFrom(file).filter((each) => !found.has(each))
    for (const each of news) found.add(each)
    queue.push(...news)
  }
  return found
}

/** What Vite, Rollup and Rolldown all say of a file in a bundle, as far as scripts that import each other go. */
interface BundleFile {
  readonly type: 'asset' | 'chunk'
  readonly fileName: string
}

interface Importing extends BundleFile {
  readonly type: 'chunk'
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
}

/** Names of the chunks that other chunks of the bundle import, at once or later. */
export function importedIn(bundle: Readonly<Record<string, BundleFile | Importing>>): Set<string> {
  return new Set(Object.values(bundle).flatMap(importsOf))
}

function importsOf(file: BundleFile | Importing): readonly string[] {
  return 'imports' in file ? [...file.imports, ...file.dynamicImports] : []
}

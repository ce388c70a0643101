// Which sources share a file of the build. What starts together lies together: a source belongs to the set of
// situations that load it, and each set is one file. What no situation needs is left to rolldown.

/** Situations that begin often and wait for their code, by what is loaded in them. */
const SITUATIONS = {
  /** `import { ... } from 'lading'`. */
  api: ['src/index'],
  /** The way to every command. */
  start: ['src/cli/process', 'src/cli/run'],
  /** What is not a plain line: another `--help`, mistakes. */
  help: ['src/cli/program'],
  /** `lading sync` to a folder, up to the knowledge that nothing has changed. */
  sync: [
    'src/cli/masked',
    'src/cli/commands/sync',
    'src/sync',
    'src/store/folder/folder',
    'src/store/wrappers/with-retry',
  ],
  /** What a run goes on with when something may have changed. */
  work: ['src/draft/draft', 'src/draft/change', 'src/draft/summary', 'src/line/line'],
  /** A store on S3. */
  s3: ['src/store/s3/s3', 'src/store/wrappers/with-prefix'],
  /** Bundlers that read their configuration. */
  vite: ['plugins/vite'],
  /** Vite, once it builds. */
  build: ['plugins/vite-work'],
  webpack: ['plugins/webpack', 'plugins/rspack'],
  rollup: ['plugins/rollup', 'plugins/rolldown'],
  esbuild: ['plugins/esbuild'],
  /** The options of a build. */
  settings: ['plugins/settings'],
  /** Pages and style sheets of a bundler: without what reads scripts and XML, and the packages for that. */
  pages: ['plugins/relink', 'plugins/sheets'],
  /** What other programs take in, a browser's among them. */
  rewrite: ['src/rewrite/index'],
  /** A child that decodes images. */
  image: ['src/images/child'],
  /** A thread that reads large files. */
  hash: ['src/site/hash/hash-worker'],
}

/** Files of their own, whoever else needs what is in them: a browser loads it. */
const APART = ['src/runtime']

/** What only they need is large, and not for every command to load. */
const READERS = ['pages', 'rewrite']

/** They import words alone, and so may lie among them: each would be a small file that everybody loads. */
const AS_WORDS = ['src/site/scan/scan-trouble', 'src/cli/options']

/** What two of these load is one file for all: a build waits longer for one file more than for a few lines more. */
const BUNDLERS = ['vite', 'build', 'webpack', 'rollup', 'esbuild']
/** These have a second one: Vite rarely needs what the others do for want of hooks. */
const NOT_VITE = ['webpack', 'rollup', 'esbuild']
/** They come after a bundler's own, and find there what they share with it. */
const AFTER_BUNDLERS = ['pages', 'settings']

/** Whoever goes on to work began with what both of these load. */
const EARLY = ['api', 'sync']

/** What only they load stays in their own entries' files. */
const WHOLE = ['vite', 'build', 'pages']

/**
 * Whatever loads a source loads what that imports, so a file only ever imports files of more situations: there are no
 * circles among them. Sources that import nothing, and that several situations load, lie in one file for all.
 *
 * @param chunks rolldown's own, which hold of every entry exactly what it needs
 * @param nameOf of a module, as `src/sync`
 * @param isLeaf of a module, whether it imports no other
 * @returns groups for rolldown
 */
export function chunkGroups(chunks, { nameOf, isLeaf }) {
  const byFile = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const own = chunks.flatMap((chunk) => chunk.moduleIds.map((id) => [nameOf(id), chunk]))
  const faces = chunks.filter((chunk) => chunk.facadeModuleId).map((chunk) => [nameOf(chunk.facadeModuleId), chunk])
  const bySource = new Map([...own, ...faces]) // a face may lie apart from its code
  const found = new Map()
  for (const [situation, roots] of Object.entries(SITUATIONS)) {
    for (const id of loaded(
      roots.map((root) => bySource.get(root) ?? missing(root)),
      byFile,
    )) {
      found.set(id, [...(found.get(id) ?? []), situation])
    }
  }
  for (const id of found.keys()) if (APART.includes(nameOf(id))) found.delete(id)
  for (const [id, situations] of found) {
    const isOfMany = [READERS, BUNDLERS].every((few) => !situations.every((name) => few.includes(name)))
    const isWord = isOfMany && situations.length > 1 && (isLeaf(id) || AS_WORDS.includes(nameOf(id)))
    found.set(id, isWord ? ['words'] : together(situations))
    if (WHOLE.includes(String(situations))) found.delete(id)
  }
  const names = [...new Set([...found.values()].map(String))].sort((a, b) => b.split(',').length - a.split(',').length)
  return names.map((name, index) => ({
    name: name.replaceAll(',', '-'),
    test: (id) => String(found.get(id)) === name,
    priority: names.length - index,
    includeDependenciesRecursively: false, // each has its own place
  }))
}

/** Keeps that a file imports only files of more situations: of two sets, the larger stays the larger. */
function together(all) {
  const situations = EARLY.every((name) => all.includes(name)) ? all.filter((name) => name !== 'work') : all
  const those = situations.filter((name) => BUNDLERS.includes(name))
  if (those.length < 2) return situations
  const joined = those.every((name) => NOT_VITE.includes(name)) ? NOT_VITE : BUNDLERS
  return Object.keys(SITUATIONS).filter(
    (name) => joined.includes(name) || (situations.includes(name) && !AFTER_BUNDLERS.includes(name)),
  )
}

/** The sources in these chunks and in those that they import at once. */
function loaded(roots, byFile) {
  const reached = new Set(roots)
  for (const chunk of reached) {
    for (const name of chunk.imports) if (byFile.has(name)) reached.add(byFile.get(name))
  }
  return [...reached].flatMap((chunk) => chunk.moduleIds)
}

function missing(root) {
  throw new Error(`scripts/chunks.mjs names ${root}, which is no source of the build`)
}

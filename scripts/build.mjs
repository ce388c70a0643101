// Builds dist: JavaScript by rolldown, declarations by tsc. Hundreds of small files take longer to be found, read and
// linked at every start than the work of a run that finds nothing to do; a dozen larger ones do not.
// With --over it does not clear dist first, and with --js it leaves the declarations as they are.
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { chunkGroups } from './chunks.mjs'

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Files that are started by their path: a child process, and what a test runs many command lines with. */
const STARTED = ['src/images/child', 'src/site/hash/hash-worker', 'src/cli/process', 'src/cli/run']

/** Files for browsers, which go along as they are. */
const PAGES = ['src/cli/dashboard/page']

/** What package.json exports, as `src/index`. */
const named = Object.values(manifest.exports).flatMap((path) => /^\.\/dist\/(.*)\.js$/.exec(path)?.[1] ?? [])

/** The command, as `src/cli/main`. */
const command = manifest.bin.lading.replace(/^\.\/dist\/(.*)\.cjs$/, '$1')

const nameOf = (module) => relative(root, module).replaceAll('\\', '/').replace(/\.ts$/, '')

/**
 * Keeps the meaning of `new URL('./child.js', import.meta.url)`: where the file would lie beside this source, whatever
 * chunk the source ends up in.
 */
const ownFiles = {
  name: 'own-files',
  transform(code, module) {
    const folder = dirname(nameOf(module))
    return code.replace(
      /new URL\('(\.\.?\/[^']*)', import\.meta\.url\)/g,
      (_, path) => `new URL('dist:${posix.join(folder, path)}', import.meta.url)`,
    )
  },
  renderChunk(code, { fileName }) {
    return code.replace(/new URL\((['"])dist:([^'"]+)\1/g, (_, quote, path) => {
      const from = posix.relative(posix.dirname(fileName), path) || '.'
      return `new URL(${quote}${/^\./.test(from) ? '' : './'}${from}${path.endsWith('/') ? '/' : ''}${quote}`
    })
  },
}

/** Modules that import nothing, now or later: whoever bundles us may take them in without taking in the program. */
const leaves = new Set()
const leafFinder = {
  name: 'leaf-finder',
  moduleParsed({ id, importedIds, dynamicallyImportedIds }) {
    if (importedIds.length + dynamicallyImportedIds.length === 0) leaves.add(id)
  },
}

async function bundle() {
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries([...named, ...STARTED].map((name) => [name, `${name}.ts`])),
    platform: 'node',
    external: (name) => !/^[./]|^[A-Za-z]:/.test(name), // every package, and Node itself
    preserveEntrySignatures: 'allow-extension', // groups ask for it; `sameNames` sees that no entry was extended
    experimental: { chunkOptimization: false }, // which would extend them
    plugins: [ownFiles, leafFinder],
    onLog(level, log) {
      // What a public entry needs at once may be late for the command: that is meant. Anything else is a mistake.
      if (level === 'warn' && log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(log.message)
    },
  })
  const first = await build.generate({ format: 'esm', entryFileNames: '[name].js' })
  const second = await build.write({
    dir: join(root, 'dist'),
    format: 'esm',
    // no hashes: a stack trace names the same file in every build of a version
    entryFileNames: '[name].js',
    chunkFileNames: ({ facadeModuleId, name }) =>
      facadeModuleId ? `${nameOf(facadeModuleId)}.js` : `src/chunks/${name.split('/').at(-1)}.js`,
    codeSplitting: { groups: chunkGroups(first.output, { nameOf, isLeaf: (module) => leaves.has(module) }) },
    minifyInternalExports: false,
    comments: { jsdoc: false }, // the declarations have them, and are where an editor looks
  })
  await build.close()
  sameNames(first.output, second.output)
}

/** The command is CommonJS, which starts sooner; what it loads late is the ES module that was built before. */
async function bundleCommand() {
  const build = await rolldown({
    cwd: root,
    input: { [command]: `${command}.ts` },
    platform: 'node',
    transform: { target: 'node12' }, // what that reads can still say that it is too old
    plugins: [
      {
        name: 'late-modules',
        resolveDynamicImport: (name) => ({ id: name.replace(/\.ts$/, '.js'), external: 'relative' }),
      },
    ],
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message)
    },
  })
  await build.write({
    dir: join(root, 'dist'),
    format: 'cjs',
    entryFileNames: '[name].cjs',
    comments: { jsdoc: false },
  })
  await build.close()
}

/** What lies in an entry's own file and is used elsewhere too would be a public name. */
function sameNames(before, after) {
  const namesOf = (chunks) => new Map(chunks.map(({ fileName, exports }) => [fileName, String([...exports].sort())]))
  const [wanted, got] = [namesOf(before), namesOf(after)]
  for (const name of [...named, ...STARTED].map((entry) => `${entry}.js`)) {
    if (wanted.get(name) !== got.get(name)) throw new Error(`${name} exports ${got.get(name)}, not ${wanted.get(name)}`)
  }
}

const asked = new Set(process.argv.slice(2))
if (!asked.has('--over') && !asked.has('--js')) {
  rmSync(join(root, 'dist'), { recursive: true, force: true }) // what a renamed source left behind must not be packed
}
await bundle()
await bundleCommand()
for (const folder of PAGES) cpSync(join(root, folder), join(root, 'dist', folder), { recursive: true })
if (!asked.has('--js')) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error !== undefined) throw error
  process.exitCode = status ?? 1
}

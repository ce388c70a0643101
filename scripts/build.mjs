// Builds dist: JavaScript by rolldown, declarations by tsc. Hundreds of small files take longer to be found, read and
// linked at every start than the work of a run that finds nothing to do; a dozen larger ones do not.
// With --over it does not clear dist first, and with --js it leaves the declarations as they are.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { rolldown } from 'rolldown'

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Files that are started by their path: a child process, and what a test runs many command lines with. */
const STARTED = ['src/images/child', 'src/cli/run']

/** What package.json names, as `src/index`. */
const named = [...Object.values(manifest.exports), ...Object.values(manifest.bin)].flatMap(
  (path) => /^\.\/dist\/(.*)\.js$/.exec(path)?.[1] ?? [],
)

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

async function bundle() {
  const build = await rolldown({
    cwd: root,
    input: Object.fromEntries([...named, ...STARTED].map((name) => [name, `${name}.ts`])),
    platform: 'node',
    external: (name) => !/^[./]|^[A-Za-z]:/.test(name), // every package, and Node itself
    plugins: [ownFiles],
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message) // a cycle or a name that is not exported
    },
  })
  await build.write({
    dir: join(root, 'dist'),
    format: 'esm',
    // no hashes: a stack trace names the same file in every build of a version
    entryFileNames: '[name].js',
    chunkFileNames: ({ facadeModuleId, name }) =>
      facadeModuleId ? `${nameOf(facadeModuleId)}.js` : `src/chunks/${name.split('/').at(-1)}.js`,
    comments: { jsdoc: false }, // the declarations have them, and are where an editor looks
  })
  await build.close()
}

const asked = new Set(process.argv.slice(2))
if (!asked.has('--over') && !asked.has('--js')) {
  rmSync(join(root, 'dist'), { recursive: true, force: true }) // what a renamed source left behind must not be packed
}
await bundle()
if (!asked.has('--js')) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error !== undefined) throw error
  process.exitCode = status ?? 1
}

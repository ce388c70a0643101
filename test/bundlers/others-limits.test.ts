import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { rolldown } from 'rolldown'
import { type Plugin, rollup } from 'rollup'
import { afterEach, describe, expect, it, vi } from 'vitest'
import ladingEsbuild from '../../plugins/esbuild.ts'
import ladingRolldown from '../../plugins/rolldown.ts'
import ladingRollup from '../../plugins/rollup.ts'
import { keyOf, project, recordOf, tempFolder, textOf } from './builds.ts'
import { OTHERS, SOURCES } from './others.ts'

const CDN = 'https://cdn.example.com/x/'
const OPTIONS = { url: CDN, cors: true, rewrite: 'always', config: false } as const

const SITE = {
  'src/main.js': 'globalThis.start = () => new Worker(import.meta.ROLLUP_FILE_URL_worker)\n',
  'src/worker.js': "import('./shared.js')\n",
  'src/shared.js': 'export const shared = 1\n',
}

/** Starts a worker as plugins for workers do: the script is emitted, and named by its address. */
function workers(root: string): Plugin {
  return {
    name: 'workers',
    transform(code) {
      if (!code.includes('ROLLUP_FILE_URL_worker')) return undefined
      const reference = this.emitFile({ type: 'chunk', id: join(root, 'src/worker.js') })
      return { code: code.replace('ROLLUP_FILE_URL_worker', () => `ROLLUP_FILE_URL_${reference}`), map: null }
    },
  }
}

const NAMES = { entryFileNames: '[name]-[hash].js', chunkFileNames: '[name]-[hash].js' }

describe.each(['rollup', 'rolldown'])('a script that %s names and does not import', (name) => {
  async function build(root: string, dir: string): Promise<void> {
    const input = join(root, 'src/main.js')
    const own = { ...OPTIONS, siteDir: root, cacheDir: join(root, 'cache') }
    if (name === 'rollup') {
      const made = await rollup({ input, plugins: [workers(root), ladingRollup(own)], onLog: () => undefined })
      await made.write({ dir, ...NAMES })
      return made.close()
    }
    // Rolldown's plugins have Rollup's hooks by design, in types of its own.
    const plugins = [workers(root) as never, ladingRolldown(own)]
    const made = await rolldown({ input, plugins, logLevel: 'silent' })
    await made.write({ dir, ...NAMES })
    return made.close()
  }

  it('stays at the site, below the folder that siteDir names', async () => {
    const root = project(SITE)
    await build(root, join(root, 'public/build'))
    const record = recordOf(root)
    const [worker = ''] = record.origin
    expect(record.origin).toEqual([expect.stringMatching(/^public\/build\/worker-/)])
    expect(existsSync(join(root, worker))).toBe(true)
    expect(textOf(join(root, 'public/build'), /^main-/)).toContain(`new URL("/${worker}", location.origin).href`)
    expect(keyOf(record, worker)).toBeUndefined()
  })
})

describe.each([
  ['rollup', rollup, ladingRollup],
  ['rolldown', rolldown, ladingRolldown],
] as const)('an entry without a hash beside one that has it, with %s', (_name, bundle, lading) => {
  const files = {
    'main.js': "import { shared } from './shared.js'\nglobalThis.main = shared\nimport('./later.js')\n",
    'other.js': "import { shared } from './shared.js'\nglobalThis.other = shared\n",
    'alone.js': 'globalThis.alone = 1\n',
    'later.js': "import { shared } from './shared.js'\nglobalThis.later = shared\n",
    'shared.js': 'export const shared = { count: 0 }\n',
  }

  async function build(...entries: readonly string[]): Promise<string> {
    const root = project(files)
    const dir = join(root, 'dist')
    // Each of the two has its own types of what is the same.
    const open = bundle as typeof rollup
    const plugin = lading({ ...OPTIONS, cacheDir: tempFolder() }) as ReturnType<typeof ladingRollup>
    const input = entries.map((name) => join(root, name))
    const made = await open({ input, plugins: [plugin] })
    const entryFileNames = (chunk: { name: string }): string =>
      chunk.name === 'main' ? '[name].js' : '[name]-[hash].js'
    await made.write({ dir, entryFileNames, chunkFileNames: '[name]-[hash].js' })
    await made.close()
    return dir
  }

  it('keeps what it imports, and lets go what has nothing to do with it', async () => {
    const { files: moved, origin } = recordOf(await build('main.js', 'alone.js'))
    expect(moved.map(([path]) => path)).toEqual([expect.stringMatching(/^alone-/)])
    expect(origin).toContain('main.js')
    expect(origin).toContainEqual(expect.stringMatching(/^later-/))
  })

  it('fails when both import one module, which would run twice', async () => {
    const failing = build('main.js', 'other.js')
    await expect(failing).rejects.toThrow(/other-[\w-]+\.js imports shared-[\w-]+\.js/)
    await expect(failing).rejects.toThrow(/main\.js stays at the site.*Put \[hash\] into output\.entryFileNames/s)
  })
})

describe.each(OTHERS)('a store that is a folder of the project, with $name', ({ build }) => {
  afterEach(() => vi.restoreAllMocks())

  it('may lie beside the output, and not in it', async () => {
    const root = project(SOURCES)
    vi.spyOn(process, 'cwd').mockReturnValue(root)
    const built = (to: string) => build({ root, folder: root, options: { ...OPTIONS, siteDir: undefined, to } })
    const { outDir } = await built(join(root, 'store'))
    expect(recordOf(outDir).rewritten).toBe(true)
    await expect(built(join(root, 'dist/store'))).rejects.toThrow(/the store and the site lie inside each other/)
  })
})

describe('several folders of one build with rollup', () => {
  it('are refused where addresses are written', async () => {
    const root = project({ 'main.js': 'globalThis.x = 1\n' })
    const made = await rollup({ input: join(root, 'main.js'), plugins: [ladingRollup({ ...OPTIONS, siteDir: root })] })
    await made.write({ dir: join(root, 'one'), ...NAMES })
    await expect(made.write({ dir: join(root, 'two'), ...NAMES })).rejects.toThrow(/writes into several folders/)
    await made.close()
    expect(existsSync(join(root, '.lading/build.json'))).toBe(false)
  })
})

describe.each([
  ['rollup', rollup, ladingRollup],
  ['rolldown', rolldown, ladingRolldown],
] as const)('two outputs in one folder with %s', (_name, bundle, lading) => {
  it('are in one record, and a later build of the same plugin has its own', async () => {
    const root = project({ 'main.js': 'globalThis.x = 1\n', 'other.js': 'globalThis.x = 2\n' })
    const dir = join(root, 'dist')
    const plugin = lading({ ...OPTIONS, cacheDir: tempFolder() })
    // Each of the two has its own types of what is the same.
    const open = bundle as typeof rollup
    const made = await open({ input: join(root, 'main.js'), plugins: [plugin as ReturnType<typeof ladingRollup>] })
    await made.write({ dir, entryFileNames: 'one/[name]-[hash].js' })
    await made.write({ dir, entryFileNames: 'two/[name]-[hash].js' })
    await made.close()
    const paths = recordOf(dir).files.map(([path]) => path)
    expect(paths).toEqual([expect.stringMatching(/^one\/main-/), expect.stringMatching(/^two\/main-/)])
    const later = await open({ input: join(root, 'other.js'), plugins: [plugin as ReturnType<typeof ladingRollup>] })
    await later.write({ dir: join(root, 'later'), entryFileNames: '[name]-[hash].js' })
    await later.close()
    expect(recordOf(join(root, 'later')).files.map(([path]) => path)).toEqual([expect.stringMatching(/^other-/)])
  })
})

describe('esbuild', () => {
  const files = { 'main.js': "import './main.css'\n", 'main.css': 'body{background:url(/img/bg.png)}\n' }
  const base = (root: string): esbuild.BuildOptions => ({
    ...{ absWorkingDir: root, entryPoints: ['main.js'], outdir: 'dist', bundle: true, external: ['/img/*'] },
    ...{ entryNames: '[name]-[hash]', logLevel: 'silent' },
  })

  it('that cannot be told from a context is refused, with the way out', async () => {
    const waiting: esbuild.Plugin = { name: 'waiting', setup: async () => void (await Promise.resolve()) }
    const root = project(files)
    const plugins = (...list: esbuild.Plugin[]) => esbuild.build({ ...base(root), plugins: list })
    await expect(plugins(waiting, ladingEsbuild(OPTIONS))).rejects.toThrow(/Put lading\(\) first/)
    await plugins(ladingEsbuild(OPTIONS), waiting)
    expect(recordOf(join(root, 'dist')).rewritten).toBe(true)
  })

  it('that writes no files is refused', async () => {
    const build = esbuild.build({ ...base(project(files)), write: false, plugins: [ladingEsbuild(OPTIONS)] })
    await expect(build).rejects.toThrow(/esbuild writes no files/)
  })

  it('leaves a sheet to sync that names what it did not bundle', async () => {
    const root = project(files)
    await esbuild.build({ ...base(root), plugins: [ladingEsbuild({ ...OPTIONS, cacheDir: tempFolder() })] })
    expect(recordOf(join(root, 'dist')).files).toEqual([
      [expect.stringMatching(/^main-\w+\.js$/), expect.any(String), true],
    ])
  })
})

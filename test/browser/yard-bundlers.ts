import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import * as esbuild from 'esbuild'
import * as rolldown from 'rolldown'
import { type OutputBundle, type Plugin, rollup } from 'rollup'
import ladingEsbuild, { type LadingPluginOptions } from '../../plugins/esbuild.ts'
import ladingRolldown from '../../plugins/rolldown.ts'
import ladingRollup from '../../plugins/rollup.ts'

/** What a build works with. Its output goes to `<folder>/dist`. */
export interface Asked {
  /** Where the sources lie. */
  readonly root: string
  readonly folder: string
  readonly options: LadingPluginOptions
}

/** `yard/`, with the pictures and public files of examples/vite: for the bundlers that make no pages of their own. */
export function copyYard(root: string): void {
  const example = resolve(import.meta.dirname, '../../examples/vite')
  cpSync(join(import.meta.dirname, 'yard'), root, { recursive: true })
  for (const shared of ['public', 'src/images', 'src/fonts']) {
    cpSync(join(example, shared), join(root, shared), { recursive: true })
  }
}

const ENTRY = 'src/main.js'

/** As scripts of such projects begin: an empty output with the public files in it. */
function begin({ root, folder, options }: Asked): { readonly outDir: string; readonly options: LadingPluginOptions } {
  const outDir = join(folder, 'dist')
  rmSync(outDir, { recursive: true, force: true })
  cpSync(join(root, 'public'), outDir, { recursive: true })
  const own = {
    config: false,
    siteDir: outDir,
    publicDir: join(root, 'public'),
    cacheDir: join(folder, 'cache'),
  } as const
  return { outDir, options: { ...own, ...options } }
}

function pageOf(root: string, names: { readonly entry: string; readonly sheet: string }): string {
  const page = readFileSync(join(root, 'index.html'), 'utf8')
  return page.replace('%ENTRY%', names.entry).replace('%SHEET%', names.sheet)
}

/** What plugins for pictures, style sheets, workers and pages do in a project with Rollup. */
function emitter(root: string): Plugin {
  return {
    name: 'emitter',
    async resolveId(id, importer) {
      if (!id.endsWith('?address') || importer === undefined) return undefined
      return `${resolve(dirname(importer), id)}`
    },
    load(id) {
      if (id.endsWith('?address')) {
        const reference = this.emitFile({ type: 'chunk', id: id.replace('?address', '') })
        return `export default import.meta.ROLLUP_FILE_URL_${reference}`
      }
      if (!/\.(?:png|css)$/.test(id)) return undefined
      const reference = this.emitFile({ type: 'asset', name: basename(id), source: readFileSync(id) })
      if (id.endsWith('.css')) copyBeside(id, (fileName, source) => this.emitFile({ type: 'asset', fileName, source }))
      return {
        code: id.endsWith('.css') ? '' : `export default import.meta.ROLLUP_FILE_URL_${reference}`,
        moduleSideEffects: true,
        // Rolldown goes by the extension otherwise.
        ...{ moduleType: 'js' },
      }
    },
    generateBundle(_output, bundle) {
      this.emitFile({ type: 'asset', fileName: 'index.html', source: pageOf(root, namesIn(bundle)) })
    },
  }
}

/** What a sheet names, under its own name, as such plugins copy it. */
function copyBeside(sheet: string, emit: (fileName: string, source: Buffer) => void): void {
  for (const [, name = ''] of readFileSync(sheet, 'utf8').matchAll(/url\("\.\/([^"]+)"\)/g)) {
    emit(`assets/${name}`, readFileSync(resolve(dirname(sheet), name)))
  }
}

function namesIn(bundle: OutputBundle): { entry: string; sheet: string } {
  const files = Object.values(bundle)
  const entry = files.find((file) => file.type === 'chunk' && file.isEntry && file.facadeModuleId?.endsWith(ENTRY))
  const sheet = files.find(({ fileName }) => fileName.endsWith('.css'))
  if (entry === undefined || sheet === undefined) throw new Error('the build has no entry or no style sheet')
  return { entry: entry.fileName, sheet: sheet.fileName }
}

const NAMES = {
  entryFileNames: '[name]-[hash].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
}

export async function buildRollup(asked: Asked): Promise<string> {
  const { outDir, options } = begin(asked)
  const plugins = [emitter(asked.root), ladingRollup(options)]
  const bundle = await rollup({ input: join(asked.root, ENTRY), plugins, onLog: () => undefined })
  try {
    await bundle.write({ dir: outDir, ...NAMES })
  } finally {
    await bundle.close()
  }
  return outDir
}

export async function buildRolldown(asked: Asked): Promise<string> {
  const { outDir, options } = begin(asked)
  // Rolldown's plugins have Rollup's hooks by design, in types of its own.
  const emitting = emitter(asked.root) as unknown as rolldown.Plugin
  const plugins = [emitting, ladingRolldown(options)]
  const bundle = await rolldown.rolldown({ input: join(asked.root, ENTRY), plugins, logLevel: 'silent' })
  try {
    await bundle.write({ dir: outDir, ...NAMES })
  } finally {
    await bundle.close()
  }
  return outDir
}

/** esbuild's workers are builds of their own, at a path of the site. */
function workersOf(outDir: string): esbuild.Plugin {
  return {
    name: 'workers',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\?address$/ }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path.replace('?address', '')),
        namespace: 'address',
      }))
      onLoad({ filter: /.*/, namespace: 'address' }, async ({ path }) => {
        await esbuild.build({ entryPoints: [path], outdir: join(outDir, 'workers'), bundle: true, format: 'esm' })
        return { contents: `export default '/workers/${basename(path)}'` }
      })
    },
  }
}

export async function buildEsbuild(asked: Asked): Promise<string> {
  const { outDir, options } = begin(asked)
  const { metafile } = await esbuild.build({
    ...{
      absWorkingDir: asked.root,
      entryPoints: [ENTRY],
      outdir: outDir,
      bundle: true,
      format: 'esm',
      splitting: true,
    },
    ...{ entryNames: '[name]-[hash]', chunkNames: 'chunks/[name]-[hash]', assetNames: 'assets/[name]-[hash]' },
    loader: { '.png': 'file', '.svg': 'file', '.ttf': 'file' },
    logLevel: 'silent',
    metafile: true,
    plugins: [ladingEsbuild(options), workersOf(outDir)],
  })
  const made = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === ENTRY)
  const [entry = '', { cssBundle = '' } = {}] = made ?? []
  mkdirSync(outDir, { recursive: true })
  const inSite = (name: string): string => basename(resolve(asked.root, name))
  writeFileSync(join(outDir, 'index.html'), pageOf(asked.root, { entry: inSite(entry), sheet: inSite(cssBundle) }))
  return outDir
}

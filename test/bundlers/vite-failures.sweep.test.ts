import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InlineConfig, Plugin } from 'vite'
import { describe, expect, it } from 'vitest'
import { filesIn, project, tempFolder, viteConfig } from './builds.ts'
import { keysIn } from './publishing.ts'
import { VITES, type ViteVersion } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'
const RECORD = '.lading/build.json'

const SITE = {
  'index.html': '<link rel="icon" href="/icon.png"><script type="module" src="/main.js"></script>',
  'main.js': "import './main.css'\nimport icon from '/icon.png'\nimport('./later.js')\ndocument.title = icon",
  'main.css': 'p { color: red }',
  'later.js': 'export const later = 1',
  'server.js': "import icon from '/icon.png'\nimport { later } from './later.js'\nexport const html = later + icon",
  'public/icon.png': 'icon',
}

/** In which environment something goes wrong; a build has one, an app two. */
type Where = 'client' | 'ssr'

interface Shape {
  readonly name: string
  readonly isApp: boolean
  readonly where: Where
}

const SHAPES: readonly Shape[] = [
  { name: 'a build', isApp: false, where: 'client' },
  { name: "an app's client", isApp: true, where: 'client' },
  { name: "an app's server", isApp: true, where: 'ssr' },
]

interface Failure {
  readonly name: string
  /** What fails, given where it is to. */
  readonly plugin: (where: Where, outDir: string) => Plugin
  /** Needs a client that writes, or a builder of apps. @default every shape */
  readonly only?: (shape: Shape, version: ViteVersion) => boolean
}

const boom = (): never => {
  throw new Error('boom')
}

/** A plugin that throws in one hook, while the environment is built that is meant. */
function throwing(hook: string, where: Where): Plugin {
  function handler(this: { readonly environment?: { readonly name: string } } | undefined): void {
    const name = this?.environment?.name
    if (name === undefined || name === where) boom()
  }
  return { name: 'throwing', [hook]: handler }
}

const HOOKS = [
  ['config', 'configResolved', 'options', 'buildStart', 'resolveId', 'load', 'transform', 'moduleParsed', 'buildEnd'],
  ['renderStart', 'banner', 'renderChunk', 'augmentChunkHash', 'generateBundle', 'writeBundle', 'closeBundle'],
].flat()

const isClient = ({ where }: Shape): boolean => where === 'client'

const FAILURES: readonly Failure[] = [
  ...HOOKS.map((hook) => ({
    name: `a plugin throwing in ${hook}`,
    // Vite's own plugins answer what is to be resolved before any that is not `pre`.
    plugin: (where: Where): Plugin => ({ ...throwing(hook, where), ...(hook === 'resolveId' && { enforce: 'pre' }) }),
  })),
  {
    name: 'a plugin throwing late in generateBundle',
    plugin: (where) => ({ ...throwing('generateBundle', where), enforce: 'post' }),
  },
  {
    name: 'a plugin throwing in buildApp',
    plugin: () => ({ name: 'throwing', buildApp: boom }),
    only: ({ isApp }, { name }) => isApp && name !== 'vite 6',
  },
  {
    name: 'a module that is not there',
    plugin: (where) => replacing(where, "import './not-there.js'"),
  },
  {
    name: 'code that cannot be parsed',
    plugin: (where) => replacing(where, 'let = = 1'),
  },
  {
    name: 'a file where the output folder should be',
    only: isClient,
    plugin: (where, outDir) => ({
      name: 'occupying',
      buildEnd() {
        if (this.environment.name !== where) return
        rmSync(outDir, { recursive: true, force: true })
        writeFileSync(outDir, 'in the way')
      },
    }),
  },
  {
    name: 'a file that cannot be written after others were',
    only: isClient,
    plugin: (where, outDir) => ({
      name: 'blocking',
      generateBundle(_output, bundle) {
        if (this.environment.name !== where) return
        for (const path of Object.keys(bundle).filter((name) => name.endsWith('.css'))) {
          mkdirSync(join(outDir, path, 'in the way'), { recursive: true })
        }
      },
    }),
  },
]

function replacing(where: Where, code: string): Plugin {
  return {
    name: 'replacing',
    transform(_code, id) {
      return this.environment.name === where && /\/(?:main|server)\.js$/.test(id) ? code : undefined
    },
  }
}

/** Every file of a folder and its text; none when it is no folder. */
function contentsOf(folder: string): ReadonlyMap<string, string> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return new Map()
  return new Map(filesIn(folder).map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}

describe.each(VITES)('with $name', (version) => {
  const { vite } = version
  describe.each(SHAPES)('what fails in $name', (shape) => {
    async function build(folder: string, { root, plugins = [] }: { root: string; plugins?: Plugin[] }): Promise<void> {
      const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
      const server: InlineConfig['environments'] = {
        ssr: {
          consumer: 'server',
          build: {
            outDir: join(folder, 'server'),
            rollupOptions: { input: join(root, 'server.js'), output: { entryFileNames: '[name]-[hash].js' } },
          },
        },
      }
      const app: InlineConfig = shape.isApp ? { builder: {}, environments: server } : {}
      // Left standing, so that files of an older build and of this one can lie side by side.
      const config = { ...app, plugins, build: { emptyOutDir: false } }
      const { config: whole } = viteConfig({ root, folder, options, config })
      await (shape.isApp ? (await vite.createBuilder(whole)).buildApp() : vite.build(whole))
    }

    const failures = FAILURES.filter(({ only }) => only?.(shape, version) ?? true)

    it.each(failures)(
      'sends nothing, and leaves an older build whole or without its record: $name',
      async ({ plugin }) => {
        const folder = tempFolder()
        const root = project(SITE)
        await build(folder, { root })
        const before = { dist: contentsOf(join(folder, 'dist')), keys: await keysIn(join(folder, 'store')) }
        expect(before.dist.has(RECORD)).toBe(true)
        writeFileSync(join(root, 'main.css'), 'p { color: blue }')
        writeFileSync(join(root, 'public/icon.png'), 'another icon')
        await expect(build(folder, { root, plugins: [plugin(shape.where, join(folder, 'dist'))] })).rejects.toThrow()
        expect(await keysIn(join(folder, 'store'))).toEqual(before.keys)
        const after = contentsOf(join(folder, 'dist'))
        if (after.has(RECORD)) expect(after).toEqual(before.dist)
      },
    )
  })
})

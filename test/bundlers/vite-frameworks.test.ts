import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin, PluginOption } from 'vite'
import { describe, expect, it } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/vite.ts'
import { type Built, buildVite, project, tempFolder, textOf } from './builds.ts'
import { keysIn } from './publishing.ts'
import { VITES, type ViteModule } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

const SOURCES = {
  'index.html': '<!doctype html><script type="module" src="/main.js"></script>',
  'main.js': "import('./late.js').then(({ late }) => document.body.append(late))",
  'late.js': "export const late = 'late'",
}

/** A plugin that does nothing under a framework's name. */
const named = (name: string): Plugin => ({ name })

interface Build {
  readonly vite: ViteModule
  readonly plugins: PluginOption
  readonly options?: LadingPluginOptions
  /** The project's folder. @default a fresh one */
  readonly folder?: string
}

async function build({ vite, plugins, options, folder = project(SOURCES) }: Build): Promise<Built> {
  return await buildVite({ vite, root: folder, folder, config: { plugins: [plugins] }, ...(options && { options }) })
}

const ROWS = [
  ['Nuxt', 'nuxt:client-manifest', "app.cdnURL: 'https://cdn.example.com/x/' in nuxt.config", '.output/public'],
  [
    'SvelteKit',
    'vite-plugin-sveltekit-compile',
    "kit.paths.assets: 'https://cdn.example.com/x' in svelte.config.js (from version 3: paths.assets of sveltekit() in vite.config)",
    'build',
  ],
  ['Astro', 'astro:build', "build.assetsPrefix: 'https://cdn.example.com/x' in astro.config", 'dist'],
  ['Astro', '@astro/plugin-build-manifest', "build.assetsPrefix: 'https://cdn.example.com/x' in astro.config", 'dist'],
] as const

describe.each(VITES)('a framework that builds with $name', ({ vite }) => {
  it.each(ROWS)('%s (%s) keeps its addresses, and the log names its option and the command', async (...row) => {
    const [name, plugin, option, output] = row
    const folder = project(SOURCES)
    const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
    const { log, outDir } = await build({ vite, plugins: named(plugin), options, folder })
    expect(log).toEqual([
      `lading: ${name} writes its addresses itself and its files after the bundler is done: nothing is rewritten, recorded or ` +
        `sent. Set ${option}, and after the build run: ` +
        `lading sync ${output} --to ${join(folder, 'store')} --exclude "**/*.html"`,
    ])
    expect(textOf(outDir, /index\.html$/)).not.toContain(CDN)
    expect(existsSync(join(outDir, '.lading'))).toBe(false)
    expect(existsSync(join(folder, 'store'))).toBe(false)
  })

  it("has its own renderBuiltUrl, and its files, as without the plugin's", async () => {
    const framework: Plugin = {
      name: 'astro:build',
      config: () => ({ experimental: { renderBuiltUrl: (file) => `https://prefix.example.com/${file}` } }),
    }
    const { outDir } = await build({ vite, plugins: framework, options: { url: CDN, cors: true, rewrite: 'always' } })
    expect(textOf(outDir, /index\.html$/)).toContain('src="https://prefix.example.com/assets/index-')
  })

  it('is found in lists of lists and behind promises', async () => {
    const hidden: PluginOption = [[Promise.resolve([named('vite-plugin-sveltekit-setup')])], false, null]
    const { log } = await build({ vite, plugins: hidden })
    expect(log).toEqual([expect.stringContaining('lading: SvelteKit writes its addresses itself')])
  })

  it('says it once, however many builds it makes of one project', async () => {
    const folder = project(SOURCES)
    const first = await build({ vite, plugins: named('astro:html'), folder })
    const second = await build({ vite, plugins: named('astro:html'), folder })
    expect([...first.log, ...second.log]).toHaveLength(1)
  })

  it('that builds its environments itself, and later, finds none of them built', async () => {
    const folder = project(SOURCES)
    const seen: boolean[] = []
    const framework: Plugin = {
      name: 'astro:build',
      enforce: 'post',
      buildApp: {
        order: 'post',
        handler: async ({ environments }) => void seen.push(...Object.values(environments).map((each) => each.isBuilt)),
      },
    }
    const { default: lading } = await import('../../plugins/vite.ts')
    const config = { root: folder, configFile: false, logLevel: 'silent', builder: {} } as const
    const plugins = [lading({ config: false }), framework]
    const outDir = join(folder, 'dist')
    await (await vite.createBuilder({ ...config, plugins, build: { outDir } })).buildApp()
    // Vite 6 has no such hook.
    expect(seen.includes(true)).toBe(false)
    expect(existsSync(join(outDir, 'index.html'))).toBe(true)
  })

  it.each(['nuxt:ui', 'vite-plugin-svelte', 'my-astro:build', '@nuxt/ui'])(
    'is not what calls itself %s',
    async (name) => {
      const folder = tempFolder()
      const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
      const { outDir } = await build({ vite, plugins: named(name), options })
      expect(textOf(outDir, /index\.html$/)).toContain(`${CDN}a/assets/index-`)
      expect(await keysIn(join(folder, 'store'))).not.toEqual([])
    },
  )
})

describe('what a framework is told', () => {
  const vite = VITES[VITES.length - 1]?.vite
  const adviceFor = async (plugin: string, options: LadingPluginOptions): Promise<string> => {
    if (vite === undefined) throw new Error('no Vite to build with')
    return (await build({ vite, plugins: named(plugin), options })).log.join('\n')
  }

  it('holds placeholders for what nobody has configured', async () => {
    const line = await adviceFor('astro:build', {})
    expect(line).toContain("build.assetsPrefix: 'https://cdn.example.com' in astro.config")
    expect(line).toContain('lading sync dist --to s3://BUCKET --exclude')
  })

  it("holds the store's endpoint and region, and quotes what a shell would read", async () => {
    const to = 's3://harbour/www?endpoint=https://s3.example.com&region=eu-west-3'
    expect(await adviceFor('astro:build', { to })).toContain(
      '--to "s3://harbour/www?endpoint=https://s3.example.com&region=eu-west-3" --exclude',
    )
  })

  it('holds a full address for SvelteKit, which takes no path', async () => {
    const options = { url: '/_a/', site: 'https://www.example.com' }
    expect(await adviceFor('vite-plugin-sveltekit-setup', options)).toContain("'https://www.example.com/_a'")
    expect(await adviceFor('astro:build', options)).toContain("'/_a'")
  })
})

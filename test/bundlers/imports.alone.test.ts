import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { build, createServer, type InlineConfig } from 'vite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { project } from './builds.ts'

afterEach(() => {
  vi.doUnmock('../../plugins/vite-work.ts')
  vi.doUnmock('../../plugins/virtual.ts')
  vi.resetModules()
})

const root = resolve(import.meta.dirname, '../..')

/** Every file and package that importing these loads at once: types and `import()` load nothing. */
function loadedBy(...entries: readonly string[]): string[] {
  const loaded = new Set<string>()
  const queue = entries.map((entry) => resolve(root, entry))
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const name = relative(root, file)
    if (loaded.has(name)) continue
    loaded.add(name)
    for (const from of importsOf(readFileSync(file, 'utf8'))) {
      if (from.startsWith('.')) queue.push(resolve(dirname(file), from))
      else loaded.add(from)
    }
  }
  return [...loaded].sort()
}

function importsOf(text: string): string[] {
  const found = text.matchAll(/^(?:import|export)\s(?!type\s)(?:([^'"]*?)\sfrom\s)?'([^']+)'/gm)
  return [...found].filter(([, names]) => !isOnlyTypes(names)).map(([, , from]) => from ?? '')
}

function isOnlyTypes(names: string | undefined): boolean {
  const inside = /^\{(.*)\}$/s.exec(names?.trim() ?? '')?.[1]
  return inside?.split(',').every((name) => /^\s*(?:type\s|$)/.test(name)) === true
}

const LATE =
  /^src\/(?:index\.ts|store|cdn|transfer|draft|history|live|copying|visitor|policy|cli|site\/(?!place\.ts|scan\/(?:root|scan-trouble)\.ts))|^@aws-sdk/

/** Rooms of one bundler; `vite-names` and `vite-lifecycle` are for all whose plugins are like Rollup's. */
const ROOMS: Readonly<Record<string, RegExp>> = {
  vite: /^plugins\/vite-(?!names|lifecycle)/,
  webpack: /^plugins\/webpack-/,
  rspack: /^plugins\/webpack-/,
  rsbuild: /^plugins\/webpack-/,
  rollup: /^plugins\/rollup-/,
  rolldown: /^plugins\/rollup-/,
  esbuild: /^plugins\/(?:esbuild-|rollup-state)/,
}

describe.each(Object.keys(ROOMS))('importing lading/%s', (bundler) => {
  const loaded = loadedBy(`plugins/${bundler}.ts`)

  it('loads no package: no store, no parser, nothing that checks or matches', () => {
    expect(loaded).toContain('plugins/options.ts')
    expect(loaded.filter((name) => LATE.test(name) || !/^(?:src|plugins|node:)/.test(name))).toEqual([])
  })

  it('loads no room of another bundler', () => {
    const rooms = Object.values(ROOMS).filter((room) => room.source !== ROOMS[bundler]?.source)
    expect(loaded.filter((name) => rooms.some((room) => room.test(name)) && !ROOMS[bundler]?.test(name))).toEqual([])
  })
})

describe('the dev server of Vite', () => {
  it('loads only what the hooks and the check of options consist of', () => {
    expect(loadedBy('plugins/vite.ts').filter((name) => !name.startsWith('node:'))).toEqual([
      'plugins/failure.ts',
      'plugins/options.ts',
      'plugins/vite-build.ts',
      'plugins/vite-idle.ts',
      'plugins/vite-sheets.ts',
      'plugins/vite-virtual.ts',
      'plugins/vite.ts',
      'src/config/keys.ts',
      'src/config/mask.ts',
      'src/words/errors.ts',
      'src/words/units.ts',
    ])
  })

  it.each(['plugins/vite-work.ts', 'plugins/virtual.ts'])('does not load %s later either', async (file) => {
    vi.doMock(`../../${file}`, () => {
      throw new Error('loaded')
    })
    const folder = project({ 'index.html': '<script type="module" src="/main.js"></script>', 'main.js': 'export {}' })
    const { default: lading } = await import('../../plugins/vite.ts')
    const plugin = lading({ url: '/_a/', rewrite: 'always', config: false })
    const server = await createServer({ ...bare(folder), plugins: [plugin], server: { middlewareMode: true } })
    expect(await server.transformRequest('/main.js')).toMatchObject({ code: expect.any(String) })
    await server.close()
    const building = build({ ...bare(folder), plugins: [lading({ config: false, types: true })] })
    await expect(building).rejects.toThrow(/loaded|mocking/)
  })
})

describe('a build with Vite, as long as nothing is wrong, no option is a glob and no script stands in a page', () => {
  const loaded = loadedBy(
    ...['plugins/vite.ts', 'plugins/vite-work.ts', 'plugins/relink.ts', 'src/build/public-names.ts'],
  )

  it('loads no package', () => {
    expect(loaded.filter((name) => !/^(?:src|plugins|node:)/.test(name))).toEqual([])
  })

  it('loads nothing that sends or publishes, and no file is scanned', () => {
    expect(loaded).toContain('src/rewrite/html/page.ts')
    expect(loaded.filter((name) => LATE.test(name))).toEqual([])
  })
})

function bare(root: string): InlineConfig {
  return { root, configFile: false, logLevel: 'silent', build: { outDir: 'dist' } }
}

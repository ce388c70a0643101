import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/vite.ts'
import {
  type Built,
  buildVite,
  filesIn,
  keyOf,
  keysNamedIn,
  project,
  recordOf,
  textOf,
  type ViteBuild,
} from './builds.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'
const OPTIONS: LadingPluginOptions = { url: CDN, cors: true, rewrite: 'always' }
const PAGE = '<!doctype html><title>x</title><script type="module" src="/main.js"></script>'

/** Imports of every kind: what `main.js` says, and the file that it is about. */
const KINDS = [
  ['an import', "import x from './pic.png'", 'pic.png'],
  ['?url', "import x from './pic.png?url'", 'pic.png'],
  ['?url of a style sheet', "import x from './part.css?url'", 'part.css'],
  ['?no-inline', "import x from './pic.png?no-inline'", 'pic.png'],
  ['new URL()', "const x = new URL('./pic.png', import.meta.url)", 'pic.png'],
  ['new URL() of a template', `const x = new URL(\`./pics/\${location.hash}.png\`, import.meta.url)`, 'pics/one.png'],
  ['import.meta.glob, eager', "const x = import.meta.glob('./pics/*.png', { eager: true })", 'pics/one.png'],
  [
    'import.meta.glob, eager, of addresses',
    "const x = import.meta.glob('./pics/*.png', { eager: true, query: '?url', import: 'default' })",
    'pics/one.png',
  ],
  ['wasm?init', "import x from './sum.wasm?init'", 'sum.wasm'],
  ['wasm?url', "import x from './sum.wasm?url'", 'sum.wasm'],
] as const

const FILES = {
  'index.html': PAGE,
  'pic.png': 'pic',
  'pics/one.png': 'one',
  'part.css': 'p { color: red }',
  'sum.wasm': '\0asm\x01\0\0\0',
}

/** Whatever a build names in the store is there, under a key that a whole address leads to. */
function expectWhole({ outDir }: Built): void {
  const { files, origin } = recordOf(outDir)
  const keys = files.map(([, key]) => key)
  expect([...keysNamedIn(outDir, CDN)].filter((key) => !keys.includes(key))).toEqual([])
  expect(origin.filter((path) => keys.includes(`a/${path}`))).toEqual([])
}

describe.each(VITES)('in $name', ({ vite }) => {
  const build = async (files: Readonly<Record<string, string>>, more: Partial<ViteBuild> = {}): Promise<Built> => {
    const built = await buildVite({ vite, root: project(files), options: OPTIONS, ...more })
    expectWhole(built)
    return built
  }

  it.each(KINDS)('%s names the store', async (_kind, code, file) => {
    const { outDir } = await build({ ...FILES, 'main.js': `${code}\nglobalThis.x = x` })
    const stem = String(file.split('/').at(-1)).replace('.', '-[\\w-]+\\.')
    const [, path] = new RegExp(`${CDN}a/(assets/${stem})`).exec(textOf(outDir, /index-[^/]*\.js$/)) ?? []
    expect(filesIn(outDir)).toContain(path)
  })

  it.each(['/', '/app/'])('new URL() of a public file that stays leads to the site, from %s', async (base) => {
    const { outDir } = await build(
      {
        'index.html': PAGE,
        'main.js': "globalThis.x = new URL('/plain.js', import.meta.url)",
        'public/plain.js': 'postMessage(1)',
      },
      { config: { base } },
    )
    const written = `new URL\\(["'\`]${base}plain\\.js["'\`], ?location\\.origin\\)\\.href`
    expect(textOf(outDir, /index-[^/]*\.js$/)).toMatch(new RegExp(written))
  })

  it('scripts and style sheets that are preloaded for a dynamic import are named in the store', async () => {
    const { outDir } = await build({
      'index.html': PAGE,
      'main.js': "document.body.onclick = () => Object.values(import.meta.glob('./routes/*.js')).map((load) => load())",
      'routes/one.js': "import './one.css'\nimport { shared } from '../shared.js'\nexport const one = shared",
      'routes/two.js': "import './two.css'\nimport { shared } from '../shared.js'\nexport const two = shared",
      'routes/one.css': 'p { color: red }',
      'routes/two.css': 'p { color: blue }',
      'shared.js': 'export const shared = document.title',
    })
    const script = textOf(outDir, /index-[^/]*\.js$/)
    const loaded = filesIn(outDir).filter((path) => /(?:one|two|shared)-[^/]*\.(?:js|css)$/.test(path))
    expect(loaded).toHaveLength(5)
    for (const path of loaded) expect(script).toContain(`${CDN}a/${path}`)
  })

  it.each([true, false])('style sheets are named in the store, code splitting being %s', async (cssCodeSplit) => {
    const { outDir } = await build(
      {
        ...FILES,
        'main.js': "import './main.css'\nimport('./later.js')",
        'main.css': "p { background: url('./pic.png') }\ni { background: url(/logo.png) }",
        'later.js': "import './later.css'\nexport const later = 1",
        'later.css': "b { background: url('./pics/one.png') }",
        'public/logo.png': 'logo',
      },
      { config: { build: { cssCodeSplit } } },
    )
    const sheets = filesIn(outDir).filter((path) => path.endsWith('.css'))
    expect(sheets).toHaveLength(cssCodeSplit ? 2 : 1)
    const text = sheets.map((path) => readFileSync(join(outDir, path), 'utf8')).join('\n')
    expect(text.match(/url\([^)]*\)/g)?.sort()).toEqual([
      expect.stringMatching(/^url\(https:\/\/cdn\.example\.com\/x\/a\/assets\/one-[\w-]+\.png\)$/),
      expect.stringMatching(/^url\(https:\/\/cdn\.example\.com\/x\/a\/assets\/pic-[\w-]+\.png\)$/),
      `url(${CDN}${keyOf(recordOf(outDir), 'logo.png')})`,
    ])
    const places = textOf(outDir, /^index\.html$/) + textOf(outDir, /index-[^/]*\.js$/)
    for (const path of sheets) expect(places).toContain(`${CDN}a/${path}`)
  })

  it('every page of several names the store, wherever it lies', async () => {
    const root = project({
      ...FILES,
      'main.js': 'document.title = "x"',
      'about/index.html': `${PAGE}<img src="../pic.png"><img src="/logo.png">`,
      'public/logo.png': 'logo',
    })
    const input = ['index.html', 'about/index.html'].map((page) => join(root, page))
    const built = await build({}, { root, config: { build: { rollupOptions: { input } } } })
    const { outDir } = built
    const script = filesIn(outDir).find((path) => path.endsWith('.js'))
    for (const page of [/^index\.html$/, /^about\/index\.html$/]) {
      expect(textOf(outDir, page)).toContain(`src="${CDN}a/${script}"`)
    }
    const about = textOf(outDir, /^about\/index\.html$/)
    expect(about).toMatch(/src="https:\/\/cdn\.example\.com\/x\/a\/assets\/pic-[\w-]+\.png"/)
    expect(about).toContain(`src="${CDN}${keyOf(recordOf(outDir), 'logo.png')}"`)
  })

  it.each(['/', '/app/'])(
    'files of the public folder are named in the store from %s, whatever names them',
    async (base) => {
      const { outDir } = await build(
        {
          'index.html': [
            '<!doctype html><title>x</title><script type="module" src="/main.js"></script>',
            '<link rel="icon" href="/i.png"><link rel="manifest" href="/site.webmanifest">',
            '<img src="/1.png" srcset="/1.png 1x, /2.png 2x"><i style="background: url(/3.png)"></i>',
            '<style>b { background: url(/4.png) }</style><svg><use href="/icons.svg#a"/></svg><img src="/icons.svg">',
          ].join('\n'),
          'main.js':
            "import './main.css'\nimport logo from '/5.png'\nimport icons from '/icons.svg'\nglobalThis.x = [logo, icons]",
          'main.css': 'p { background: url(/6.png?v=1) }',
          ...Object.fromEntries(['i', 1, 2, 3, 4, 5, 6].map((name) => [`public/${name}.png`, `picture ${name}`])),
          'public/icons.svg': '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="a"/></svg>',
          'public/site.webmanifest': '{}',
        },
        { config: { base } },
      )
      const record = recordOf(outDir)
      const url = (path: string): string => CDN + keyOf(record, path)
      const page = textOf(outDir, /^index\.html$/)
      expect(page).toContain(`href="${url('i.png')}"`)
      expect(page).toContain(`srcset="${url('1.png')} 1x, ${url('2.png')} 2x"`)
      expect(page).toMatch(new RegExp(`style="background: ?url\\((?:&quot;|')?${url('3.png')}`))
      expect(page).toContain(url('4.png'))
      expect(textOf(outDir, /\.css$/)).toContain(`url(${url('6.png')}?v=1)`)
      const script = textOf(outDir, /index-[^/]*\.js$/)
      expect(script).toContain(url('5.png'))
      // Vite hands names over with a slash before them, and with a fragment behind: neither may show.
      expect(page + script).not.toMatch(/cdn\.example\.com\/x\/\//)
      expect(page).toContain(`href="${base}site.webmanifest"`)
      expect(page).toContain(`<use href="${base}icons.svg#a"/>`)
      expect(page).toContain(`<img src="${url('icons.svg')}">`)
      expect(script).toContain(`${base}icons.svg`)
    },
  )
})

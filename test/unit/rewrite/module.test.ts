import { describe, expect, it } from 'vitest'
import { applyEdits } from '../../../src/rewrite/edits.ts'
import { moduleReferences } from '../../../src/rewrite/script/module.ts'

const urls = (text: string): string[] => moduleReferences(text).references.map(({ url }) => url)

/** The text with every reference written as `to`. */
function rewritten(text: string, to: string): string {
  const edits = moduleReferences(text).references.map(({ start, end, encode }) => ({
    start,
    end,
    replacement: encode(to),
  }))
  return applyEdits(text, edits)
}

describe('a script names other files', () => {
  it.each([
    ["import a from './a.js'", './a.js'],
    ['import "../b.js"', '../b.js'],
    ["import def, * as ns from '/c.js'", '/c.js'],
    ["export * from './d.js'", './d.js'],
    ["export { x as y } from 'https://site.example/e.js'", 'https://site.example/e.js'],
    ["import data from './f.json' with { type: 'json' }", './f.json'],
    ["const m = import('./g.js')", './g.js'],
    ['const m = import(/* webpackChunkName: "x" */ `./h.js`)', './h.js'],
    ["import('./i.js', { with: { type: 'css' } })", './i.js'],
    ["new URL('./j.png', import.meta.url)", './j.png'],
    ['new URL("k.png",import.meta.url,)', 'k.png'],
    ['new URL("./o.png",""+import.meta.url)', './o.png'],
    ['new URL(`/p.js`,``+import.meta.url).href', '/p.js'],
    ['new URL(// why\n"./q.js", import.meta.url)', './q.js'],
    ['import.meta.resolve(/* why */ "./r.js")', './r.js'],
    ['import.meta.resolve( // why\n "./s.js")', './s.js'],
    ['new URL(/* "as it is" */ "./q.png", import.meta.url)', './q.png'],
    ["import.meta.resolve('./l.js')", './l.js'],
    ["export * from './m\\u002ejs'", './m.js'],
    ['\ufeffimport "./n.js"', './n.js'],
    ['a()\n\ufeffimport "./n.js"', './n.js'],
  ])('in %s', (text, url) => {
    expect(urls(text)).toEqual([url])
    expect(moduleReferences(text)).toMatchObject({ lookups: undefined, unknown: undefined })
  })

  it('several in one line, as minifiers write it', () => {
    const line =
      'a=new URL("a.png",import.meta.url),b=new URL("b.png",import.meta.url).href,c=new URL(`c.png`,import.meta.url)'
    expect(urls(`${line};import.meta.resolve("./d.js"),import.meta.resolve("./e.js")`)).toEqual([
      'a.png',
      'b.png',
      'c.png',
      './d.js',
      './e.js',
    ])
  })

  it('and is edited at exactly that place', () => {
    const text = `import a from './a.js' // './a.js'\nconst b = import("./a.js"), s = './a.js'\nnew URL(\`./a.js\`, import.meta.url)`
    expect(rewritten(text, './a.x.js')).toBe(
      `import a from './a.x.js' // './a.js'\nconst b = import("./a.x.js"), s = './a.js'\nnew URL(\`./a.x.js\`, import.meta.url)`,
    )
  })

  it('also behind a comment that says the same', () => {
    expect(rewritten('new URL(/* "./a.js" */ "./a.js", "" + import.meta.url)', './a.x.js')).toBe(
      'new URL(/* "./a.js" */ "./a.x.js", "" + import.meta.url)',
    )
  })

  it('with quotes, backslashes and the end of a script escaped', () => {
    expect(rewritten("import 'data:,'; import('./a.js')", "it's</script>\\")).toContain(
      "import('it\\'s\\u003c/script>\\\\')",
    )
    expect(rewritten('import(`./a.js`)', '$' + '{x}`')).toBe('import(`\\$' + '{x}\\``)')
  })
})

describe('a script is left alone', () => {
  it.each([
    'const s = \'import x from "./a.js"\'',
    "// import './a.js'\n/* import('./b.js') */",
    'const r = /import ".\\/a.js"/',
    'const s = `import "./a.js"`',
    "obj.import('./a.js')",
    "fetch('/logo.png'); img.src = './a.png'",
    'importScripts()',
  ])('in %s', (text) => {
    expect(urls(text)).toEqual([])
    expect(moduleReferences(text)).toMatchObject({ lookups: undefined, unknown: undefined })
  })

  it('where it imports by bare names, which are told apart', () => {
    const scan = moduleReferences("import 'vue'; import x from '@scope/y'; import.meta.resolve('z')")
    expect(scan.references).toEqual([])
    expect(scan.bareNames).toEqual(['vue', '@scope/y', 'z'])
  })

  it('where import.meta is asked for something else than its place', () => {
    expect(moduleReferences('if (import.meta.env) import.meta.hot.accept()')).toMatchObject({
      references: [],
      lookups: undefined,
      isModule: true,
    })
  })
})

describe('a script asks for what its text does not tell', () => {
  it.each([
    "import('./locale/' + name + '.js')",
    'import(`../locale/$' + '{name}.js`)',
    'const base = import.meta.url',
    "new URL('.', import.meta.url)",
    "new URL('./icons/', import.meta.url)",
    'new URL(name, import.meta.url)',
    'register(import.meta)',
    'import.meta["url"]',
    'import.meta.resolve(name)',
    'import.meta.resolve("./" + of("b.js"))',
  ])('relative to itself: %s', (text) => {
    expect(moduleReferences(text)).toMatchObject({ lookups: expect.any(String), unknown: undefined })
  })

  it.each(['import(name)', "import(base + './a.js')", 'import(`$' + '{base}/a.js`)', "import('/a/' + name)"])(
    'anywhere: %s',
    (text) => {
      expect(moduleReferences(text)).toMatchObject({ unknown: expect.any(String) })
    },
  )

  it('in a text that is no JavaScript', () => {
    expect(moduleReferences('import { from')).toMatchObject({ unknown: 'its code cannot be read', references: [] })
  })
})

import { describe, expect, it } from 'vitest'
import type { Addresses } from '../../plugins/placement.ts'
import { refuseRootedImports, type Scripts } from '../../plugins/rooted-imports.ts'

const away: Addresses = {
  ...{ url: { kind: 'host', href: 'https://cdn.example.com/x/' }, site: undefined, base: '/', cors: true },
  ...{ sameOrigin: false, include: [], exclude: [], keep: [], lazyAttributes: [] },
  ...{ isExcluded: () => false, isKept: () => false },
}

const check = (text: string, more: Partial<Scripts> = {}): Promise<void> =>
  refuseRootedImports({ scripts: [{ path: 'assets/main.js', text }], addresses: away, ...more })

describe('a script that moves to another host fails the build when it asks for the root of the site', () => {
  it.each([
    "import '/x.js'",
    'import{x}from"/x.js"',
    "export * from '/x.js'",
    "import('/x.js')",
    "import(/* webpackIgnore: true */ '/x.js')",
    "import(/* 2 * 3 */ /** two **/ '/x.js')",
    "import(// as it is\n '/x.js')",
    "import /* a */ x from // b\n '/x.js'",
    "import.meta.resolve('/x.js')",
    "new URL('/x.js', import.meta.url)",
    "new URL(/* @vite-ignore */ '/x.js', import.meta.url)",
    'new URL(`/x.js`,``+import.meta.url)',
  ])('by %s', async (text) => {
    await expect(check(text)).rejects.toMatchObject({ code: 'E_BUILD', details: ['assets/main.js: /x.js'] })
  })

  it.each([
    "System.register(['/x.js'],function(e,t){return{execute:function(){}}})",
    'System.register([],function(e,t){return{execute:function(){t.import(`/x.js`)}}});',
    'System.register(["./y.js"], (function (exports, module) { module.import( "/x.js" ) }))',
    "System.register([],function(e,t){fetch(new URL('/x.js', t.meta.url))})",
  ])('in the format of SystemJS, by %s', async (text) => {
    await expect(check(text)).rejects.toMatchObject({ code: 'E_BUILD', details: ['assets/main.js: /x.js'] })
  })

  it.each([
    "System.register(['./x.js'],function(e,t){t.import('./y.js');router.import('/x.js');new URL('/api',location.origin)})",
    "System.register([],function(e){return{execute:function(){e('x','/x.js')}}})",
  ])('but not in that of SystemJS by %s', async (text) => {
    await expect(check(text)).resolves.toBeUndefined()
  })

  it.each([
    ["import('../../x.js')", 'assets/main.js'],
    ["import('../x.js')", 'main.js'],
    ['import"../../../x.js"', 'assets/main.js'],
  ])('or climbs above it, by %s in %s', async (text, path) => {
    await expect(check('', { scripts: [{ path, text }] })).rejects.toMatchObject({
      details: [expect.stringContaining(`${path}: ../`)],
    })
  })

  it.each([
    "import('../x.js')",
    "import './x.js'",
    "new URL('../../dist/x.wasm', import.meta.url)",
    "import '//cdn.example.org/x.js'",
    "import '/\\\\cdn.example.org/x.js'",
    "fetch(new URL('/x.js', location.origin))",
  ])('but not by %s', async (text) => {
    await expect(check(text)).resolves.toBeUndefined()
  })
})

describe('a script is looked through once, whatever it is made of', () => {
  it.each(['import/*', 'import//', 'from/*/', 'URL(/*', 'import(', 'import/**/'])('by %s, many times', async (part) => {
    const before = performance.now()
    await check(part.repeat(1_000_000 / part.length))
    // some milliseconds; to the square it is minutes
    expect(performance.now() - before).toBeLessThan(2000)
  })

  it.each([
    ["System.register([],function(e,t){t.import('./y.js');", 't.import(/*'],
    ['', 'System.register(['],
    ['System.register([],function(e,t){', "new URL('a',"],
  ])('in the format of SystemJS, %s with %s many times', async (before, part) => {
    const started = performance.now()
    await check(before + part.repeat(1_000_000 / part.length))
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('what to write instead', () => {
  it('names the site of an import at the top where that is known', async () => {
    const addresses: Addresses = { ...away, site: 'https://shop.example.org' }
    await expect(check("import '/config.js'", { addresses })).rejects.toMatchObject({
      hint: expect.stringContaining('https://shop.example.org/config.js'),
    })
  })

  it.each([
    [
      'Vite',
      '@vite-ignore',
      "import('/config.js')",
      "import(/* @vite-ignore */ new URL('/config.js', location.origin).href)",
    ],
    [
      'webpack',
      'webpackIgnore: true',
      "import('/a.js')",
      "import(/* webpackIgnore: true */ new URL('/a.js', location.origin).href)",
    ],
    ['others', undefined, "import('/config.js')", "import(new URL('/config.js', location.origin).href)"],
    [
      'what is imported at the top',
      '@vite-ignore',
      "import config from '/config.js'",
      "Name it in full, as https://your-site.example/config.js, or by a bare name ('config') that an import map in the page leads to /config.js.",
    ],
    [
      'the format of SystemJS',
      '@vite-ignore',
      "System.register([],function(e,t){t.import('/config.js')})",
      "import(/* @vite-ignore */ new URL('/config.js', location.origin).href)",
    ],
    ['what climbs', undefined, "import('../../a.js')", "import(new URL('/a.js', location.origin).href)"],
    [
      'what is no import',
      '@vite-ignore',
      "fetch(new URL('/api', import.meta.url))",
      "Write new URL('/api', location.origin)",
    ],
  ])('is said for %s', async (_whom, ignore, text, advice) => {
    await expect(check(text, { ignore })).rejects.toMatchObject({ hint: expect.stringContaining(advice) })
  })
})

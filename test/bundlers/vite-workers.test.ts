import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildVite, keysNamedIn, project, recordOf, textOf } from './builds.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

/** What Vite takes for a worker: what `main.js` says, given that the worker is `./tide.js`. */
const KINDS = [
  ['new Worker(new URL())', "new Worker(new URL('./tide.js', import.meta.url))"],
  ['new Worker(new URL()) of a module', "new Worker(new URL('./tide.js', import.meta.url), { type: 'module' })"],
  ['new SharedWorker(new URL())', "new SharedWorker(new URL('./tide.js', import.meta.url))"],
  ['?worker', "import Tide from './tide.js?worker'\nnew Tide()"],
  ['?worker&url', "import url from './tide.js?worker&url'\nnew Worker(url)"],
  ['?sharedworker', "import Tide from './tide.js?sharedworker'\nnew Tide()"],
  ['?sharedworker&url', "import url from './tide.js?sharedworker&url'\nnew SharedWorker(url)"],
] as const

const FORMATS = ['es', 'iife'] as const

const sourcesOf = (main: string): Readonly<Record<string, string>> => ({
  'index.html': '<script type="module" src="/main.js"></script>',
  'main.js': main,
  'tide.js': "import wave from './wave.png'\npostMessage(wave)",
  'wave.png': 'wave',
})

describe.each(VITES)('workers in $name', ({ vite }) => {
  describe.each(FORMATS)('of format %s', (format) => {
    it.each(KINDS)('%s: starts from the site, by whatever host its script comes from', async (_kind, main) => {
      const { outDir } = await buildVite({
        vite,
        root: project(sourcesOf(main)),
        options: { url: CDN, cors: true, rewrite: 'always' },
        config: { base: '/app/', worker: { format } },
      })
      const [worker = '', ...more] = recordOf(outDir).origin
      expect(worker).toMatch(/^assets\/tide-[\w-]+\.js$/)
      expect(more).toEqual([])
      const script = textOf(outDir, /index-[^/]*\.js$/)
      // Quoted as the minifier likes.
      expect(script).toMatch(new RegExp(`new URL\\(["'\`]/app/${worker}["'\`], ?location\\.origin\\)\\.href`))
      expect([...keysNamedIn(outDir, CDN)]).not.toContain(`a/${worker}`)
      expect(readFileSync(join(outDir, worker), 'utf8')).toMatch(/https:\/\/cdn\.example\.com\/x\/a\/assets\/wave-/)
    })

    it.each(KINDS)('%s: moves with its script where the store is a path of the site', async (_kind, main) => {
      const { outDir } = await buildVite({
        vite,
        root: project(sourcesOf(main)),
        options: { url: '/_a/', rewrite: 'always' },
        config: { worker: { format } },
      })
      const { files, origin } = recordOf(outDir)
      expect(origin).toEqual([])
      const [worker = ''] = files.map(([path]) => path).filter((path) => /tide-/.test(path))
      expect(textOf(outDir, /index-[^/]*\.js$/)).toContain(`/_a/a/${worker}`)
    })

    it('?worker&inline: has no file, and what it names is in the store', async () => {
      const { outDir } = await buildVite({
        vite,
        root: project(sourcesOf("import Tide from './tide.js?worker&inline'\nnew Tide()")),
        options: { url: CDN, cors: true, rewrite: 'always' },
        config: { worker: { format } },
      })
      const { files, origin } = recordOf(outDir)
      expect(origin).toEqual([])
      expect(files.filter(([path]) => /tide/.test(path))).toEqual([])
      expect(textOf(outDir, /index-[^/]*\.js$/)).toMatch(/https:\/\/cdn\.example\.com\/x\/a\/assets\/wave-/)
    })
  })

  it('?url: a script that is copied as it is starts from the site, and moves where the store is a path of it', async () => {
    const root = project(sourcesOf("import url from './tide.js?url'\nnew Worker(url)"))
    const one = await buildVite({ vite, root, options: { url: CDN, cors: true, rewrite: 'always' } })
    const [worker = '', ...more] = recordOf(one.outDir).origin
    expect([worker, ...more]).toEqual([expect.stringMatching(/^assets\/tide-[\w-]+\.js$/)])
    const script = textOf(one.outDir, /index-[^/]*\.js$/)
    expect(script).toMatch(new RegExp(`new URL\\(["'\`]/${worker}["'\`], ?location\\.origin\\)\\.href`))
    const two = await buildVite({ vite, root, options: { url: '/_a/', rewrite: 'always' } })
    expect(recordOf(two.outDir).origin).toEqual([])
    expect(textOf(two.outDir, /index-[^/]*\.js$/)).toContain(`/_a/a/${worker.replace(/-[^-]*$/, '-')}`)
  })

  it('keep what they import beside them, and take their name from the address of the store', async () => {
    const root = project({
      ...sourcesOf("new Worker(new URL('./tide.js', import.meta.url), { type: 'module' })"),
      'tide.js': "import('./moon.js').then(({ moon }) => postMessage(moon))",
      'moon.js': "import wave from './wave.png'\nexport const moon = wave",
    })
    const built = async (url: string): Promise<readonly string[]> => {
      const options = { url, cors: true, rewrite: 'always' } as const
      const { outDir } = await buildVite({ vite, root, options, config: { worker: { format: 'es' } } })
      const { origin } = recordOf(outDir)
      for (const path of origin) expect(textOf(outDir, /index-[^/]*\.js$/)).not.toContain(`${url}a/${path}`)
      return [...origin].sort()
    }
    const one = await built(CDN)
    expect(one).toEqual([expect.stringMatching(/^assets\/moon-/), expect.stringMatching(/^assets\/tide-/)])
    const two = await built('https://other.example/')
    expect(two.filter((path) => one.includes(path))).toEqual([])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { explain, type LadingConfig, type ReferenceEvent, resolveConfig } from '../../src/index.ts'
import { createProject, type Project, type ProjectOptions } from '../rig/project.ts'

/** Table H: what is put together when the page runs cannot be edited, but it can be told. */

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(
  files: NonNullable<ProjectOptions['files']>,
  { tells = true, ...config }: LadingConfig & { tells?: boolean } = {},
) {
  const site = createProject({ files, config, run: { tellsReferences: tells } })
  projects.push(site)
  return site
}

const told = ({ events }: Project, result: ReferenceEvent['result']): string[] =>
  events.flatMap((event) =>
    event.type === 'reference' && event.result === result
      ? [`${event.from}:${event.line} ${event.url} ${event.detail.replace(/\.[a-z2-7]{16}\./, '.*.')}`]
      : [],
  )

const FILES = {
  'index.html':
    '<script src=js/app.js></script>\n<script>document.body.style.background = "url(x.png)"</script>\n' +
    '<img src=x.png onclick="this.src=\'img/y.png\'"><link rel=manifest href=app.webmanifest>',
  'js/app.js': 'root.style.setProperty("--hero", "url(/x.png)")\nimg.src = "img/y.png"; fetch("../x.png?v")',
  'js/sw.js': 'precache(["/x.png", "/gone.png", "/index.html", "/data.json"])',
  'app.webmanifest': '{}',
  'data.json': '{}',
  'x.png': 'x',
  'img/y.png': 'y',
}

const SEEN = [
  'index.html:2 x.png a/x.*.png',
  'index.html:3 img/y.png a/img/y.*.png',
  'js/app.js:1 /x.png a/x.*.png',
  'js/app.js:2 img/y.png a/img/y.*.png',
  'js/app.js:2 ../x.png?v a/x.*.png',
  'js/sw.js:1 /x.png a/x.*.png',
]

describe('an address that a script writes', () => {
  it.each<LadingConfig>([{}, { url: '/_a/', out: 'out' }, { host: true }])(
    'H18: of a file that moved is told with file and line, never edited, and still answers: %o',
    async (config) => {
      const site = project(FILES, config)
      await site.sync()
      expect(told(site, 'seen').sort()).toEqual([...SEEN].sort())
      const read = async (path: string) =>
        Buffer.from(config.host ? ((await site.store.get(path))?.bytes ?? '') : site.read(`out/${path}`)).toString()
      for (const path of ['js/app.js', 'js/sw.js', 'x.png', 'img/y.png'] as const)
        expect(await read(path)).toBe(FILES[path])
      const scripts = FILES['index.html'].match(/<script>.*<\/script>|onclick=".*?"/g) ?? []
      for (const script of scripts) expect(await read('index.html')).toContain(script)
    },
  )

  it('H18: is told again by the next run, by a plan, and not where nobody asks', async () => {
    const site = project(FILES)
    await site.sync()
    for (const run of [site.sync, site.plan]) {
      await run()
      expect(told(site, 'seen').sort()).toEqual([...SEEN].sort())
    }
    const quiet = project(FILES, { tells: false })
    await quiet.sync()
    expect(quiet.events.filter(({ type }) => type === 'reference')).toEqual([])
  })

  it('H18: is told of by explain, on either side', async () => {
    const site = project(FILES)
    const config = { root: 'site', to: './store', cacheDir: 'cache', url: 'https://cdn.example.com/', out: 'out' }
    const options = resolveConfig(config, { cwd: site.dir, env: {} })
    const run = { openStore: async () => site.store }
    const script = await explain(options, 'js/app.js', run)
    expect(script.references.map(({ line, url, result }) => `${line} ${url} ${result.slice(0, 31)}`)).toEqual([
      '1 /x.png not rewritten, seen in a script',
      '2 img/y.png not rewritten, seen in a script',
      '2 ../x.png?v not rewritten, seen in a script',
    ])
    const { referencedBy } = await explain(options, 'x.png', run)
    expect(referencedBy).toEqual([
      'index.html:3 img[src]',
      'index.html:2 string in a script',
      'js/app.js:1 string in a script',
      'js/app.js:2 string in a script',
      'js/sw.js:1 string in a script',
    ])
  })

  it('H18: that only looks like one is neither told nor edited', async () => {
    const code =
      'var o = { "app.js": 1, app: "app", "main.css": { "app.js": 2 } }; o["app.js"] = "app.js"\n' +
      'var r = /"\\/x.png"/, t = `/x\x24{o}.png`, n = "/x.png.bak", p = "/X.PNG" // "/x.png"'
    const site = project({
      'index.html': '<script src=app.js></script><link rel=stylesheet href=main.css><img src=x.png>',
      ...{ 'app.js': code, 'main.css': 'a{}', 'x.png': 'x' },
    })
    await site.sync()
    expect(told(site, 'seen')).toEqual([])
    expect(site.read('out/app.js').toString()).toBe(code)
  })
})

describe('a reference that stays', () => {
  it('H07: is told with its reason, where a run is asked', async () => {
    const site = project({
      'index.html': '<svg><use href="s.svg#i"/></svg>\n<img src=s.svg><link rel=manifest href=app.webmanifest>',
      ...{ 's.svg': '<svg/>', 'app.webmanifest': '{}' },
    })
    await site.sync()
    expect(told(site, 'kept')).toEqual([
      'index.html:1 s.svg#i use[href] never loads from another host',
      'index.html:2 app.webmanifest it works only at its own path',
    ])
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { hashFiles } from '../../src/site/hash/hash.ts'
import { openHashCache } from '../../src/site/hash/hash-cache.ts'
import { type Layout, layOut } from '../../src/site/layout.ts'
import { openPageMemory } from '../../src/site/pages/page-memory.ts'
import { scan } from '../../src/site/scan/scan.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
const folders: string[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function project(files: Readonly<Record<string, string>>, config: LadingConfig = {}): Project {
  const made = createProject({ files, config })
  projects.push(made)
  return made
}

const FILES = {
  'index.html': '<img src="a.png"><a href="about.html">',
  'about.html': '<img src="b.png">',
  'both.html': '<img src="a.png"><img src="b.png"><img src="gone.png">',
  'a.png': 'a',
  'b.png': 'b',
}

/** Lays the site out with the memory of earlier calls, and tells which pages were made. */
async function layOutAgain(
  site: Project,
  settings = '',
  taken: (key: string) => string | undefined = () => undefined,
): Promise<{ readonly made: readonly string[]; readonly layout: Layout }> {
  const root = site.path('site')
  const { files } = scan({ root, include: [], exclude: [], strict: false, allowControl: false })
  const facts = await hashFiles(files, { cache: openHashCache(site.path('cache'), root) })
  const memory = openPageMemory(site.path('cache'), root, settings)
  const made: string[] = []
  const layout = await layOut({
    ...{ files, facts, site: undefined, base: '/', cors: false, keep: [], headers: [], build: undefined },
    url: { href: 'https://cdn.example.com/', kind: 'host' },
    earlierUrls: [],
    taken,
    memory: {
      ...memory,
      remember(result, by) {
        made.push(result.path)
        memory.remember(result, by)
      },
    },
  })
  return { made: made.sort(), layout }
}

describe('a page is made again', () => {
  it('when it changes, and no other with it', async () => {
    const site = project(FILES)
    expect((await layOutAgain(site)).made).toEqual(['about.html', 'both.html', 'index.html'])
    expect((await layOutAgain(site)).made).toEqual([])
    site.write('site/about.html', '<img src="b.png"> more')
    expect((await layOutAgain(site)).made).toEqual(['about.html'])
    expect((await layOutAgain(site)).made).toEqual([])
  })

  it('when something that it names gets another name', async () => {
    const site = project(FILES)
    await layOutAgain(site)
    site.write('site/a.png', 'a2')
    expect((await layOutAgain(site)).made).toEqual(['both.html', 'index.html'])
  })

  it('when something that it names comes, goes or stays', async () => {
    const site = project({ ...FILES, 's.js': '1', 'script.html': '<script src="s.js"></script>' })
    await layOutAgain(site)
    site.write('site/gone.png', 'here now')
    expect((await layOutAgain(site)).made).toEqual(['both.html'])
    rmSync(site.path('site/b.png'))
    expect((await layOutAgain(site)).made).toEqual(['about.html', 'both.html'])
    site.write('site/s.js', 'new Worker("w.js")')
    expect((await layOutAgain(site)).made).toEqual(['script.html'])
  })

  it('when what is known of a key that it names changes', async () => {
    const key = 'a/old.aaaaaaaaaaaaaaaa.png'
    const site = project({ 'index.html': `<img src="https://cdn.example.com/${key}">` })
    const knows = (digest: string) => (asked: string) => (asked === key ? digest : undefined)
    const first = await layOutAgain(site, '', knows('1'))
    expect([...first.layout.named]).toEqual([key])
    const second = await layOutAgain(site, '', knows('1'))
    expect(second.made).toEqual([])
    expect([...second.layout.named]).toEqual([key])
    await expect(layOutAgain(site, '')).rejects.toMatchObject({ code: 'E_REF_UNKNOWN_KEY' })
  })

  it('when the settings are others', async () => {
    const site = project(FILES)
    await layOutAgain(site)
    expect((await layOutAgain(site, 'other')).made).toHaveLength(3)
  })

  it('when the memory is torn', async () => {
    const site = project(FILES)
    await layOutAgain(site)
    const { readdirSync } = await import('node:fs')
    for (const name of readdirSync(site.path('cache')))
      if (name.startsWith('pages-')) site.write(`cache/${name}`, '{"v":')
    expect((await layOutAgain(site)).made).toHaveLength(3)
  })
})

describe('a run that remembers says and does what one without memory does', () => {
  const forgetful = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'lading-cache-'))
    folders.push(folder)
    return folder
  }

  it.each<[string, LadingConfig]>([
    ['in place', { inPlace: true }],
    ['into a folder', {}],
    ['in host mode', { host: true }],
  ])('%s', async (_mode, config) => {
    const files = { ...FILES, 'css/a.css': 'a{background:url(../a.png)}', 'm.js': "import './n.js'", 'n.js': '' }
    const [first, second] = [project(files, config), project(files, config)]
    const steps: ((site: Project) => void)[] = [
      () => {},
      (site) => site.write('site/a.png', 'changed'),
      (site) => site.write('site/new.html', '<link rel=stylesheet href="css/a.css"><img src="nowhere.png">'),
      (site) => site.write('site/n.js', 'export {}'),
      (site) => rmSync(site.path('site/both.html')),
      (site) => site.write('site/css/a.css', 'a{background:url(../b.png)}'),
    ]
    for (const step of steps) {
      const [remembers, forgets] = [first, second].map((site) => site)
      if (remembers === undefined || forgets === undefined) throw new Error('two sites')
      step(remembers)
      step(forgets)
      const { ms: _1, release: _2, previous: _3, ...a } = await remembers.sync()
      const { ms: _4, release: _5, previous: _6, ...b } = await forgets.sync({ cacheDir: forgetful() })
      expect(a).toEqual(b)
      expect(remembers.warned('W_REF_MISSING')).toEqual(forgets.warned('W_REF_MISSING'))
      const where = config.inPlace ? 'site' : 'out'
      if (config.host === undefined)
        expect(remembers.read(`${where}/index.html`)).toEqual(forgets.read(`${where}/index.html`))
    }
  })
})

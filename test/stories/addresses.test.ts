import { rmSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(files: Readonly<Record<string, string>>, config: LadingConfig): Project {
  const made = createProject({ files, config })
  projects.push(made)
  return made
}

const CDN = 'https://cdn.example.com/'
const HASH = /\.[a-z2-7]{16}\./g

const masked = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? '')
    .toString()
    .replace(HASH, '.*.')

describe('a public address that lies within the site', () => {
  const WWW = 'https://www.example.com/'

  async function hosted(site: Project): Promise<string> {
    return masked((await site.store.get('index.html'))?.bytes)
  }

  it('does not mistake the site’s own files for keys', async () => {
    const site = project(
      { 'index.html': '<img src="a/x.png"><img src="/a/x.png"><img src="x.png">', 'a/x.png': 'in a', 'x.png': 'root' },
      { url: WWW, site: WWW, host: true },
    )
    await site.sync()
    expect(await hosted(site)).toBe(
      `<img src="${WWW}a/a/x.*.png"><img src="${WWW}a/a/x.*.png"><img src="${WWW}a/x.*.png">`,
    )
  })

  it.each<[string, LadingConfig]>([
    ['x.png', { url: '/app/', base: '/app/' }],
    ['a/x.png', { url: '/app/', base: '/app/' }],
  ])('leads to %s below a base too', async (path, config) => {
    const site = project(
      { 'index.html': `<img src="${path}">`, 'a/x.png': 'in a', 'x.png': 'root' },
      { ...config, host: true },
    )
    await site.sync()
    expect(await hosted(site)).toBe(`<img src="/app/a/${path.replace('.png', '.*.png')}">`)
  })

  it('does not take a folder of the site for the assets’ own', async () => {
    const site = project(
      { 'index.html': '<img src="_a/a/x.png"><img src="x.png">', '_a/a/x.png': 'in a', 'x.png': 'root' },
      { url: '/_a/', out: 'out' },
    )
    await site.sync()
    expect(masked(site.read('out/index.html'))).toBe('<img src="/_a/a/_a/a/x.*.png"><img src="/_a/a/x.*.png">')
  })

  it('warns of what is missing, and stops only for a key of ours that nobody knows', async () => {
    const files = { 'index.html': '<img src="gone.png"><img src="a/gone.png">', 'x.png': 'x' }
    const site = project(files, { url: WWW, site: WWW, host: true })
    await site.sync()
    expect(site.warned('W_REF_MISSING')).toEqual(['index.html:1 img[src] gone.png', 'index.html:1 img[src] a/gone.png'])
    site.write('site/index.html', '<img src="a/gone.abcdefghijklmnop.png">')
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_REF_UNKNOWN_KEY' })
  })
})

describe('pages rewritten in place', () => {
  const page = (site: Project): string => masked(site.read('site/index.html'))

  it.each<[string, string]>([
    ['/_a/', CDN],
    [CDN, '/_a/'],
    [`${CDN}x/`, CDN],
    [CDN, `${CDN}x/`],
    ['/app/x/', '/app/'],
  ])('follow the address from %s to %s', async (before, after) => {
    const site = project({ 'index.html': '<img src="x.png">', 'x.png': 'x' }, { inPlace: true })
    await site.sync({ url: before })
    expect(page(site)).toBe(`<img src="${before}a/x.*.png">`)
    await site.sync({ url: after })
    expect(page(site)).toBe(`<img src="${after}a/x.*.png">`)
    expect(site.warned('W_REF_MISSING')).toEqual([])
  })

  it('keep an image alive that they name although its file is gone', async () => {
    const site = project({ 'index.html': '<img src="x.png">', 'x.png': 'x' }, { inPlace: true, url: CDN })
    await site.sync()
    rmSync(site.path('site/x.png'))
    expect(await site.sync()).toMatchObject({ expired: 0, references: { moved: 1, missing: 0 } })
    expect(page(site)).toBe(`<img src="${CDN}a/x.*.png">`)
    site.write('site/index.html', '<p>')
    expect(await site.sync()).toMatchObject({ expired: 1 })
  })

  it('keep the image alive that they named when they were put on the keep list', async () => {
    const site = project({ 'index.html': '<img src="x.png">', 'x.png': '1' }, { inPlace: true, url: CDN })
    await site.sync()
    const before = site.read('site/index.html')
    site.write('site/x.png', '2')
    expect(await site.sync({ keep: ['index.html'] })).toMatchObject({ added: 1, expired: 0 })
    expect(site.read('site/index.html')).toEqual(before)
  })

  it('name a file absolutely again where only that will do', async () => {
    const site = project(
      { 'index.html': '<meta property="og:image" content="/app/x.png"><img src="x.png">', 'x.png': 'x' },
      { inPlace: true, url: CDN, site: 'https://www.example.com/app/' },
    )
    await site.sync()
    expect(page(site)).toBe(`<meta property="og:image" content="${CDN}a/x.*.png"><img src="${CDN}a/x.*.png">`)
    await site.sync({ keep: ['x.png'] })
    expect(page(site)).toBe(
      '<meta property="og:image" content="https://www.example.com/app/x.png"><img src="/app/x.png">',
    )
  })
})

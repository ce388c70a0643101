import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(files: Readonly<Record<string, string>>, config: LadingConfig = {}): Project {
  const made = createProject({ files: { 'a.png': 'a', 'b.png': 'b', ...files }, config })
  projects.push(made)
  return made
}

const CDN = 'https://cdn.example.com/a/'
const SITE = 'https://www.example.com/'

/** The file as it went out, with every hash in it shown as `*`. */
const out = (site: Project, path: string): string =>
  Buffer.from(site.read(`out/${path}`))
    .toString()
    .replace(/\.[a-z2-7]{16}\./g, '.*.')

describe('a browserconfig.xml', () => {
  it('stays at its path and names the moved pictures', async () => {
    const config =
      '<browserconfig><msapplication><tile><TileImage src="/a.png"/></tile></msapplication></browserconfig>'
    const site = project({ 'browserconfig.xml': config, 'index.html': '' })
    await site.sync()
    expect(out(site, 'browserconfig.xml')).toBe(config.replace('/a.png', `${CDN}a.*.png`))
    expect(await site.sync()).toMatchObject({ added: 0, changed: 0 })
  })

  it('that `keep` names is left as it is', async () => {
    const config = '<browserconfig><TileImage src="/a.png"/></browserconfig>'
    const site = project({ 'browserconfig.xml': config, 'index.html': '' }, { keep: ['browserconfig.xml'] })
    await site.sync()
    expect(out(site, 'browserconfig.xml')).toBe(config)
  })
})

describe('sitemaps and feeds', () => {
  const files = {
    'sitemap.xml': `<urlset><url><loc>${SITE}a.png</loc><image:image><image:loc>${SITE}a.png</image:loc></image:image></url></urlset>`,
    'feed.xml': `<rss><channel><item><guid>${SITE}a.png</guid><description>&lt;img src="/a.png"></description></item></channel></rss>`,
    'index.html': '',
  }

  it('are left as they are', async () => {
    const site = project(files, { site: SITE })
    await site.sync()
    expect(out(site, 'sitemap.xml')).toBe(files['sitemap.xml'])
    expect(out(site, 'feed.xml')).toBe(files['feed.xml'])
  })

  it('name moved files where that is asked for, pages and names aside', async () => {
    const site = project(files, { site: SITE, feeds: true })
    await site.sync()
    expect(out(site, 'sitemap.xml')).toBe(
      `<urlset><url><loc>${SITE}a.png</loc><image:image><image:loc>${CDN}a.*.png</image:loc></image:image></url></urlset>`,
    )
    expect(out(site, 'feed.xml')).toBe(
      `<rss><channel><item><guid>${SITE}a.png</guid><description>&lt;img src="${CDN}a.*.png"></description></item></channel></rss>`,
    )
    expect(await site.sync()).toMatchObject({ added: 0, changed: 0 })
  })

  it('name them in full also where the assets are a path of the site', async () => {
    const site = project(files, { site: SITE, feeds: true, url: '/_a/' })
    await site.sync()
    expect(out(site, 'feed.xml')).toContain(`&lt;img src="${SITE}_a/a/a.*.png">`)
  })
})

describe('values that may be anything', () => {
  it('are written anew when a file answers to them, and are never missing', async () => {
    const site = project({
      'index.html':
        '<p data-src="a.png" data-lazy="true" data-bg="url(b.png)" data-background="#fff" data-src2="a.png">' +
        '<script type="application/ld+json">{"image":"/a.png","logo":"/gone.png","name":"a.png","@id":"/a.png"}</script>',
    })
    await site.sync()
    expect(out(site, 'index.html')).toBe(
      `<p data-src="${CDN}a.*.png" data-lazy="true" data-bg="url(${CDN}b.*.png)" data-background="#fff" data-src2="a.png">` +
        `<script type="application/ld+json">{"image":"${CDN}a.*.png","logo":"/gone.png","name":"a.png","@id":"/a.png"}</script>`,
    )
    expect(site.warned('W_REF_MISSING')).toEqual([])
  })

  it('are those of more attributes, and of fewer, where the configuration says so', async () => {
    const site = project(
      { 'index.html': '<p data-src="a.png" data-zoom="b.png"><lazy-img source="a.png"></lazy-img><q source="a.png">' },
      { lazyAttributes: ['data-zoom', 'source', '!data-src'] },
    )
    await site.sync()
    expect(out(site, 'index.html')).toBe(
      `<p data-src="a.png" data-zoom="${CDN}b.*.png"><lazy-img source="${CDN}a.*.png"></lazy-img><q source="a.png">`,
    )
  })
})

describe('what is read', () => {
  it('follows the configuration from one run to the next', async () => {
    const files = { 'index.html': '<p data-zoom="a.png">', 'feed.xml': '<feed><logo>/a.png</logo></feed>' }
    const site = project(files)
    await site.sync()
    expect(out(site, 'index.html')).toBe(files['index.html'])
    await site.sync({ lazyAttributes: ['data-zoom'], feeds: true })
    expect(out(site, 'index.html')).toBe(`<p data-zoom="${CDN}a.*.png">`)
    expect(out(site, 'feed.xml')).toBe(`<feed><logo>${CDN}a.*.png</logo></feed>`)
  })
})

describe('a document in a frame', () => {
  it('resolves against the page around it, and against its own base', async () => {
    const site = project({
      'sub/index.html': `<base href="../"><iframe srcdoc="<img src='a.png'>"></iframe><iframe srcdoc="<base href='sub/'><img src='../b.png'>"></iframe>`,
    })
    await site.sync()
    expect(out(site, 'sub/index.html')).toBe(
      `<base href="../"><iframe srcdoc="<img src='${CDN}a.*.png'>"></iframe><iframe srcdoc="<base href='sub/'><img src='${CDN}b.*.png'>"></iframe>`,
    )
  })
})

describe('a block that the page’s own policy names by its hash', () => {
  it('is left as it is, with the reason', async () => {
    const html =
      `<meta http-equiv="Content-Security-Policy" content="style-src 'sha256-r2vOv2ug57Lv5A64cywF3CtQN2vsJANb9vSZmvit1w0='">` +
      '<style>p{background:url(a.png)}</style><img src="/a.png">'
    const site = project({ 'index.html': html })
    await site.sync()
    expect(out(site, 'index.html')).toBe(html.replace('"/a.png"', `"${CDN}a.*.png"`))
  })
})

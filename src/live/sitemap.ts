import { sitemapEntries } from '../rewrite/xml/sitemap.ts'
import { type Ask, isAnswer, webAddress } from './ask.ts'
import type { Site } from './site.ts'
import type { Use } from './use.ts'

/** Sitemaps that one index may lead to; beyond, a site has more pages than a run reads. */
const MOST_SITEMAPS = 50

/** The pages of the site that its `sitemap.xml` lists, directly or through an index. None when there is no sitemap. */
export async function sitemapPages(site: Site, ask: Ask): Promise<Use[]> {
  const sitemaps = [new URL('sitemap.xml', site.scope).href]
  const uses: Use[] = []
  // Grows while it is read.
  for (const from of sitemaps) {
    for (const { url: written, kind, line } of sitemapEntries(await textOf(from, ask))) {
      const url = webAddress(written, from)
      if (url === undefined || !site.contains(url)) continue
      const isNew = !sitemaps.includes(url) && sitemaps.length < MOST_SITEMAPS
      if (kind === 'sitemap' && isNew) sitemaps.push(url)
      if (kind === 'page') uses.push({ ...LINK, from, line, url, page: { url: from, requiresCorp: false } })
    }
  }
  return uses
}

const LINK = { place: 'loc', use: 'page', loadClass: 'D', integrity: undefined, via: [], hasUser: false } as const

async function textOf(url: string, ask: Ask): Promise<string> {
  const asked = await ask(url, { wants: (type) => /[/+]xml$/.test(type) })
  return isAnswer(asked) && asked.body !== undefined ? new TextDecoder().decode(asked.body) : ''
}

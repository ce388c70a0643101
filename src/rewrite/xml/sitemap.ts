import { Parser } from 'htmlparser2'
import { withLines } from '../lines.ts'
import { trimSpace } from '../white-space.ts'

/** One address that a sitemap lists. https://www.sitemaps.org/protocol.html */
export interface SitemapEntry {
  readonly url: string
  /** Another sitemap, named by an index, or a page. */
  readonly kind: 'sitemap' | 'page'
  /** 1-based. */
  readonly line: number
}

/** The `<loc>` of every page and sitemap that is listed; not those of images and films (`image:loc`). */
export function sitemapEntries(text: string): readonly SitemapEntry[] {
  const drafts: { start: number; url: string; kind: SitemapEntry['kind'] }[] = []
  const open: string[] = []
  let held = ''
  let start = 0
  const parser = new Parser(
    {
      onopentag: (name) => {
        open.push(name)
        held = ''
        start = parser.startIndex
      },
      ontext: (piece) => {
        held += piece
      },
      onclosetag: (name) => {
        open.pop()
        const around = open.at(-1)
        if (name !== 'loc' || (around !== 'url' && around !== 'sitemap')) return
        drafts.push({ start, url: trimSpace(held), kind: around === 'url' ? 'page' : 'sitemap' })
      },
    },
    { xmlMode: true },
  )
  parser.end(text)
  return withLines(text, drafts).map(({ url, kind, line }) => ({ url, kind, line }))
}

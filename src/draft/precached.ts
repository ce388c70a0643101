import type { SyncOptions } from '../config/interface.ts'
import { isServiceWorker } from '../rewrite/keep.ts'
import { createResolver, type Resolver } from '../rewrite/resolve.ts'
import type { SiteFile } from '../site/file.ts'
import type { Layout } from '../site/layout.ts'
import type { Survey } from '../site/survey.ts'
import { readText } from '../site/text/text.ts'
import type { Warning } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'

/** Strings, and what stands between two of them: shorter than any line of code, so that it is found in one pass. */
const STRINGS = /["'`]([^"'`\\\s]{1,300})(?=["'`])/g

interface Listed {
  readonly worker: SitePath
  /** As the worker writes it. */
  readonly url: string
  readonly path: SitePath
}

/**
 * Service workers keep files for visitors who are offline by the addresses that the build listed. Pages ask for scripts
 * and style sheets that have moved by others, so that offline they have none.
 */
export function precachedWarning(options: SyncOptions, layout: Layout | undefined, survey: Survey): Warning[] {
  const { delivery, site, base, cors } = options
  if (layout === undefined || delivery.mode === 'mirror') return []
  const { url } = delivery
  // Modules stay then, and the worker could not keep what moves.
  if (url.kind === 'host' && delivery.mode !== 'host' && !cors) return []
  const has = (path: SitePath): boolean => layout.moved.has(path)
  const resolver = createResolver({ url, site, base, has, pathOfKey: () => undefined })
  const listed = survey.files.flatMap((file) => (isServiceWorker(file.path) ? listedIn(file, survey, resolver) : []))
  const [first] = listed
  if (first === undefined) return []
  const key = layout.moved.get(first.path)?.key
  const items = listed.map(({ worker, url: written }) => `${worker}: ${written}`)
  const fix = key?.endsWith(`/${first.path}`) ? prefixFix(first.path, url.href + key) : KEEP_FIX
  return [{ code: 'W_PRECACHED', message: MESSAGE, items, fix }]
}

const MESSAGE = 'service workers keep files under addresses that no page asks for any more: offline, pages lack them'
const KEEP_FIX = 'let the worker keep them by their addresses in the store, or leave them at the site (keep)'

/** For a build whose plugin has named them: their names in the store end as they do at the site. */
function prefixFix(path: SitePath, address: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const moved = address.slice(0, address.length - path.length + folder.length)
  return folder === '' ? KEEP_FIX : `with Workbox: modifyURLPrefix: { '${folder}': '${moved}' }`
}

function listedIn(file: SiteFile, { facts }: Survey, resolver: Resolver): Listed[] {
  const { path: worker } = file
  const known = facts.get(worker)
  const text = known && readText(file, known)?.text
  if (text === undefined) return []
  const written = [...text.matchAll(STRINGS)].flatMap(({ 1: url = '', index }) =>
    /\.(?:m?js|css)$/.test(url) && !isImported(text, index) ? [url] : [],
  )
  return [...new Set(written)].flatMap((url) => {
    const named = resolver.resolve(url, worker)
    return named.kind === 'file' && named.path !== worker ? [{ worker, url, path: named.path }] : []
  })
}

/** What a worker imports itself is for the worker alone. */
const isImported = (text: string, index: number): boolean => text.endsWith('importScripts(', index)

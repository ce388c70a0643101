import type { SyncOptions } from '../config/interface.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { isServiceWorker } from '../rewrite/keep.ts'
import { createResolver, type Resolver } from '../rewrite/resolve.ts'
import { decodePath } from '../rewrite/url.ts'
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
 * and style sheets that have moved by others, so that offline they have none. A worker that lists what is not there is
 * never installed.
 */
export function precachedWarnings(options: SyncOptions, layout: Layout | undefined, survey: Survey): Warning[] {
  const { delivery } = options
  if (layout === undefined || delivery.mode === 'mirror') return []
  const workers = survey.files.flatMap((file) => {
    const text = isServiceWorker(file.path) ? textOf(file, survey) : undefined
    return text === undefined ? [] : [{ path: file.path, text }]
  })
  if (workers.length === 0) return []
  return [...movedWarning(options, layout, workers), ...absentWarning(options, layout, { workers, survey })]
}

interface Worker {
  readonly path: SitePath
  readonly text: string
}

function textOf(file: SiteFile, { facts }: Survey): string | undefined {
  const known = facts.get(file.path)
  return known && readText(file, known)?.text
}

function movedWarning(options: SyncOptions, layout: Layout, workers: readonly Worker[]): Warning[] {
  const { delivery, site, base, cors } = options
  // Modules stay then, and the worker could not keep what moves.
  if (delivery.mode === 'mirror' || (delivery.url.kind === 'host' && delivery.mode !== 'host' && !cors)) return []
  const { url } = delivery
  const has = (path: SitePath): boolean => layout.moved.has(path)
  const resolver = createResolver({ url, site, base, has, pathOfKey: () => undefined })
  const listed = workers.flatMap((worker) => listedIn(worker, resolver))
  const [first] = listed
  if (first === undefined) return []
  const key = layout.moved.get(first.path)?.key
  const items = listed.map(({ worker, url: written }) => `${worker}: ${written}`)
  const fix = key?.endsWith(`/${first.path}`) ? prefixFix(first.path, url.href + key) : KEEP_FIX
  return [{ code: 'W_PRECACHED', message: MESSAGE, items, fix }]
}

/** Only names with an extension: what else begins with the address of the store is put together by code. */
function absentWarning(
  { delivery }: SyncOptions,
  layout: Layout,
  { workers, survey }: { readonly workers: readonly Worker[]; readonly survey: Survey },
): Warning[] {
  if (delivery.mode === 'mirror') return []
  const { href } = delivery.url
  const named = workers.flatMap(({ path, text }) => {
    const written = [...text.matchAll(STRINGS)].map(({ 1: url = '' }) => url)
    const below = written.filter((url) => url.startsWith(href + ASSET_FOLDER) && /\.\w+$/.test(url))
    return [...new Set(below)].map((url) => ({ worker: path, url }))
  })
  if (named.length === 0) return []
  const there = new Set([...layout.moved.values(), ...layout.beside.values()].map(({ key }) => key))
  if (delivery.mode === 'host') for (const { path } of survey.files) there.add(path)
  // a worker may write names as they are: what asks for them encodes them
  const items = named
    .filter(({ url }) => !there.has(decodePath(url.slice(href.length))))
    .map(({ worker, url }) => `${worker}: ${url}`)
  return items.length === 0 ? [] : [{ code: 'W_PRECACHED', message: ABSENT, items, fix: OWN_PATH_FIX }]
}

const ABSENT = 'service workers list addresses in the store that are not there: browsers install no such worker'

const OWN_PATH_FIX =
  'list what stays at the site by its own path; with Workbox, build it into a folder that modifyURLPrefix does not name'

const MESSAGE = 'service workers keep files under addresses that no page asks for any more: offline, pages lack them'
const KEEP_FIX = 'let the worker keep them by their addresses in the store, or leave them at the site (keep)'

/** For a build whose plugin has named them: their names in the store end as they do at the site. */
function prefixFix(path: SitePath, address: string): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const moved = address.slice(0, address.length - path.length + folder.length)
  return folder === '' ? KEEP_FIX : `with Workbox: modifyURLPrefix: { '${folder}': '${moved}' }`
}

function listedIn({ path: worker, text }: Worker, resolver: Resolver): Listed[] {
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

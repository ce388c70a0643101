import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type Visit, type VisitOptions, visit } from '../rig/browser.ts'
import { pagesOf, temporaryFolder } from '../rig/sites.ts'
import { pathOfAddress } from './expected.ts'
import { type Arrangement, type Offloaded, offload, serveUntouched } from './offload.ts'

/** Where a visitor goes: a page, and what they do there. */
interface Stop extends VisitOptions {
  readonly name: string
  readonly page: string
}

/** A site that is being served, and what a visitor got at each stop. No visits without a browser. */
export interface Setting {
  readonly dir: string
  readonly url: string
  readonly pages: readonly string[]
  readonly stops: readonly Stop[]
  readonly visits: ReadonlyMap<string, Visit>
}

export interface OffloadedSetting extends Setting, Offloaded {}

export type Lazy<T> = () => T

/** A site as it is before it is offloaded. */
export interface Source {
  /** Puts the site somewhere below an empty folder, and says where. */
  make(folder: string): Promise<string>
  /** @default every page, nothing done there */
  readonly stops?: readonly Stop[]
}

/** Makes, serves and visits a site before the tests of this `describe`; gives it to them while they run. */
export function untouched(source: Source, browser: Lazy<Browser | undefined>): Lazy<Setting> {
  return held(async (folder) => {
    const dir = await source.make(folder)
    const pages = await pagesOf(dir)
    const stops = source.stops ?? pages.map((page) => ({ name: page, page }))
    const { url, close } = await serveUntouched(dir)
    return { value: { dir, url, pages, stops, visits: await visitAll(browser(), url, stops) }, close }
  })
}

export interface OffloadedOptions {
  readonly site: Lazy<Setting>
  readonly arrangement: Arrangement
  readonly browser: Lazy<Browser | undefined>
}

/** The same for the site as Lading leaves it. */
export function offloaded({ site, arrangement, browser }: OffloadedOptions): Lazy<OffloadedSetting> {
  return held(async (folder) => {
    const { dir, pages, stops } = site()
    const result = await offload(async () => dir, folder, arrangement)
    const visits = await visitAll(browser(), result.url, stops)
    return { value: { ...result, dir: result.out, pages, stops, visits }, close: result.close }
  })
}

interface Held<T> {
  readonly value: T
  close(): Promise<void>
}

/** Makes something in a temporary folder before the tests of this `describe`, and closes it after them. */
export function held<T>(make: (folder: string) => Promise<Held<T>>): Lazy<T> {
  let made: Held<T> | undefined
  let remove: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const folder = await temporaryFolder()
    remove = folder.remove
    made = await make(folder.path)
  })
  afterAll(async () => {
    await made?.close()
    await remove?.()
  })
  return () => {
    if (made === undefined) throw new Error('only while tests run')
    return made.value
  }
}

/** Two stops at a time, each with a visitor of its own. */
async function visitAll(
  browser: Browser | undefined,
  url: string,
  stops: readonly Stop[],
): Promise<ReadonlyMap<string, Visit>> {
  const visits = new Map<string, Visit>()
  if (browser === undefined) return visits
  const waiting = [...stops]
  const walk = async (): Promise<void> => {
    for (let stop = waiting.shift(); stop !== undefined; stop = waiting.shift()) {
      visits.set(stop.name, await visit(browser, url + stop.page, stop))
    }
  }
  await Promise.all([walk(), walk()])
  return visits
}

/** Both visits at each stop; every stop must have been visited. */
export function visitsOf(site: Setting, result: Setting): { name: string; before: Visit; after: Visit }[] {
  return site.stops.map(({ name }) => {
    const [before, after] = [site.visits.get(name), result.visits.get(name)]
    if (before === undefined || after === undefined) throw new Error(`${name} was not visited`)
    return { name, before, after }
  })
}

const ASSETS = new Set(['image', 'stylesheet', 'script', 'font', 'media'])

/** What a visitor of the untouched site fetched besides pages. */
export function assetsOf({ network }: Visit, site: Setting): readonly { path: string; type: string; text: string }[] {
  return network
    .filter(({ type, url }) => ASSETS.has(type) && url.startsWith(site.url))
    .map(({ type, url }) => ({ type, path: pathIn(url, site.url) }))
    .map((asset) => ({ ...asset, text: readFileSync(join(site.dir, asset.path), 'latin1') }))
}

/** Where a visitor of the offloaded site got each asset: `CDN img/logo.png`, `origin js/worker.js`. */
export function placesOf({ network }: Visit, site: OffloadedSetting): readonly string[] {
  const own = network.filter(({ type, url }) => ASSETS.has(type) && isOwn(url, site))
  return inOrder(own.map(({ url }) => `${url.startsWith(site.cdn) ? 'CDN' : 'origin'} ${named(url, site)}`))
}

/** Where a site is served, and its assets if that is elsewhere. */
type Place = Pick<Setting, 'url'> & Partial<Pick<Offloaded, 'cdn'>>

/** Requests that came to nothing, named by the path on the site, so that both sides can be compared. */
export function failuresOf({ network }: Pick<Visit, 'network'>, site: Place): readonly string[] {
  const failed = network
    .filter(({ failed, status }) => failed !== undefined || (status ?? 0) >= 400)
    .filter(({ url }) => !isUnasked(url, site))
  return inOrder(failed.map((entry) => `${entry.failed ?? entry.status} ${named(entry.url, site)}`))
}

/** What the console and the page complained of, named likewise. */
export function errorsOf(
  { consoleErrors, pageErrors }: Pick<Visit, 'consoleErrors' | 'pageErrors'>,
  site: Place,
): readonly string[] {
  const logged = consoleErrors.filter(({ url }) => !isUnasked(url, site))
  return inOrder([...logged.map(({ text, url }) => `${text} (${named(url, site)})`), ...pageErrors])
}

/** The browser looks for `/favicon.ico` of its own accord, for pages that name no icon, and not at every visit. */
function isUnasked(url: string, site: Place): boolean {
  return url === `${site.url}favicon.ico`
}

/** Every file of a folder with its bytes. */
export async function contentsOf(dir: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const contents = await Promise.all(
    paths.sort().map(async (path) => [path.slice(dir.length + 1), await readFile(path, 'latin1')] as const),
  )
  return Object.fromEntries(contents)
}

/** Rows for `describe.each`, so that `%s` is their name. */
export function byName<T extends { readonly name: string }>(rows: readonly T[]): (readonly [string, T])[] {
  return rows.map((row) => [row.name, row])
}

export function inOrder(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort()
}

function isOwn(url: string, { url: origin, cdn }: Place): boolean {
  return url.startsWith(origin) || (cdn !== undefined && url.startsWith(cdn))
}

function named(url: string, { url: origin, cdn }: Place): string {
  if (cdn !== undefined && url.startsWith(cdn)) return pathOfAddress(url, cdn)
  return url.startsWith(origin) ? pathIn(url, origin) : url
}

function pathIn(url: string, base: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(new URL(base).pathname.length))
}

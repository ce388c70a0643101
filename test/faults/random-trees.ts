import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { HeaderRule } from '../../src/index.ts'

/** A number below `below`, always the same for the same seed and question. */
export type Draw = (what: string, below: number) => number

export function drawFrom(seed: string): Draw {
  return (what, below) => createHash('sha256').update(`${seed} ${what}`).digest().readUInt32BE() % below
}

/** One state of a site. */
export interface RandomTree {
  readonly files: ReadonlyMap<string, string>
  readonly rules: readonly HeaderRule[]
}

const IMAGES = Array.from({ length: 8 }, (_, index) => `img/${index % 3}/photo ${index}.png`)
const PAGES = ['index.html', 'about/index.html', 'news/one.html', 'news/two.html', 'contact.html']
const DATA = ['robots.txt', 'data/prices.json', 'feed.xml', 'js/site.js', 'favicon.ico', 'site.webmanifest']
const RULES: readonly HeaderRule[] = [
  { match: 'img/1/**', cacheControl: 'public, max-age=600' },
  { match: '*.txt', contentLanguage: 'de' },
  { match: 'news/**', cacheControl: 'no-cache' },
]

/**
 * A site of some twenty files, of which each is there or not and in one of a few versions, so that trees share files,
 * go back to earlier versions, and lose and regain names. What a page names is always there.
 */
export function randomTree(draw: Draw): RandomTree {
  const files = new Map<string, string>()
  const version = (path: string): number => draw(`version of ${path}`, 3)
  const isThere = (path: string): boolean => draw(`there: ${path}`, 4) > 0
  const images = IMAGES.filter(isThere)
  for (const path of images) files.set(path, `\x89PNG\r\n\x1a\n ${path} ${version(path)}`)
  const pages = PAGES.filter((path) => path === 'index.html' || isThere(path))
  files.set('css/base.css', images.map((path, index) => `.i${index}{background:url("../${path}")}`).join('\n'))
  files.set('css/site.css', `@import "base.css";\nbody{color:${['red', 'blue', 'black'][version('css')]}}`)
  for (const path of DATA.filter(isThere)) files.set(path, contentOf(path, version(path), images))
  for (const path of pages) files.set(path, pageOf(path, { images, pages, version: version(path), files }))
  return { files, rules: RULES.filter((_, index) => draw(`rule ${index}`, 2) === 0) }
}

function contentOf(path: string, version: number, images: readonly string[]): string {
  if (path === 'favicon.ico') return `\0\0\x01\0 ${version}`
  if (path === 'feed.xml') return `<feed>${version}</feed>`
  if (path === 'js/site.js') return `console.log(${version})`
  if (path === 'robots.txt') return `User-agent: *\n# ${version}\n`
  if (path === 'data/prices.json') return JSON.stringify({ version })
  return JSON.stringify({ name: `site ${version}`, icons: images.slice(0, 1).map((src) => ({ src })) })
}

interface PageParts {
  readonly images: readonly string[]
  readonly pages: readonly string[]
  readonly version: number
  readonly files: ReadonlyMap<string, string>
}

function pageOf(path: string, { images, pages, version, files }: PageParts): string {
  const up = '../'.repeat(path.split('/').length - 1)
  const shown = images.filter((_, index) => (index + path.length + version) % 2 === 0)
  return [
    `<!doctype html><link rel="stylesheet" href="${up}css/site.css">`,
    ...(files.has('js/site.js') ? [`<script src="${up}js/site.js"></script>`] : []),
    ...(files.has('favicon.ico') ? [`<link rel="icon" href="${up}favicon.ico">`] : []),
    ...(files.has('site.webmanifest') ? [`<link rel="manifest" href="${up}site.webmanifest">`] : []),
    ...shown.map((image) => `<img src="${up}${encodeURI(image)}">`),
    ...pages.map((link) => `<a href="${up}${link}">${link} ${version}</a>`),
  ].join('\n')
}

/** Makes a folder hold exactly this tree. */
export function writeTree(folder: string, { files }: RandomTree): void {
  rmSync(folder, { recursive: true, force: true })
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

import { mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { HeaderRule } from '../../src/index.ts'
import type { Draw } from './random-trees.ts'

/** A header rule, and which files it means in plain code. */
export interface MeantRule {
  readonly rule: HeaderRule
  readonly means: (path: string) => boolean
  readonly sets: Readonly<Record<string, string>>
}

const meant = (match: string, means: MeantRule['means'], seconds: number): MeantRule => ({
  rule: { match, cacheControl: `public, max-age=${seconds}` },
  means,
  sets: { 'cache-control': `public, max-age=${seconds}` },
})

const RULES: readonly MeantRule[] = [
  meant('img/1/**', (path) => path.startsWith('img/1/'), 600),
  meant('**/*.txt', (path) => path.endsWith('.txt'), 60),
  meant('img/**', (path) => path.startsWith('img/'), 900),
  {
    rule: { match: '*.css', contentLanguage: 'de' },
    means: (path) => path.endsWith('.css'),
    sets: { 'content-language': 'de' },
  },
]

/** The site as it should be: what it says of itself is not read from the disk. */
export interface MutatedSite {
  readonly files: Map<string, string>
  rules: MeantRule[]
}

/** What is done to the site in one step. */
type Mutation = (site: MutatedSite, disk: Disk, draw: Draw) => void

interface Disk {
  write(path: string, content: string): void
  /** Other bytes of the same size, with the time that the file had before. */
  swapBytes(path: string, content: string): void
  rename(from: string, to: string): void
  remove(path: string): void
  touch(path: string): void
}

export function diskOf(root: string): Disk {
  const at = (path: string): string => join(root, path)
  const folderOf = (path: string): void => void mkdirSync(dirname(at(path)), { recursive: true })
  return {
    write(path, content) {
      folderOf(path)
      writeFileSync(at(path), content)
    },
    swapBytes(path, content) {
      const { atime, mtime } = statSync(at(path))
      writeFileSync(at(path), content)
      utimesSync(at(path), atime, mtime)
    },
    rename(from, to) {
      folderOf(to)
      renameSync(at(from), at(to))
    },
    remove: (path) => rmSync(at(path)),
    touch: (path) => utimesSync(at(path), new Date(0), new Date()),
  }
}

const NAMES: readonly string[] = [
  ...Array.from({ length: 9 }, (_, index) => `img/${index % 3}/${index}.png`),
  'print.css',
  'site.css',
  'robots.txt',
  'notes/one.txt',
  'about.html',
  'news/index.html',
  'shop.html',
]
const IMAGES = NAMES.filter((name) => name.endsWith('.png'))

/** A few versions of each file, all of one size where that is possible. */
function contentOf(path: string, version: number): string {
  if (path.endsWith('.css')) return `body{color:${['red', 'tan', 'sky'][version % 3]}}`
  if (!path.endsWith('.html')) return `${path.endsWith('.png') ? '\x89PNG\r\n' : ''} content ${version} of ${path}`
  const shown = IMAGES.filter((_, index) => (index + path.length + version) % 3 === 0)
  const up = '../'.repeat(path.split('/').length - 1)
  return [`<!doctype html><h1>${version}</h1>`, ...shown.map((image) => `<img src="${up}${image}">`)].join('')
}

/** What a page names, as paths of the site. */
export function namedBy(path: string, content: string): string[] {
  return [...content.matchAll(/src="([^"]+)"/g)].map(([, src = '']) => join(dirname(path), src))
}

export function firstSite(): MutatedSite {
  const names = ['index.html', ...NAMES.filter((_, index) => index % 2 === 0)]
  return { files: new Map(names.map((name) => [name, contentOf(name, 0)])), rules: [] }
}

const pick = <T>(from: readonly T[], draw: Draw, what: string): T | undefined =>
  from[draw(what, Math.max(1, from.length))]
const there = (site: MutatedSite): string[] => [...site.files.keys()].sort()

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'an edit': (site, disk, draw) => {
    const path = pick(there(site), draw, 'which') ?? 'index.html'
    site.files.set(path, contentOf(path, draw('version', 3)))
    disk.write(path, contentOf(path, draw('version', 3)))
  },
  'an edit of the same size and time': (site, disk, draw) => {
    const path = pick(there(site), draw, 'which') ?? 'index.html'
    const before = site.files.get(path) ?? ''
    const letters = [...before]
    const at = letters.findLastIndex((letter) => /\d/.test(letter))
    if (at === -1) return
    letters[at] = String((Number(letters[at]) + 1) % 10)
    site.files.set(path, letters.join(''))
    disk.swapBytes(path, letters.join(''))
  },
  'another time': (site, disk, draw) => disk.touch(pick(there(site), draw, 'which') ?? 'index.html'),
  'the same bytes written again': (site, disk, draw) => {
    const path = pick(there(site), draw, 'which') ?? 'index.html'
    disk.write(path, site.files.get(path) ?? '')
  },
  'a new name': (site, disk, draw) => {
    const from = pick(
      there(site).filter((path) => path !== 'index.html'),
      draw,
      'from',
    )
    const to = pick(
      NAMES.filter((name) => !site.files.has(name) && sameKind(name, from)),
      draw,
      'to',
    )
    if (from === undefined || to === undefined) return
    site.files.set(to, site.files.get(from) ?? '')
    site.files.delete(from)
    disk.rename(from, to)
  },
  'a file more': (site, disk, draw) => {
    const path = pick(
      NAMES.filter((name) => !site.files.has(name)),
      draw,
      'which',
    )
    if (path === undefined) return
    site.files.set(path, contentOf(path, draw('version', 3)))
    disk.write(path, contentOf(path, draw('version', 3)))
  },
  'a file less': (site, disk, draw) => {
    const path = pick(
      there(site).filter((name) => name !== 'index.html'),
      draw,
      'which',
    )
    if (path === undefined) return
    site.files.delete(path)
    disk.remove(path)
  },
  'other rules': (site, _disk, draw) => {
    site.rules = RULES.filter((_, index) => draw(`rule ${index}`, 2) === 0)
  },
}

const kindOf = (path: string | undefined): string => /\.\w+$/.exec(path ?? '')?.[0] ?? ''
const sameKind = (a: string, b: string | undefined): boolean => kindOf(a) === kindOf(b)

/** Does something to the site, and to the disk. @returns what, for people */
export function mutate(site: MutatedSite, disk: Disk, draw: Draw): string {
  const names = Object.keys(MUTATIONS)
  const name = pick(names, draw, 'mutation') ?? ''
  MUTATIONS[name]?.(site, disk, draw)
  return name
}

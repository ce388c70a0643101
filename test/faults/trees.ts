import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { HeaderRule } from '../../src/index.ts'

/** Four states of one site of about 40 files: what changes between them is what deploys have to carry over. */
export const TREES = ['one', 'two', 'three', 'four'] as const
export type TreeName = (typeof TREES)[number]

const IMAGES = Array.from({ length: 20 }, (_, index) => `img/${index % 4}/photo-${index}.png`)

/** Which images look different in a tree, and what else it changes. */
const STATES: Readonly<Record<TreeName, { readonly changed: readonly number[]; readonly gone: readonly string[] }>> = {
  one: { changed: [], gone: ['news/index.html', 'img/late.png'] },
  two: { changed: [0, 1, 7], gone: ['about/old.html', 'img/1/photo-9.png'] },
  three: { changed: [0, 2, 7, 11], gone: ['news/index.html'] },
  four: { changed: [1, 3, 19], gone: ['about/old.html', 'img/late.png'] },
}

/** Header rules of a tree: in the third, headers change of files whose bytes do not. */
export function rulesOf(tree: TreeName): readonly HeaderRule[] {
  return tree === 'three' ? [{ match: 'img/3/**', cacheControl: 'public, max-age=600' }] : []
}

/** Writes a tree below `folder`. */
export function writeTree(folder: string, tree: TreeName): void {
  for (const [path, content] of filesOf(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

function filesOf(tree: TreeName): ReadonlyMap<string, string> {
  const { changed, gone } = STATES[tree]
  const files = new Map<string, string>()
  const hasLate = !gone.includes('img/late.png')
  for (const [index, path] of IMAGES.entries())
    files.set(path, `\x89PNG\r\n\x1a\n ${index} ${changed.includes(index) ? tree : ''}`)
  files.set('img/late.png', `\x89PNG\r\n\x1a\n late ${tree}`)
  files.set(
    'css/site.css',
    `${hasLate ? '@import "late.css";' : ''} @import "base.css"; body{background:url(../img/0/photo-0.png)} /* ${tree === 'three' ? 'x' : ''} */`,
  )
  // a sheet that is new is named by one that was there
  if (hasLate) files.set('css/late.css', 'h2{background:url(../img/late.png)}')
  files.set(
    'css/base.css',
    'h1{background:url("../img/3/photo-7.png")} @font-face{font-family:f;src:url(../fonts/f.woff2)}',
  )
  files.set('css/print.css', 'p{color:black}')
  files.set('fonts/f.woff2', 'wOF2 font')
  files.set('js/site.js', `console.log(${JSON.stringify(tree === 'two' ? 'two' : 'all')})`)
  files.set('js/menu.js', 'console.log("menu")')
  files.set('favicon.ico', '\0\0\x01\0 icon')
  files.set('robots.txt', `User-agent: *\n# ${changed.length}\n`)
  files.set('site.webmanifest', '{"name":"x","icons":[{"src":"img/1/photo-1.png"}]}')
  files.set('data/prices.json', `{"tree":"${tree}"}`)
  const links = ['about/index.html', 'about/old.html', 'news/index.html', 'shop/index.html', 'contact.html']
  const there = links.filter((path) => !gone.includes(path))
  for (const path of ['index.html', ...there])
    files.set(path, page(path, tree, { links: there, images: IMAGES.filter((image) => !gone.includes(image)), gone }))
  for (const path of gone) files.delete(path)
  return files
}

interface PageParts {
  readonly links: readonly string[]
  readonly images: readonly string[]
  readonly gone: readonly string[]
}

function page(path: string, tree: TreeName, { links, images, gone }: PageParts): string {
  const up = '../'.repeat(path.split('/').length - 1)
  // every other page is the same in all trees, as far as its links and images are
  const words = path.startsWith('shop/') || path === 'contact.html' ? '' : tree
  const shown = images.filter((_, index) => (index + path.length) % 3 === 0)
  const late = gone.includes('img/late.png') ? [] : ['img/late.png']
  return [
    `<!doctype html><link rel="stylesheet" href="${up}css/site.css"><link rel="stylesheet" media="print" href="${up}css/print.css">`,
    `<link rel="icon" href="${up}favicon.ico"><link rel="manifest" href="${up}site.webmanifest">`,
    `<script src="${up}js/site.js"></script><script src="${up}js/menu.js"></script><h1>${words}</h1>`,
    ...[...shown, ...late].map((image) => `<img src="${up}${image}" srcset="${up}${image} 2x">`),
    ...links.map((link) => `<a href="${up}${link}">x</a>`),
  ].join('\n')
}

import { readFileSync } from 'node:fs'

/** A part of the page. None holds data: that comes to whoever has the token. */
export interface PageFile {
  readonly type: string
  readonly bytes: Buffer
}

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const

const NAMES = [
  'index.html',
  'style.css',
  'icon.svg',
  'main.js',
  'dom.js',
  'batches.js',
  'workers.js',
  'orders.js',
  'words.js',
] as const

const FOLDER = new URL('./page/', import.meta.url)

/** The page's files by their paths, read now: what a path says is never looked for on the disk. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  const files = NAMES.map((name): readonly [string, PageFile] => {
    const ending = name.slice(name.lastIndexOf('.') + 1) as keyof typeof TYPES // of NAMES
    return [
      name === 'index.html' ? '/' : `/${name}`,
      { type: TYPES[ending], bytes: readFileSync(new URL(name, FOLDER)) },
    ]
  })
  return new Map(files)
}

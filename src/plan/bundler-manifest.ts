import type { SitePath } from '../words/model.ts'

/** Files at the root of a site in which a bundler says what it wrote, by the bundler. */
export const BUNDLER_MANIFESTS: readonly SitePath[] = [
  '.vite/manifest.json', // https://vite.dev/guide/backend-integration
  'asset-manifest.json', // https://github.com/shellscape/webpack-manifest-plugin
  'stats.json', // https://webpack.js.org/api/stats/
  'meta.json', // https://esbuild.github.io/api/#metafile
]

/**
 * The scripts that a bundler's manifest names, as paths of the site. A text that is no manifest names none.
 * @param has whether the site has a file at a path
 */
export function emittedScripts(text: string, has: (path: SitePath) => boolean): SitePath[] {
  const data = parse(text)
  const names = [...viteFiles(data), ...listedFiles(data), ...webpackAssets(data), ...esbuildOutputs(data)]
  const paths = names.map((name) => pathOf(name, has)).filter((path) => path !== undefined)
  return [...new Set(paths)]
}

/** `chunk-B7x2Kq9f.js`, `main.3f2a91bc.js`, `391.8d7c2e1b0a.chunk.js`: a part of the name that no word looks like. */
export function carriesHash(path: SitePath): boolean {
  const parts = path.slice(path.lastIndexOf('/') + 1).split('.')
  return parts.slice(0, -1).some((part) => HEXADECIMAL.test(part) || MIXED.test(part))
}

/** With digits and letters: a date is none. */
const HEXADECIMAL = /(?:^|[-_~])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}$/
/** Vite's and esbuild's: eight characters at the end, with a capital where no word has one. */
const MIXED = /[-_~](?![A-Z]?[a-z]+$|[A-Z]+$)(?=[\w-]*[A-Z])[\w-]{8}$/

const SCRIPT = /\.[mc]?js$/i

function pathOf(name: string, has: (path: SitePath) => boolean): SitePath | undefined {
  if (!SCRIPT.test(name)) return undefined
  // some list URLs, some file paths: dist/app.js, /static/app.js, https://cdn/app.js
  let path = name.replace(/^[a-z]+:\/\/[^/]+/i, '').replace(/^(?:\.?\/)+/, '')
  while (!has(path)) {
    const slash = path.indexOf('/')
    if (slash === -1) return undefined
    path = path.slice(slash + 1)
  }
  return path
}

type Fields = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const strings = (value: unknown): string[] =>
  isRecord(value) ? Object.values(value).filter((each) => typeof each === 'string') : []

/** `{ "main.js": { "file": "assets/main-4889e940.js", … } }` */
function viteFiles(data: unknown): string[] {
  if (!isRecord(data)) return []
  return Object.values(data).flatMap((entry) => (isRecord(entry) && typeof entry.file === 'string' ? [entry.file] : []))
}

/** `{ "files": { "main.js": "/static/js/main.3f2a91bc.js" } }`, or the pairs alone. */
function listedFiles(data: unknown): string[] {
  return isRecord(data) ? [...strings(data), ...strings(data.files)] : []
}

/** `{ "assets": [{ "name": "main.3f2a91bc.js" }] }` */
function webpackAssets(data: unknown): string[] {
  if (!isRecord(data) || !Array.isArray(data.assets)) return []
  return data.assets.flatMap((asset: unknown) =>
    isRecord(asset) && typeof asset.name === 'string' ? [asset.name] : [],
  )
}

/** `{ "outputs": { "dist/app-5KHOQ2WM.js": … } }` */
function esbuildOutputs(data: unknown): string[] {
  return isRecord(data) && isRecord(data.outputs) ? Object.keys(data.outputs) : []
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

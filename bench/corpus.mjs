// The pages and sheets of real packages, each with what its URLs become: the same for both sides of a bench.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createResolver } from '../dist/src/rewrite/index.js'

const MODULES = join(import.meta.dirname, '../node_modules')
const SITES = ['html5-boilerplate/dist', 'reveal.js', 'startbootstrap-agency/dist', 'startbootstrap-sb-admin-2']

/** Every file of this extension: `{ name, text, decide(url, base) }`; `decide` gives undefined where nothing changes. */
export function corpus(extension) {
  return SITES.flatMap((site) => filesOf(site, extension))
}

function filesOf(site, extension) {
  const root = join(MODULES, site)
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !path.includes('node_modules'))
  const files = new Set(paths)
  const resolver = createResolver({
    base: '/',
    url: undefined,
    has: (path) => files.has(path),
    pathOfKey: () => undefined,
  })
  const decideIn = (path) => (url, base) => {
    const found = resolver.resolve(url, path, base)
    if (found.kind !== 'file' || found.path.endsWith('.html')) return undefined
    return `https://cdn.example.com/a/${found.path}${found.query}${found.fragment}`
  }
  return paths
    .filter((path) => path.endsWith(extension))
    .map((path) => ({ name: `${site}/${path}`, text: readFileSync(join(root, path), 'utf8'), decide: decideIn(path) }))
}

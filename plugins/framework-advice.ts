import type { SyncOptions } from '../src/index.ts'
import type { BuildSettings } from './options.ts'
import { NO_STORE } from './settings.ts'

/**
 * A framework that writes addresses itself: its pages and scripts support one prefix before the files' own paths. It also
 * finishes after its bundler: it renders pages, copies and deletes files.
 */
export interface Framework {
  readonly name: string
  /** The option for the prefix, and the file that it stands in. */
  readonly option: string
  readonly file: string
  /** The folder of public files once the framework is done. */
  readonly output: string
  /** Where it builds a server `unless` an option says no: the folder of what browsers load, and the path of its files. */
  readonly server?: { readonly unless: string; readonly output: string; readonly below: string }
  readonly takesTrailingSlash: boolean
  /** Whether a path of the site will do. https://svelte.dev/docs/kit/configuration#paths asks for a full address. */
  readonly takesPath: boolean
}

/** Advice already given, with its root: frameworks run several builds in one, some with new plugin instances. */
const told = new Set<string>()

/** Says what is left to do, in one line, once for each project and process. */
export function tellOnce(line: string, root: string, say: (line: string) => void): void {
  const known = `${root}\n${line}`
  if (told.has(known)) return
  told.add(known)
  say(line)
}

/**
 * Why this build rewrites, records and sends nothing, and what does it instead. `sync` without `url` puts every file at
 * its own path, which is where the prefix looks for it: the keys of `sync --url` would have hashes in their names.
 */
export function adviceFor(framework: Framework, { addresses, syncOptions }: BuildSettings, root: string): string {
  const { name, option, file, output, server } = framework
  const { target } = syncOptions(root)
  const to = (below?: string): string => quoted(addressOf(target, below))
  // A store in a folder has no prefixes: one below it would be another store.
  const forServer = target.kind === 'folder' ? undefined : server
  return (
    `${name} writes its addresses itself and its files after the bundler is done: nothing is rewritten, recorded or sent. ` +
    `Set ${option}: '${prefixFor(framework, addresses)}' in ${file}, and after the build run: ` +
    `lading sync ${output} --to ${to()} --exclude "**/*.html"` +
    (forServer ? `; without ${forServer.unless}: lading sync ${forServer.output} --to ${to(forServer.below)}` : '')
  )
}

function prefixFor(framework: Framework, addresses: BuildSettings['addresses']): string {
  const href = addresses?.url.href ?? 'https://cdn.example.com/'
  const full = framework.takesPath || !href.startsWith('/') ? href : inFull(href, addresses?.site)
  return framework.takesTrailingSlash ? full : full.replace(/\/$/, '')
}

function inFull(path: string, site: string | undefined): string {
  return new URL(path, site ?? 'https://www.example.com/').href
}

/**
 * In the form that `--to` takes. With the endpoint: without it, requests would go to another store.
 * @param below a path below the store's prefix
 */
function addressOf(target: SyncOptions['target'], below?: string): string {
  const store = target.label.replace(/\/$/, '')
  const shown = store === NO_STORE ? 's3://BUCKET' : store
  const address = below === undefined ? shown : `${shown}/${below}`
  if (target.kind === 'folder' || store === NO_STORE) return address
  const { endpoint, region, profile } = target
  const more = Object.entries({ endpoint, region, profile }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  )
  return more.length === 0 ? address : `${address}?${more.join('&')}`
}

const quoted = (word: string): string => (/^[\w./:@-]+$/.test(word) ? word : JSON.stringify(word))

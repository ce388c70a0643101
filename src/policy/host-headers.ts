import { splitPolicies } from './csp-policy.ts'
import { configHeaders } from './host-headers-json.ts'

/** Policies that a host sends beside what a page says itself. */
export interface HostHeaders {
  /** The file that says so: `_headers`. */
  readonly name: string
  /** Of the page at this URL path, serialized, one each. */
  policiesFor(path: string): readonly string[]
}

/** A file of the site that a host reads its headers from. */
export interface HostFile {
  readonly path: string
  readonly text: string
}

/** Sets and takes away headers of the URLs it covers. */
export interface HeaderRow {
  covers(path: string): boolean
  readonly set: readonly (readonly [name: string, value: string])[]
  /** Names in lower case. */
  readonly unset: readonly string[]
}

const POLICY_HEADER = 'content-security-policy'

/** Files that hosts read headers from, by whether we can read them too. */
const READERS: Readonly<Record<string, (text: string) => readonly HeaderRow[] | undefined>> = {
  _headers: headersFile,
  'vercel.json': (text) => configHeaders(text, 'vercel'),
  'staticwebapp.config.json': (text) => configHeaders(text, 'azure'),
}
const UNREAD =
  /^(?:netlify\.toml|_worker\.js|web\.config|firebase\.json|amplify\.yml|customHttp\.yml)$|(?:^|\/)\.htaccess$/

/** Whether a file of the site says something about headers to a host that is known. */
export function isHostFile(path: string): boolean {
  return Object.hasOwn(READERS, path) || UNREAD.test(path)
}

/** What the files say; `unread` are those that may say something and that nobody here can read. */
export function readHostFiles(files: readonly HostFile[]): {
  readonly hosts: readonly HostHeaders[]
  readonly unread: readonly string[]
} {
  const hosts: HostHeaders[] = []
  const unread: string[] = []
  for (const { path, text } of files) {
    const rows = Object.hasOwn(READERS, path) ? READERS[path]?.(text) : undefined
    if (rows === undefined) unread.push(path)
    else hosts.push({ name: path, policiesFor: (page) => policiesOf(rows, page) })
  }
  return { hosts, unread }
}

/** Every row that covers the page adds to those before, unless a row takes the header away. */
function policiesOf(rows: readonly HeaderRow[], page: string): string[] {
  let policies: string[] = []
  for (const { covers, set, unset } of rows) {
    if (!covers(page)) continue
    if (unset.includes(POLICY_HEADER)) policies = []
    const values = set.filter(([name]) => name.toLowerCase() === POLICY_HEADER)
    policies.push(...values.flatMap(([, value]) => splitPolicies(value)))
  }
  return policies
}

/**
 * `_headers`, as Netlify and Cloudflare Pages read it: a path alone on a line, indented headers below. Where the two
 * differ every policy counts, so that none allows too much. https://docs.netlify.com/manage/routing/headers/,
 * https://developers.cloudflare.com/pages/configuration/headers/
 */
function headersFile(text: string): HeaderRow[] {
  const rows: { covers: HeaderRow['covers']; set: [string, string][]; unset: string[] }[] = []
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    if (!/^\s/.test(line)) {
      rows.push({ covers: pathPattern(line.trim()), set: [], unset: [] })
      continue
    }
    const detached = /^\s+!\s*(\S+)/.exec(line)?.[1]
    const [, name, value] = /^\s+([^\s:]+)\s*:\s*(.*)$/.exec(line) ?? []
    if (detached !== undefined) rows.at(-1)?.unset.push(detached.toLowerCase())
    else if (name !== undefined) rows.at(-1)?.set.push([name, (value ?? '').trim()])
  }
  return rows
}

/** `*` stands for anything, `:name` for one segment; an address counts by its path. */
function pathPattern(pattern: string): (path: string) => boolean {
  const path = pattern.replace(/^https?:\/\/[^/]*/i, '') || '/'
  const source = path
    .split(/(\*|:[a-z]\w*)/i)
    .map((part) => (part === '*' ? '.*' : /^:[a-z]/i.test(part) ? '[^/]+' : literal(part)))
    .join('')
  const expression = new RegExp(`^${source}$`, 's')
  return (page) => expression.test(page)
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

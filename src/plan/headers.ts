import type { ResolvedHeaderRule } from '../config/interface.ts'
import { LadingError } from '../words/errors.ts'
import type { FileClass, HeaderSet, SitePath } from '../words/model.ts'
import { matcher } from './patterns.ts'

/** One year, the longest that means anything. https://www.rfc-editor.org/rfc/rfc9111#section-1.2.1 */
const FOREVER = 'public, max-age=31536000, immutable'
/** Revalidated each time, answered with 304 when it is the same. */
const REVALIDATE = 'public, max-age=0, must-revalidate'
/** Five minutes: a name without a hash is soon right again everywhere. */
const SHORT = 'public, max-age=300'

/** A name without a hash cached longer than this stays wrong for visitors long after it was mended, in seconds. */
export const LONG_SECONDS: number = 7 * 24 * 3600

/** What is being stored: a hashed copy, or a file under its own path. */
export interface HeaderSubject {
  readonly path: SitePath
  readonly fileClass: FileClass
  /** True when the key carries a hash of the content (ours or the bundler's). */
  readonly hashed: boolean
  /** True for the own-path copy of a file that pages name by its hashed key. */
  readonly fallback: boolean
  readonly contentType: string
  readonly contentEncoding: string | undefined
}

export interface HeaderDecision {
  readonly headers: HeaderSet
  /** Which rule set each header. */
  readonly rules: Readonly<Record<string, string>>
}

/**
 * Compiles the user's rules once; the result tells the headers of each file. First match wins, then the built-in rule.
 * Equal decisions are one object: the hundred thousand files of a site have a handful between them.
 */
export function headerRules(rules: readonly ResolvedHeaderRule[]): (subject: HeaderSubject) => HeaderDecision {
  const compiled = rules.map((rule) => ({ rule, matches: matcher(rule.match) }))
  const made = new Map<string, HeaderDecision>()
  return (subject) => {
    const chosen = compiled.findIndex(({ matches }) => matches(subject.path))
    const builtIn = builtInCache(subject)
    const question = `${chosen} ${subject.fallback} ${builtIn.rule} ${subject.contentEncoding} ${subject.contentType}`
    const known = made.get(question)
    if (known !== undefined) return known
    const decision = decide(subject, { chosen: compiled[chosen]?.rule, builtIn })
    made.set(question, decision)
    return decision
  }
}

interface Rules {
  readonly chosen: ResolvedHeaderRule | undefined
  readonly builtIn: BuiltIn
}

/** Every property of the subject that is used here has to be part of the cache key above. */
function decide({ contentType, contentEncoding, fallback }: HeaderSubject, { chosen, builtIn }: Rules): HeaderDecision {
  const decided: [name: string, value: string, rule: string][] = [
    ['content-type', contentType, 'content type by name and bytes'],
    ['cache-control', builtIn.value, builtIn.rule],
  ]
  if (contentEncoding !== undefined) decided.push(['content-encoding', contentEncoding, 'found in the bytes'])
  for (const [name, value] of Object.entries(chosen?.headers ?? {})) {
    if (name === 'cache-control' && fallback) continue
    decided.push([name, value, chosen?.name ?? ''])
  }
  return {
    headers: Object.fromEntries(decided.map(([name, value]) => [name, value])),
    rules: Object.fromEntries(decided.map(([name, , rule]) => [name, rule])),
  }
}

interface BuiltIn {
  readonly value: string
  readonly rule: string
}

const HASHED: BuiltIn = { value: FOREVER, rule: 'built-in: name carries a hash' }
const PAGE: BuiltIn = { value: REVALIDATE, rule: 'built-in: page' }
const ROOT: BuiltIn = { value: REVALIDATE, rule: 'built-in: file that works only at its own path' }
const OTHER: BuiltIn = { value: SHORT, rule: 'built-in: name without a hash' }

function builtInCache({ fileClass, hashed }: HeaderSubject): BuiltIn {
  if (hashed) return HASHED
  return fileClass === 'page' ? PAGE : fileClass === 'root' ? ROOT : OTHER
}

interface Lifetime {
  /** The longest that any cache, shared or a browser's, may keep it. */
  readonly seconds: number
  /** Whether it is promised never to change. */
  readonly immutable: boolean
}

function lifetime(cacheControl: string): Lifetime {
  const ages = cacheControl.matchAll(/(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*"?(\d+)/gi)
  const seconds = Math.max(0, ...Array.from(ages, ([, age]) => Number(age)))
  return { seconds, immutable: /(?:^|[\s,])immutable(?:$|[\s,])/i.test(cacheControl) }
}

/**
 * Names without a hash that would be cached as if they never changed.
 * @returns paths with a long lifetime, to warn about
 * @throws E_HEADER_UNSAFE for `immutable`, and for pages with any long lifetime, unless forced
 */
export function checkCaching(
  subjects: Iterable<{
    readonly path: SitePath
    readonly fileClass: FileClass
    readonly hashed: boolean
    readonly headers: HeaderSet
  }>,
  force: boolean,
): SitePath[] {
  const unsafe: string[] = []
  const long: SitePath[] = []
  const read = new Map<string, Lifetime>()
  for (const { path, fileClass, hashed, headers } of subjects) {
    if (hashed) continue
    const written = headers['cache-control'] ?? ''
    const found = read.get(written) ?? lifetime(written)
    read.set(written, found)
    const { seconds, immutable } = found
    if (immutable || (fileClass === 'page' && seconds >= LONG_SECONDS))
      unsafe.push(`${path}: ${headers['cache-control']}`)
    else if (seconds >= LONG_SECONDS) long.push(path)
  }
  if (unsafe.length > 0 && !force) {
    throw new LadingError('E_HEADER_UNSAFE', 'Names without a hash would be cached as if they never changed', {
      details: unsafe,
      why: 'Visitors would keep the old file for as long as the rule says, whatever you deploy.',
      hint: 'Give these names a short lifetime, let Lading hash them (--url), or insist with --force.',
    })
  }
  return long
}

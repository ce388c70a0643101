import type { SyncOptions } from '../config/interface.ts'
import { type Draft, draft } from '../draft/draft.ts'
import { SEEN } from '../draft/tally.ts'
import type { Run } from '../line/run.ts'
import type { Desired } from '../site/desired.ts'
import type { ReferenceNote } from '../site/layout.ts'
import { wishAgainst } from '../site/scan/ignore-file.ts'
import { maskText } from '../site/secrets/mask-text.ts'
import { verdictOn } from '../site/secrets/verdict.ts'
import { type ErrorCode, LadingError } from '../words/errors.ts'
import type { Digest, ETag, FileClass, Key, SitePath } from '../words/model.ts'
import { unexplained } from './unexplained.ts'

/** Everything that is decided about one file, and why. */
export interface Explanation {
  readonly path: SitePath
  readonly class: FileClass | 'origin only'
  /** The key that pages name it by; absent when it has none in the store. */
  readonly key: Key | undefined
  readonly reason: string
  readonly sha256: Digest
  /** In bytes, as stored; as on disk when it is not stored. */
  readonly size: number
  readonly headers: readonly { readonly name: string; readonly value: string; readonly rule: string }[]
  /** What the manifest knows of the key. */
  readonly stored: { readonly size: number; readonly etag: ETag | undefined; readonly same: boolean } | undefined
  readonly references: readonly {
    readonly line: number
    readonly place: string
    readonly url: string
    readonly result: string
  }[]
  readonly referencedBy: readonly string[]
}

/**
 * Explains one file of the site, by its path or by its key. Writes nothing.
 * @throws E_USAGE when the site has no such file
 * @throws E_SECRET_FILE, E_SECRET_CONTENT, E_SOURCEMAP_INLINE about this file alone, when it stops every run
 */
export async function explain(options: SyncOptions, subject: string, run: Run = {}): Promise<Explanation> {
  const plan = await draft(options, { ...run, emit: run.emit ?? (() => {}), keepsNotes: 'all' }).catch((error) => {
    throw (isGuard(error) ? verdictOn(sitePath(subject, options), options, run.env ?? process.env) : undefined) ?? error
  })
  const path = pathOf(plan, subject)
  const file = plan.survey.files.find((candidate) => candidate.path === path)
  const facts = plan.survey.facts.get(path)
  if (file === undefined || facts === undefined) throw unexplained(plan.survey, subject, path)
  const objects = plan.desired.filter((object) => object.path === path)
  const object = objects.find(({ mutable }) => !mutable) ?? objects[0]
  const row = object && plan.manifest?.rows.get(object.key)
  return {
    path,
    class: file.originOnly ? 'origin only' : (object?.fileClass ?? plan.layout?.classes.get(path) ?? 'other'),
    key: object?.key,
    reason: reasonOf(plan, path, object),
    sha256: object?.body.sha256 ?? facts.sha256,
    size: object?.body.size ?? file.size,
    headers: headersOf(object),
    stored: row && { size: row.size, etag: row.etag, same: row.sha256 === object?.body.sha256 },
    ...referencesOf(plan.references, path),
  }
}

function referencesOf(
  { notes, seen }: Draft['references'],
  path: SitePath,
): Pick<Explanation, 'references' | 'referencedBy'> {
  const said = notes.map((note) => ({ ...note, result: resultOf(note) }))
  const strings = seen.map((note) => ({ ...note, place: SEEN, result: `not rewritten, seen in a script: ${note.key}` }))
  const all = [...said, ...strings]
  return {
    references: all
      .filter(({ from }) => from === path)
      .map(({ line, place, url, result }) => ({ line, place, url: maskText(url), result })),
    referencedBy: all
      .filter(({ target }) => target === path)
      .map(({ from, line, place }) => `${from}:${line} ${place}`),
  }
}

/** `moved: a/x.1a2b.jpg; picture: avif 320 640`. */
const resultOf = ({ result, detail, picture }: ReferenceNote): string =>
  [[result, detail].filter(Boolean).join(': '), picture && `picture: ${picture}`].filter(Boolean).join('; ')

const GUARDS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_SECRET_FILE', 'E_SECRET_CONTENT', 'E_SOURCEMAP_INLINE'])

/** Whether a guard stopped the run; it did not say whether because of this file or another. */
const isGuard = (error: unknown): boolean => error instanceof LadingError && GUARDS.has(error.code)

/** The site's name for a path, or for what an address below `url` names. */
function sitePath(subject: string, { delivery }: Pick<SyncOptions, 'delivery'>): SitePath {
  const base = delivery.mode === 'mirror' ? undefined : delivery.url.href
  const isAddress = base !== undefined && subject.startsWith(base)
  const path = isAddress ? written(subject.slice(base.length).replace(/[?#].*/s, '')) : subject
  return path.replace(/^\.?\//, '').normalize('NFC')
}

/** Without the escapes of an address; one that is broken stays as it is. */
function written(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function pathOf({ desired, options }: Draft, subject: string): SitePath {
  const path = sitePath(subject, options)
  return desired.find(({ key }) => key === path)?.path ?? path
}

function reasonOf({ actions, layout, options, survey }: Draft, path: SitePath, object: Desired | undefined): string {
  const wish = object === undefined ? wishAgainst(path, survey.root, options) : undefined
  if (wish !== undefined)
    return `${options.delivery.mode === 'offload' ? 'stays at the site' : 'not uploaded'}: ${wish}`
  const kept = layout?.kept.get(path)
  if (kept !== undefined) return `stays at the site: ${kept}`
  const action = actions.find((candidate) => 'object' in candidate && candidate.object.key === object?.key)
  if (action !== undefined) return `${action.op}: ${action.reason}`
  const isPage = layout?.pages.has(path) ?? false
  if (isPage && options.delivery.mode === 'offload') return 'rewritten at the site, which serves it'
  return `stays at the site: ${layout?.whyUnmoved(path) ?? 'it is excluded'}`
}

function headersOf(object: Desired | undefined): Explanation['headers'] {
  if (object === undefined) return []
  return Object.entries(object.headers).map(([name, value]) => ({ name, value, rule: object.rules[name] ?? '' }))
}

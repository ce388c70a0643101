import { isInTree } from '../../plan/naming.ts'
import { whyKept } from '../../rewrite/policy.ts'
import type { Reference, Replacement } from '../../rewrite/reference.ts'
import { encodePath, urlOfKey } from '../../rewrite/url.ts'
import type { Key, SitePath } from '../../words/model.ts'
import type { MovedFile } from '../layout.ts'
import { EXCLUDED, isNowhere, type LayoutWork, nameKey, type Outcome, whyUnmoved } from '../layout-work.ts'
import { pathProbe } from '../probe.ts'
import { integrityOf, integrityOfFile, whyIntegrityHolds } from './integrity.ts'

/** What to write in place of a reference, and what became of it. */
export interface Decision {
  readonly replacement: Replacement | undefined
  readonly note: Outcome
}

/** Decides what a reference of the page should name, given which files moved. */
export function decide(work: LayoutWork, page: SitePath, reference: Reference, base: string | undefined): Decision {
  const resolved = work.resolver.resolve(reference.url, page, reference.base ?? base)
  switch (resolved.kind) {
    case 'file':
      return decideFile(work, reference, { ...resolved, wasMoved: false })
    case 'key':
      if (resolved.path !== undefined && work.files.has(resolved.path)) {
        return decideFile(work, reference, { ...resolved, path: resolved.path, wasMoved: true })
      }
      return { replacement: undefined, note: nameKey(work, resolved.key) }
    case 'missing':
      return nothing({ result: isGuess(reference) ? 'other' : 'missing', detail: resolved.path })
    case 'outside':
      return nothing({ result: isGuess(reference) ? 'other' : 'outside', detail: '' })
    default:
      return nothing({ result: 'other', detail: '' })
  }
}

const nothing = (note: Omit<Outcome, 'target'>): Decision => ({
  replacement: undefined,
  note: { ...note, target: undefined },
})

/** A value that may be an address or something else: it is one only if such a file exists. */
function isGuess({ use }: Reference): boolean {
  return use === 'structured-data' || use === 'lazy'
}

interface FileReference {
  readonly path: SitePath
  readonly query: string
  readonly fragment: string
  /** The page already names the moved copy (it was rewritten before). */
  readonly wasMoved: boolean
}

function decideFile(work: LayoutWork, reference: Reference, file: FileReference): Decision {
  const { path, query, fragment, wasMoved } = file
  work.probes.current?.add(pathProbe(path))
  if (isNowhere(work, path))
    return { replacement: undefined, note: { result: 'missing', target: path, detail: EXCLUDED } }
  const moved = work.moved.get(path)
  if (moved === undefined) return keep(work, reference, file, whyUnmoved(work, path))
  const reason =
    whyPageKeeps(work, reference, moved) ?? (wasMoved ? undefined : whyIntegrityHolds(work, reference, moved))
  if (reason !== undefined) return keep(work, reference, file, reason)
  const address = addressOf(work, reference, moved.key)
  if (address === undefined) return keep(work, reference, file, 'it must be absolute, and `site` is not set')
  const url = address + query + fragment
  return {
    replacement: { url, ...tagOf(work, reference, { ...moved, wasMoved }) },
    note: { result: 'moved', target: path, detail: moved.key },
  }
}

/** Leaves the reference as it is, or takes it back to the file's own path. */
function keep(work: LayoutWork, reference: Reference, file: FileReference, detail: string): Decision {
  const { input } = work
  const { path, query, fragment, wasMoved } = file
  const note: Outcome = { result: 'kept', target: path, detail }
  if (!wasMoved) return { replacement: undefined, note }
  const own = input.base + encodePath(path) + query + fragment
  const back = reference.absolute && input.site !== undefined ? new URL(own, input.site).href : own
  return { replacement: { url: back, integrity: integrityOfFile(work, reference, path) }, note }
}

function whyPageKeeps(work: LayoutWork, reference: Reference, moved: MovedFile): string | undefined {
  if (reference.integrity && reference.tag === undefined) return 'its integrity stands where it cannot be kept right'
  if (reference.use === 'embed' && IS_SVG.test(moved.path))
    return 'an embedded SVG loads what it names, relative to itself'
  if (reference.tag === undefined && !work.policy.sameOrigin && needsBase(work, reference, moved)) {
    return 'it imports relative to itself, which needs crossorigin on its tag'
  }
  return whyKept(reference, work.policy)
}

/** Only an embedded SVG loads files: as an image it loads none. */
const IS_SVG = /\.svgz?$/i

/** The attributes that the tag needs with the new address. */
function tagOf(
  work: LayoutWork,
  reference: Reference,
  moved: MovedFile & Pick<FileReference, 'wasMoved'>,
): Omit<Replacement, 'url'> {
  const { policy, input } = work
  const { tag } = reference
  if (tag === undefined) return {}
  const isChecked = tag.integrity !== undefined || (input.integrity && (policy.sameOrigin || policy.cors))
  if (!isChecked) return !policy.sameOrigin && needsBase(work, reference, moved) ? { crossorigin: true } : {}
  const own = (): string | undefined => (moved.wasMoved ? integrityOfFile(work, reference, moved.path) : undefined)
  const integrity = tag.integrity !== undefined && moved.verbatim ? own() : integrityOf(moved)
  return { crossorigin: !policy.sameOrigin, integrity }
}

/**
 * Whether a classic script imports relatively to itself: one that another host serves may do so only when the tag
 * carries `crossorigin`; without, its base is `about:blank`.
 */
function needsBase({ textUses }: LayoutWork, { use }: Reference, { path, key }: MovedFile): boolean {
  return use === 'script' && (isInTree(key) || (textUses.get(path)?.uses.has('import') ?? false))
}

/** The URL to write: as configured, or with the site's own scheme and host where only an absolute one will do. */
function addressOf(work: LayoutWork, reference: Reference, key: Key): string | undefined {
  const { url, site } = work.input
  const address = urlOfKey(url, key)
  if (!reference.absolute || url.kind === 'host') return address
  return site === undefined ? undefined : new URL(address, site).href
}

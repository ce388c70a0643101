import { hash } from 'node:crypto'
import { LadingError } from '../errors.ts'
import type { Key, SitePath } from '../model.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { rewriteDocument } from '../rewrite/edits.ts'
import { htmlReferences } from '../rewrite/html.ts'
import { whyKept } from '../rewrite/policy.ts'
import type { DocumentReferences, Reference } from '../rewrite/reference.ts'
import type { Resolved } from '../rewrite/resolve.ts'
import { encodePath, urlOfKey } from '../rewrite/url.ts'
import { webManifestReferences } from '../rewrite/webmanifest.ts'
import type { SiteFile } from './file.ts'
import { factsOf, type LayoutWork, type ReferenceNote, type RewrittenFile } from './layout.ts'
import { fileBody, madeBody } from './read.ts'
import { readText } from './text.ts'

/**
 * Rewrites pages and web app manifests in the light of what moved. Only values that change are edited; a second run
 * over the result changes nothing.
 * @throws E_REF_UNKNOWN_KEY, E_SOURCE_CHANGED
 */
export function rewritePages(work: LayoutWork): Map<SitePath, RewrittenFile> {
  const pages = new Map<SitePath, RewrittenFile>()
  const unknown: string[] = []
  for (const file of work.input.files) {
    const fileClass = work.classes.get(file.path)
    if (fileClass !== 'page' && fileClass !== 'manifest') continue
    pages.set(file.path, rewritePage(work, file, unknown))
  }
  if (unknown.length > 0) throw unknownKeys(work, unknown)
  return pages
}

function rewritePage(work: LayoutWork, file: SiteFile, unknown: string[]): RewrittenFile {
  const { path } = file
  const facts = factsOf(work, path)
  const made = makePage(work, file, (note) => {
    if (note.result === 'missing' && note.detail === UNKNOWN_KEY) unknown.push(`${path}:${note.line}: ${note.url}`)
    work.input.onReference?.(note)
  })
  if (made === undefined) {
    work.warnings.push({
      code: 'W_ENCODING_SKIPPED',
      message: 'not rewritten: its encoding is not supported',
      items: [path],
    })
    return { path, body: fileBody(file, facts.sha256), edits: 0 }
  }
  if (made.edits === 0) return { path, body: fileBody(file, facts.sha256), edits: 0 }
  const sha256 = hash('sha256', made.bytes)
  const make = (): Uint8Array => makePage(work, file, () => {})?.bytes ?? new Uint8Array()
  return { path, body: madeBody(path, made.bytes.byteLength, sha256, make), edits: made.edits }
}

function makePage(
  work: LayoutWork,
  file: SiteFile,
  note: (note: ReferenceNote) => void,
): { readonly bytes: Uint8Array; readonly edits: number } | undefined {
  const source = readText(file, factsOf(work, file.path))
  if (source === undefined) return undefined
  const document = parse(work, file.path, source.text)
  const { text, edits } = rewriteDocument(source.text, document, (reference) => {
    const decided = decide(work, file.path, reference, document.base)
    note({ from: file.path, line: reference.line, place: reference.place, url: reference.url, ...decided.note })
    return decided.url
  })
  return { bytes: source.encode(text), edits }
}

/** Rewrites the text of a page that is not on the disk yet (a bundler's), as if it lay at `path`. */
export function rewritePageText(work: LayoutWork, path: SitePath, text: string): string {
  const document = htmlReferences(text)
  return rewriteDocument(text, document, (reference) => decide(work, path, reference, document.base).url).text
}

function parse(work: LayoutWork, path: SitePath, text: string): DocumentReferences {
  return work.classes.get(path) === 'manifest' ? webManifestReferences(text) : htmlReferences(text)
}

const UNKNOWN_KEY = 'no release that is kept knows this key'

interface Decided {
  readonly url: string | undefined
  readonly note: Pick<ReferenceNote, 'result' | 'target' | 'detail'>
}

function decide(work: LayoutWork, page: SitePath, reference: Reference, base: string | undefined): Decided {
  const resolved = work.resolver.resolve(reference.url, page, base)
  switch (resolved.kind) {
    case 'file':
      return decideFile(work, reference, { ...resolved, wasMoved: false })
    case 'key':
      if (resolved.path !== undefined && work.files.has(resolved.path)) {
        return decideFile(work, reference, { ...resolved, path: resolved.path, wasMoved: true })
      }
      return decideKey(work, resolved)
    case 'missing':
      return { url: undefined, note: { result: 'missing', target: undefined, detail: resolved.path } }
    default:
      return { url: undefined, note: { result: resolved.kind, target: undefined, detail: '' } }
  }
}

/**
 * A key whose file is gone from the site stays as it is while the store still has it. Other objects below the same
 * address were not made by us and are nobody's business here.
 */
function decideKey(work: LayoutWork, { key }: Extract<Resolved, { kind: 'key' }>): Decided {
  if (!key.startsWith(ASSET_FOLDER))
    return { url: undefined, note: { result: 'other', target: undefined, detail: key } }
  const known = work.input.taken(key) !== undefined
  return {
    url: undefined,
    note: { result: known ? 'moved' : 'missing', target: undefined, detail: known ? key : UNKNOWN_KEY },
  }
}

interface FileReference {
  readonly path: SitePath
  readonly query: string
  readonly fragment: string
  /** The page already names the moved copy (it was rewritten before). */
  readonly wasMoved: boolean
}

function decideFile(work: LayoutWork, reference: Reference, file: FileReference): Decided {
  const { path, query, fragment, wasMoved } = file
  const moved = work.moved.get(path)
  const reason = whyPageKeeps(work, reference, path)
  if (moved === undefined || reason !== undefined) {
    const detail = reason ?? work.kept.get(path) ?? 'it works only at its own path'
    const back = wasMoved ? work.input.base + encodePath(path) + query + fragment : undefined
    return { url: back, note: { result: 'kept', target: path, detail } }
  }
  const url = addressOf(work, reference, moved.key)
  if (url === undefined) {
    return {
      url: undefined,
      note: { result: 'kept', target: path, detail: 'it must be absolute, and `site` is not set' },
    }
  }
  return { url: url + query + fragment, note: { result: 'moved', target: path, detail: moved.key } }
}

function whyPageKeeps(work: LayoutWork, reference: Reference, path: SitePath): string | undefined {
  const moved = work.moved.get(path)
  if (moved === undefined) return undefined
  if (isModule(reference) && moved.fileClass !== 'bundle') return 'it is the entry of a graph of modules'
  if (reference.integrity && !moved.verbatim) return 'its integrity attribute names the bytes before rewriting'
  return whyKept(reference, work.policy)
}

function isModule({ use }: Reference): boolean {
  return use === 'module' || use === 'modulepreload'
}

/** The URL to write: as configured, or with the site's own scheme and host where only an absolute one will do. */
function addressOf(work: LayoutWork, reference: Reference, key: Key): string | undefined {
  const { url, site } = work.input
  const address = urlOfKey(url, key)
  if (!reference.absolute || url.kind === 'host') return address
  return site === undefined ? undefined : new URL(address, site).href
}

function unknownKeys(work: LayoutWork, details: readonly string[]): LadingError {
  return new LadingError('E_REF_UNKNOWN_KEY', `Pages name objects under ${work.input.url.href} that nobody knows`, {
    details,
    why: 'They were rewritten for another store or prefix, or the objects were pruned; visitors would get 404s.',
    hint: 'Build the pages again from their source, then run the same command.',
  })
}

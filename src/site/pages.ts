import { hash } from 'node:crypto'
import { LadingError } from '../errors.ts'
import type { Key, SitePath } from '../model.ts'
import { rewriteDocument } from '../rewrite/edits.ts'
import { htmlReferences } from '../rewrite/html.ts'
import { whyKept } from '../rewrite/policy.ts'
import type { DocumentReferences, Reference } from '../rewrite/reference.ts'
import { encodePath, urlOfKey } from '../rewrite/url.ts'
import { webManifestReferences } from '../rewrite/webmanifest.ts'
import type { SiteFile } from './file.ts'
import type { ReferenceNote, RewrittenFile } from './layout.ts'
import {
  EXCLUDED,
  factsOf,
  isNowhere,
  type LayoutWork,
  nameKey,
  type Outcome,
  UNKNOWN_KEY,
  whyUnmoved,
} from './layout-work.ts'
import { fileBody, madeBody } from './read.ts'
import { readText } from './text.ts'
import { turns } from './turn.ts'

/**
 * Rewrites pages and web app manifests in the light of what moved. Only values that change are edited; a second run
 * over the result changes nothing. What `keep` names is left exactly as it is.
 * @throws E_REF_UNKNOWN_KEY, E_SOURCE_CHANGED
 */
export async function rewritePages(work: LayoutWork): Promise<Map<SitePath, RewrittenFile>> {
  const pages = new Map<SitePath, RewrittenFile>()
  const unknown: string[] = []
  const turn = turns(work.input.signal)
  for (const file of work.input.files) {
    await turn()
    const fileClass = work.classes.get(file.path)
    if (fileClass !== 'page' && fileClass !== 'manifest') continue
    pages.set(file.path, work.isKept(file.path) ? leavePage(work, file) : rewritePage(work, file, unknown))
  }
  if (unknown.length > 0) throw unknownKeys(work, unknown)
  return pages
}

/** A page that was rewritten before it was kept still names keys: they are in use. */
function leavePage(work: LayoutWork, file: SiteFile): RewrittenFile {
  const { path } = file
  const facts = factsOf(work, path)
  const document = parse(work, path, readText(file, facts)?.text ?? '')
  for (const { url, base } of document.references) {
    const resolved = work.resolver.resolve(url, path, base ?? document.base)
    if (resolved.kind === 'key') nameKey(work, resolved.key)
  }
  return { path, body: fileBody(file, facts.sha256), edits: 0 }
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
    const wanted = decide(work, file.path, reference, document.base)
    const written = source.text.slice(reference.start, reference.end)
    const decided = source.holds(wanted.url ?? '', written) ? wanted : unwritable(wanted)
    note({ from: file.path, line: reference.line, place: reference.place, url: reference.url, ...decided.note })
    return decided.url
  })
  return { bytes: source.encode(text), edits }
}

function unwritable({ note }: Decided): Decided {
  return { url: undefined, note: { ...note, result: 'kept', detail: 'the encoding of the page cannot write it anew' } }
}

/** Rewrites the text of a page that is not on the disk yet (a bundler's), as if it lay at `path`. */
export function rewritePageText(work: LayoutWork, path: SitePath, text: string): string {
  if (work.isKept(path)) return text
  const document = htmlReferences(text)
  return rewriteDocument(text, document, (reference) => decide(work, path, reference, document.base).url).text
}

function parse(work: LayoutWork, path: SitePath, text: string): DocumentReferences {
  return work.classes.get(path) === 'manifest' ? webManifestReferences(text) : htmlReferences(text)
}

interface Decided {
  readonly url: string | undefined
  readonly note: Outcome
}

function decide(work: LayoutWork, page: SitePath, reference: Reference, base: string | undefined): Decided {
  const resolved = work.resolver.resolve(reference.url, page, reference.base ?? base)
  switch (resolved.kind) {
    case 'file':
      return decideFile(work, reference, { ...resolved, wasMoved: false })
    case 'key':
      if (resolved.path !== undefined && work.files.has(resolved.path)) {
        return decideFile(work, reference, { ...resolved, path: resolved.path, wasMoved: true })
      }
      return { url: undefined, note: nameKey(work, resolved.key) }
    case 'missing':
      if (isGuess(reference)) break
      return { url: undefined, note: { result: 'missing', target: undefined, detail: resolved.path } }
    case 'outside':
      if (isGuess(reference)) break
      return { url: undefined, note: { result: 'outside', target: undefined, detail: '' } }
  }
  return { url: undefined, note: { result: 'other', target: undefined, detail: '' } }
}

/** A value that may be an address, or anything else: only a file of that name tells. */
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

function decideFile(work: LayoutWork, reference: Reference, file: FileReference): Decided {
  const { path, query, fragment } = file
  if (isNowhere(work, path)) return { url: undefined, note: { result: 'missing', target: path, detail: EXCLUDED } }
  const moved = work.moved.get(path)
  if (moved === undefined) return keep(work, reference, file, whyUnmoved(work, path))
  const reason = whyPageKeeps(work, reference, path)
  if (reason !== undefined) return keep(work, reference, file, reason)
  const url = addressOf(work, reference, moved.key)
  if (url === undefined) return keep(work, reference, file, 'it must be absolute, and `site` is not set')
  return { url: url + query + fragment, note: { result: 'moved', target: path, detail: moved.key } }
}

/** Leaves the reference as it is, or takes it back to the file's own path. */
function keep({ input }: LayoutWork, reference: Reference, file: FileReference, detail: string): Decided {
  const { path, query, fragment, wasMoved } = file
  const own = input.base + encodePath(path) + query + fragment
  const back = reference.absolute && input.site !== undefined ? new URL(own, input.site).href : own
  return { url: wasMoved ? back : undefined, note: { result: 'kept', target: path, detail } }
}

function whyPageKeeps(work: LayoutWork, reference: Reference, path: SitePath): string | undefined {
  const moved = work.moved.get(path)
  if (moved === undefined) return undefined
  if (reference.use === 'embed' && IS_SVG.test(path)) return 'an embedded SVG loads what it names, relative to itself'
  if (isModule(reference) && moved.fileClass !== 'bundle') return 'it is the entry of a graph of modules'
  if (reference.integrity && !moved.verbatim) return 'its integrity attribute names the bytes before rewriting'
  return whyKept(reference, work.policy)
}

/** Elsewhere an SVG is an image, which loads nothing. */
const IS_SVG = /\.svgz?$/i

function isModule({ use }: Reference): boolean {
  return use === 'module' || use === 'modulepreload' || use === 'import' || use === 'import-map'
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

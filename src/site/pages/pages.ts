import { hash } from 'node:crypto'
import { rewriteDocument } from '../../rewrite/edits.ts'
import { htmlReferences } from '../../rewrite/html/html.ts'
import type { DocumentReferences, Reference } from '../../rewrite/reference.ts'
import { LadingError } from '../../words/errors.ts'
import type { Warning } from '../../words/events.ts'
import type { Key, SitePath } from '../../words/model.ts'
import type { SiteFile } from '../file.ts'
import type { ReferenceNote, RewrittenFile } from '../layout.ts'
import { factsOf, type LayoutWork, nameKey, outcomeOf, UNKNOWN_KEY } from '../layout-work.ts'
import { fileBody, madeBody } from '../read.ts'
import { readText } from '../text/text.ts'
import { turns } from '../turn.ts'
import { documentReader } from './document.ts'
import { relistPages } from './listed-digests.ts'
import { type Decision, decide } from './page-decision.ts'
import { isSilentAboutModules } from './page-hints.ts'
import { pagePictures } from './page-pictures.ts'
import { type PageResult, tallyPage } from './page-result.ts'
import { pictureOutcome } from './pictures.ts'

/** Pages, manifests and lists of pages as they go out, and the result for each page. */
export interface Pages {
  readonly files: ReadonlyMap<SitePath, RewrittenFile>
  readonly results: readonly PageResult[]
}

/**
 * Rewrites pages, web app manifests and other documents that stay at their path, by what has moved. Only
 * values that change are edited; a second run over the result changes nothing. What `keep` names is left exactly as it
 * is. A page is not even read when an earlier run made it from the same inputs.
 * @throws E_REF_UNKNOWN_KEY, E_SOURCE_CHANGED
 */
export async function rewritePages(work: LayoutWork): Promise<Pages> {
  const files = new Map<SitePath, RewrittenFile>()
  const results: PageResult[] = []
  const unknown: string[] = []
  const turn = turns(work.input.signal)
  for (const file of work.input.files) {
    if (documentReader(work, file.path) === undefined) continue
    await turn()
    const result = recall(work, file) ?? makeResult(work, file)
    if (work.classes.get(file.path) === 'page') results.push(result)
    files.set(file.path, fileOf(work, file, result))
    for (const key of result.lingering) work.named.add(key)
    if (result.isUnreadable) work.warnings.push(unreadablePage(file.path))
    unknown.push(...result.problems.filter(({ detail }) => detail === UNKNOWN_KEY).map(said))
  }
  if (unknown.length > 0) throw unknownKeys(work, unknown)
  for (const list of relistPages(work, files, (file) => makePage(work, file)?.bytes)) files.set(list.path, list)
  work.input.memory?.save()
  return { files, results }
}

const said = ({ from, line, url }: ReferenceNote): string => `${from}:${line}: ${url}`

function recall(work: LayoutWork, { path }: SiteFile): PageResult | undefined {
  const { sha256 } = factsOf(work, path)
  const result = work.input.memory?.recall(path, sha256, answers(work))
  if (result !== undefined) work.input.onRecalled?.(result)
  return result
}

/** Outcomes of probes, including the pictures of the files that a page names. */
const answers =
  (work: LayoutWork) =>
  (probe: string): string =>
    outcomeOf(work, probe) + (work.input.pictures && probe.startsWith('/') ? pictureOutcome(work, probe.slice(1)) : '')

function fileOf(work: LayoutWork, file: SiteFile, { made, edits }: PageResult): RewrittenFile {
  const { path } = file
  const { sha256 } = factsOf(work, path)
  if (made === undefined || made.sha256 === sha256) return { path, body: fileBody(file, sha256), edits: 0 }
  const make = (): Uint8Array => makePage(work, file)?.bytes ?? new Uint8Array()
  return { path, body: madeBody(path, made.size, made.sha256, make), edits }
}

function makeResult(work: LayoutWork, file: SiteFile): PageResult {
  const { path } = file
  const { input, probes } = work
  const tally = tallyPage(path)
  const probed = new Set<string>()
  probes.current = probed
  const made = makePage(work, file, (note) => {
    tally.note(note)
    if (!work.isKept(path)) input.onReference?.(note)
  })
  probes.current = undefined
  const isSame = made === undefined || made.edits === 0
  const result = tally.result({
    isUnreadable: made === undefined,
    edits: made?.edits ?? 0,
    made: isSame ? undefined : { sha256: hash('sha256', made.bytes), size: made.bytes.byteLength },
    policies: (made?.policies ?? []).map((policy) => Buffer.from(policy).toString()),
    isSilent: made?.isSilent ?? true,
    variants: made?.variants ?? [],
    oldPictures: made?.oldPictures ?? [],
  })
  input.memory?.remember(result, {
    sha256: factsOf(work, path).sha256,
    probed,
    outcomeOf: answers(work),
  })
  return result
}

function unreadablePage(path: SitePath): Warning {
  return { code: 'W_ENCODING_SKIPPED', message: 'not rewritten: its encoding is not supported', items: [path] }
}

const NO_REFERENCES: DocumentReferences = { references: [], base: undefined }

interface Made {
  readonly bytes: Uint8Array
  readonly edits: number
  readonly policies: readonly string[]
  readonly isSilent: boolean
  readonly variants: readonly Key[]
  readonly oldPictures: readonly string[]
}

function makePage(work: LayoutWork, file: SiteFile, note: (note: ReferenceNote) => void = () => {}): Made | undefined {
  const { path } = file
  const source = readText(file, factsOf(work, path))
  if (source === undefined) return undefined
  const document = documentReader(work, path)?.(source.text) ?? NO_REFERENCES
  const decideOne = work.isKept(path) ? leave : decide
  const decided = new Map<Reference, Decision>()
  for (const reference of document.references) {
    const wanted = decideOne(work, path, reference, document.base)
    decided.set(reference, source.holds(wanted.replacement?.url ?? '') ? wanted : unwritable(wanted))
  }
  matchPreloads(decided)
  const pictures = pagePictures(work, path, { document, decided, holds: source.holds })
  const { references } = document
  const { text, edits } = rewriteDocument(
    source.text,
    { references, additions: pictures.edits },
    (reference) => decided.get(reference)?.replacement,
  )
  for (const [reference, decision] of decided) {
    const { line, place, url, use } = reference
    note({ from: path, line, place, url, use, ...decision.note, picture: pictures.said.get(reference) })
  }
  const isSilent = isSilentAboutModules(source.text)
  const { count, variants, old } = pictures
  const policies = document.csp ?? []
  return { bytes: source.encode(text), edits: edits + count, policies, isSilent, variants, oldPictures: old }
}

/** A kept page may have been rewritten earlier: the keys that it names are in use. */
function leave(work: LayoutWork, page: SitePath, reference: Reference, base: string | undefined): Decision {
  const resolved = work.resolver.resolve(reference.url, page, reference.base ?? base)
  const note = resolved.kind === 'key' ? nameKey(work, resolved.key) : LEFT
  return { replacement: undefined, note: note.result === 'missing' ? LEFT : note }
}

const LEFT: Decision['note'] = { result: 'kept', target: undefined, detail: '`keep` names the page' }

function unwritable({ note }: Decision): Decision {
  return {
    replacement: undefined,
    note: { ...note, result: 'kept', detail: 'the encoding of the page cannot write it anew' },
  }
}

/** A preload is reused only if its CORS mode equals that of the later request; else the file is loaded twice. */
function matchPreloads(decided: Map<Reference, Decision>): void {
  const anonymous = new Set<string>()
  for (const [, { replacement }] of decided) if (replacement?.crossorigin) anonymous.add(replacement.url)
  if (anonymous.size === 0) return
  for (const [reference, { replacement, note }] of decided) {
    if (reference.use !== 'preload' || replacement === undefined || !anonymous.has(replacement.url)) continue
    decided.set(reference, { replacement: { ...replacement, crossorigin: true }, note })
  }
}

/** Rewrites the text of a page that is not on the disk yet (a bundler's), as if it lay at `path`. */
export function rewritePageText(work: LayoutWork, path: SitePath, text: string): string {
  if (work.isKept(path)) return text
  const document = htmlReferences(text, { lazyAttributes: work.input.lazyAttributes })
  return rewriteDocument(text, document, (reference) => decide(work, path, reference, document.base).replacement).text
}

function unknownKeys(work: LayoutWork, details: readonly string[]): LadingError {
  return new LadingError('E_REF_UNKNOWN_KEY', `Pages name objects under ${work.input.url.href} that nobody knows`, {
    details,
    why: 'They were rewritten for another store or prefix, or the objects were pruned; visitors would get 404s.',
    hint: 'Build the pages again from their source, then run the same command.',
  })
}

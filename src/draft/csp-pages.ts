import type { SitePath } from '../model.ts'
import { isStyle } from '../plan/classify.ts'
import type { PageCsp } from '../policy/csp-pages.ts'
import { type HostFile, isHostFile } from '../policy/host-headers.ts'
import { cssReferences } from '../rewrite/css.ts'
import { htmlReferences } from '../rewrite/html.ts'
import type { DocumentReferences, ReferenceUse } from '../rewrite/reference.ts'
import type { SiteFile } from '../site/file.ts'
import type { ReferenceNote } from '../site/layout.ts'
import type { Survey } from '../site/survey.ts'
import { readText } from '../site/text.ts'
import type { Draft } from './draft.ts'

/**
 * What content security policies decide about each page: its own policies, and what the moved files are for that it
 * and its style sheets name. Reads pages and sheets once more; the draft must have kept its notes.
 */
export function cspPages({ survey, layout, references }: Draft): ReadonlyMap<SitePath, PageCsp> {
  const notes = byFile(references.all)
  const files = new Map(survey.files.map((file) => [file.path, file]))
  const parsed = new Map<SitePath, DocumentReferences>()
  const parse = (path: SitePath): DocumentReferences => {
    const known = parsed.get(path) ?? parseFile(survey, files.get(path))
    if (isStyle(path)) parsed.set(path, known)
    return known
  }
  const pages = new Map<SitePath, PageCsp>()
  for (const path of layout?.pages.keys() ?? []) {
    if (layout?.classes.get(path) !== 'page') continue
    const reached = sheetsOf(path, notes)
    const uses = [path, ...reached].flatMap((from) => movedUses(parse(from), notes.get(from) ?? []))
    pages.set(path, { policies: parse(path).csp ?? [], uses: new Set(uses) })
  }
  return pages
}

function byFile(all: readonly ReferenceNote[]): ReadonlyMap<SitePath, readonly ReferenceNote[]> {
  const files = new Map<SitePath, ReferenceNote[]>()
  for (const note of all) {
    const notes = files.get(note.from)
    if (notes === undefined) files.set(note.from, [note])
    else notes.push(note)
  }
  return files
}

function parseFile(survey: Survey, file: SiteFile | undefined): DocumentReferences {
  const facts = file && survey.facts.get(file.path)
  const text = file && facts && readText(file, facts)?.text
  if (file === undefined || text === undefined) return { references: [], base: undefined }
  return isStyle(file.path) ? cssReferences(text, { context: 'sheet' }) : htmlReferences(text)
}

/** The style sheets that a page loads, one through the other. */
function sheetsOf(page: SitePath, notes: ReadonlyMap<SitePath, readonly ReferenceNote[]>): Set<SitePath> {
  const sheets = new Set<SitePath>()
  const open = [page]
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const { target } of notes.get(from) ?? []) {
      if (target === undefined || !isStyle(target) || sheets.has(target)) continue
      sheets.add(target)
      open.push(target)
    }
  }
  return sheets
}

/** A note tells where its reference stands, and not what it is for. */
function movedUses({ references }: DocumentReferences, notes: readonly ReferenceNote[]): ReferenceUse[] {
  const placeOf = ({ line, place, url }: Pick<ReferenceNote, 'line' | 'place' | 'url'>): string =>
    `${line} ${place} ${url}`
  const moved = new Set(notes.filter(({ result }) => result === 'moved').map(placeOf))
  return references.filter((reference) => moved.has(placeOf(reference))).map(({ use }) => use)
}

/** The files of the site that say something about headers to a host. */
export function hostFiles({ files, facts }: Survey): HostFile[] {
  return files.flatMap((file) => {
    const known = facts.get(file.path)
    if (!isHostFile(file.path) || known === undefined) return []
    return [{ path: file.path, text: readText(file, known)?.text ?? '' }]
  })
}

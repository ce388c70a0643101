import { isStyle } from '../plan/classify.ts'
import { cssReferences } from '../rewrite/css/css.ts'
import { stronglyConnected } from '../rewrite/graph.ts'
import type { SitePath } from '../words/model.ts'
import { factsOf, type LayoutWork } from './layout-work.ts'
import { type Linked, link, linksOf, readLinkedText } from './linked.ts'
import { isEmitted, moveGroup, noteLinked, whyEmittedStays, whyLinksKeep } from './rename.ts'
import type { ReadText } from './text/text-memory.ts'

/**
 * Gives every style sheet that may move its bytes and its key, leaves first: a sheet's name depends on the names it
 * holds. Sheets that import each other in a cycle get one joint hash. A sheet that must name a file which stays stays
 * too, unless the site's address is known and the file can be named absolutely.
 */
export function layOutStyles(work: LayoutWork): ReadonlyMap<SitePath, Linked> {
  const sheets = readSheets(work)
  for (const group of stronglyConnected([...sheets.keys()], (path) => linksOf(sheets, path))) {
    const members = group.flatMap((path) => sheets.get(path) ?? [])
    const together = new Set(group)
    const reason = members.map((sheet) => whySheetStays(work, sheet, together)).find((found) => found !== undefined)
    if (reason !== undefined) for (const { file } of members) work.kept.set(file.path, reason)
    else moveGroup(work, members, sheets)
    for (const sheet of members) noteLinked(work, sheet)
  }
  return sheets
}

/** Every style sheet that may move; those that cannot be read are kept, with a warning. */
function readSheets(work: LayoutWork): Map<SitePath, Linked> {
  const sheets = new Map<SitePath, Linked>()
  for (const file of work.input.files) {
    const fileClass = work.classes.get(file.path)
    if (!isStyle(file.path) || (fileClass !== 'style' && fileClass !== 'bundle')) continue
    const source = readLinkedText(work, file)
    if (source === undefined) continue
    const read = (): ReadText<null> => ({ ...cssReferences(source.text, { context: 'sheet' }), facts: null })
    const { references } = work.texts.recall('sheet', factsOf(work, file.path).sha256, read)
    sheets.set(file.path, link(work, { file, source }, references))
  }
  return sheets
}

function whySheetStays(work: LayoutWork, sheet: Linked, group: ReadonlySet<SitePath>): string | undefined {
  if (!isEmitted(work, sheet)) return whyLinksKeep(work, sheet, group)
  return work.input.build?.rewritten ? undefined : whyEmittedStays(work, sheet, (path) => work.moved.get(path)?.key)
}

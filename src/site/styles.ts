import { hash } from 'node:crypto'
import type { Key, SitePath } from '../model.ts'
import { bundleKey } from '../plan/naming.ts'
import { rewriteDocument } from '../rewrite/edits.ts'
import { stronglyConnected } from '../rewrite/graph.ts'
import { whyKept } from '../rewrite/policy.ts'
import type { Reference } from '../rewrite/reference.ts'
import { encodePath, relativeUrl, urlOfKey } from '../rewrite/url.ts'
import { EXCLUDED, factsOf, isNowhere, type LayoutWork, type Outcome, whyUnmoved } from './layout-work.ts'
import { fileBody, madeBody } from './read.ts'
import { importsOf, readSheets, type Sheet, type SheetReference } from './sheet.ts'
import { readText } from './text.ts'

/**
 * Gives every style sheet that may move its bytes and its key, leaves first: a sheet's name depends on the names it
 * holds. Sheets that import each other in a circle get one joint hash. A sheet that must name a file which stays stays
 * too, unless the site's address is known and the file can be named absolutely.
 */
export function layOutStyles(work: LayoutWork): void {
  const sheets = readSheets(work)
  for (const group of stronglyConnected([...sheets.keys()], (path) => importsOf(sheets, path))) {
    const members = group.flatMap((path) => sheets.get(path) ?? [])
    const reason = members.map((sheet) => whySheetStays(work, sheet, group)).find((found) => found !== undefined)
    if (reason !== undefined) for (const { file } of members) work.kept.set(file.path, reason)
    else moveGroup(work, members, sheets)
    for (const sheet of members) noteSheet(work, sheet)
  }
}

function whySheetStays(work: LayoutWork, sheet: Sheet, group: readonly SitePath[]): string | undefined {
  if (isEmitted(work, sheet)) return work.input.build?.rewritten ? undefined : whyEmittedStays(work, sheet)
  for (const entry of sheet.references) {
    const { reference, target, home, isWritable } = entry
    if (target === undefined && home === undefined) continue
    if (!isWritable) return `its encoding cannot write ${reference.url} anew`
    if (work.input.site !== undefined) continue
    if (target === undefined) return `it names ${reference.url}, which is no file of the site`
    const reason = whyTargetStays(work, reference, target, group)
    if (reason !== undefined) return `it names ${target}, which stays: ${reason}`
  }
  return undefined
}

function whyTargetStays(
  work: LayoutWork,
  reference: Reference,
  target: SitePath,
  group: readonly SitePath[],
): string | undefined {
  const kept = whyKept(reference, work.policy)
  if (kept !== undefined) return kept
  const moves = work.moved.has(target) || (group.includes(target) && !work.kept.has(target))
  return moves ? undefined : whyUnmoved(work, target)
}

function isEmitted(work: LayoutWork, sheet: Sheet): boolean {
  return work.classes.get(sheet.file.path) === 'bundle'
}

/** An emitted sheet is never edited, so it may move only when what it says is still right where it lies then. */
function whyEmittedStays(work: LayoutWork, sheet: Sheet): string | undefined {
  const from = bundleKey(sheet.file.path)
  for (const { reference, target, home } of sheet.references) {
    if (home !== undefined) return `its bundler wrote it to name ${reference.url} at the site, and it is not edited`
    if (target === undefined) continue
    const lands = new URL(reference.url, `http://store.invalid/${encodeURI(from)}`).pathname.slice(1)
    const key = work.moved.get(target)?.key
    if (key === undefined || lands !== encodeURI(key) || whyKept(reference, work.policy) !== undefined) {
      return `its bundler wrote it to name ${target} beside it, and emitted files are not edited`
    }
  }
  return undefined
}

function moveGroup(work: LayoutWork, members: readonly Sheet[], sheets: ReadonlyMap<SitePath, Sheet>): void {
  const [only] = members
  const isCircle =
    members.length > 1 || (only !== undefined && importsOf(sheets, only.file.path).includes(only.file.path))
  if (only !== undefined && isEmitted(work, only)) {
    for (const { file } of members) work.move(file.path, fileBody(file, factsOf(work, file.path).sha256), true)
  } else if (isCircle) {
    moveCircle(work, members)
  } else {
    for (const sheet of members) moveSheet(work, sheet, (path) => work.moved.get(path)?.key)
  }
}

/** One joint hash: over every member's text with the circle's own links taken out, and over what they name outside. */
function moveCircle(work: LayoutWork, members: readonly Sheet[]): void {
  const inside = new Set(members.map(({ file }) => file.path))
  const keyOutside = (path: SitePath): Key | undefined => (inside.has(path) ? undefined : work.moved.get(path)?.key)
  const parts = members.map((sheet) => `${sheet.file.path}\n${hash('sha256', sheetBytes(work, sheet, keyOutside))}`)
  const joint = hash('sha256', parts.sort().join('\n'))
  const keys = new Map<SitePath, Key>()
  for (const sheet of members) {
    const { file } = sheet
    work.move(
      file.path,
      fileBody(file, factsOf(work, file.path).sha256),
      false,
      hash('sha256', `${joint}\n${file.path}`),
    )
    keys.set(file.path, work.moved.get(file.path)?.key ?? '')
  }
  for (const sheet of members) {
    const moved = work.moved.get(sheet.file.path)
    const body = sheetBody(work, sheet, (path) => keys.get(path) ?? work.moved.get(path)?.key)
    if (moved !== undefined) work.moved.set(sheet.file.path, { ...moved, body })
  }
}

function moveSheet(work: LayoutWork, sheet: Sheet, keyOf: (path: SitePath) => Key | undefined): void {
  const body = sheetBody(work, sheet, keyOf)
  work.move(sheet.file.path, body, body.sha256 === factsOf(work, sheet.file.path).sha256)
}

function sheetBody(
  work: LayoutWork,
  sheet: Sheet,
  keyOf: (path: SitePath) => Key | undefined,
): ReturnType<typeof madeBody> {
  const bytes = sheetBytes(work, sheet, keyOf)
  return madeBody(sheet.file.path, bytes.byteLength, hash('sha256', bytes), () => sheetBytes(work, sheet, keyOf))
}

/** The sheet's bytes with every link to a moved file written for the place where the sheet will lie. */
function sheetBytes(
  work: LayoutWork,
  { file, references }: Sheet,
  keyOf: (path: SitePath) => Key | undefined,
): Uint8Array {
  const source = readText(file, factsOf(work, file.path))
  if (source === undefined) return new Uint8Array()
  const byReference = new Map(references.map((entry) => [entry.reference, entry]))
  const document = { references: references.map(({ reference }) => reference), base: undefined }
  const { text } = rewriteDocument(source.text, document, (reference) => {
    const entry = byReference.get(reference)
    return entry === undefined ? undefined : sheetUrl(work, file.path, entry, keyOf)
  })
  return source.encode(text)
}

/**
 * Relative, so that assets do not depend on the CDN's address; absolute in a custom property, which resolves where it
 * is used, and for what stays at the origin.
 */
function sheetUrl(
  work: LayoutWork,
  from: SitePath,
  { reference, target, home, tail }: SheetReference,
  keyOf: (path: SitePath) => Key | undefined,
): string | undefined {
  const { site, url } = work.input
  if (target === undefined) {
    return home === undefined || site === undefined ? undefined : new URL(home, site).href + tail
  }
  const key = whyKept(reference, work.policy) === undefined ? keyOf(target) : undefined
  if (key === undefined) return site === undefined ? undefined : new URL(`./${encodePath(target)}`, site).href + tail
  return (reference.absolute ? urlOfKey(url, key) : relativeUrl(bundleKey(from), key)) + tail
}

/** Tells what became of each of a sheet's references, once its own fate is known. */
function noteSheet(work: LayoutWork, { file, references }: Sheet): void {
  const { onReference } = work.input
  if (onReference === undefined) return
  for (const entry of references) {
    const { line, place, url } = entry.reference
    onReference({ from: file.path, line, place, url, ...outcomeIn(work, file.path, entry) })
  }
}

function outcomeIn(work: LayoutWork, sheet: SitePath, { reference, target, outcome }: SheetReference): Outcome {
  if (target === undefined) return outcome
  if (isNowhere(work, target)) return { result: 'missing', target, detail: EXCLUDED }
  const sheetStays = work.kept.has(sheet)
  const reason = sheetStays ? 'its style sheet stays' : whyTargetStays(work, reference, target, [])
  const key = reason === undefined ? work.moved.get(target)?.key : undefined
  return { result: key === undefined ? 'kept' : 'moved', target, detail: key ?? reason ?? '' }
}

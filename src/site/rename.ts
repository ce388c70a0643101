import { hash } from 'node:crypto'
import { bundleKey } from '../plan/naming.ts'
import { rewriteDocument } from '../rewrite/edits.ts'
import { whyKept } from '../rewrite/policy.ts'
import type { Reference, ReferenceUse } from '../rewrite/reference.ts'
import { encodePath, relativeUrl, urlOfKey } from '../rewrite/url.ts'
import type { Key, SitePath } from '../words/model.ts'
import { EXCLUDED, factsOf, isNowhere, type LayoutWork, type Outcome, whyUnmoved } from './layout-work.ts'
import { type Linked, type LinkedReference, linksOf } from './linked.ts'
import { fileBody, madeBody } from './read.ts'
import { readText } from './text/text.ts'

/**
 * Why an editable text has to stay nevertheless; undefined when all its references can be written for its new place.
 * `group` are the texts that move together with it.
 */
export function whyLinksKeep(
  work: LayoutWork,
  { references }: Linked,
  group: ReadonlySet<SitePath>,
): string | undefined {
  for (const { reference, target, home, isWritable } of references) {
    if (target === undefined && home === undefined) continue
    if (!isWritable) return `its encoding cannot write ${reference.url} anew`
    if (canNameHome(work)) continue
    if (target === undefined) return `it names ${reference.url}, which is no file of the site`
    const reason = whyTargetStays(work, reference, target, group)
    if (reason !== undefined) return `it names ${target}, which stays: ${reason}`
  }
  return undefined
}

/** Whether a moved text can name what stays at the site. */
export function canNameHome({ input, policy }: LayoutWork): boolean {
  return input.site !== undefined || policy.sameOrigin
}

function whyTargetStays(
  work: LayoutWork,
  reference: Reference,
  target: SitePath,
  group: ReadonlySet<SitePath>,
): string | undefined {
  const kept = whyKept(reference, work.policy)
  if (kept !== undefined) return kept
  const moves =
    work.moved.has(target) || (group.has(target) && !work.kept.has(target)) || canFollow(work, reference, target)
  return moves ? undefined : whyUnmoved(work, target)
}

/** What only scripts name (data, WebAssembly) moves with the script that names it. */
function canFollow({ classes, files, isKept }: LayoutWork, { use }: Reference, target: SitePath): boolean {
  if (use !== 'import' && use !== 'import-url') return false
  return classes.get(target) === 'other' && !files.get(target)?.originOnly && !isKept(target)
}

/** Its bundler gave it its name, and it is never edited. */
export function isEmitted(work: LayoutWork, { file }: Linked): boolean {
  return work.classes.get(file.path) === 'bundle'
}

/** A bundler wrote it, under whatever name. */
export function isNeverEdited(work: LayoutWork, text: Linked): boolean {
  return isEmitted(work, text) || (work.input.build?.emitted?.has(text.file.path) ?? false)
}

/** An emitted text is never edited, so it may move only if its references still resolve correctly at its new place. */
export function whyEmittedStays(
  work: LayoutWork,
  text: Linked,
  keyOf: (path: SitePath) => Key | undefined,
): string | undefined {
  const from = bundleKey(text.file.path)
  for (const { reference, target, home } of text.references) {
    if (home !== undefined) return `its bundler wrote it to name ${reference.url} at the site, and it is not edited`
    if (target === undefined || isSafeFromRoot(work, reference)) continue
    const lands = new URL(reference.url, `http://store.invalid/${encodeURI(from)}`).pathname.slice(1)
    const key = keyOf(target)
    if (key === undefined || lands !== encodeURI(key) || whyKept(reference, work.policy) !== undefined) {
      return `its bundler wrote it to name ${target} beside it, and emitted files are not edited`
    }
  }
  return undefined
}

/** On the same origin a root-relative URL leads to the file's own copy. Not for modules: those would run twice. */
function isSafeFromRoot({ policy }: LayoutWork, { url, use }: Reference): boolean {
  return policy.sameOrigin && /^[/\\]/.test(url) && use !== 'import'
}

/** Gives the texts of one group their bytes and keys. What they reference outside the group already has its key. */
export function moveGroup(work: LayoutWork, members: readonly Linked[], texts: ReadonlyMap<SitePath, Linked>): void {
  for (const text of members) moveFollowers(work, text)
  const [only] = members
  const isCircle = members.length > 1 || (only !== undefined && linksOf(texts, only.file.path).includes(only.file.path))
  if (only !== undefined && isEmitted(work, only)) {
    for (const { file } of members) work.move(file.path, fileBody(file, factsOf(work, file.path).sha256), true)
  } else if (isCircle) {
    moveCircle(work, members)
  } else {
    for (const text of members) moveText(work, text, (path) => work.moved.get(path)?.key)
  }
}

function moveFollowers(work: LayoutWork, { references }: Linked): void {
  for (const { reference, target } of references) {
    const file = target === undefined ? undefined : work.files.get(target)
    if (file === undefined || work.moved.has(file.path) || !canFollow(work, reference, file.path)) continue
    work.move(file.path, fileBody(file, factsOf(work, file.path).sha256), true)
  }
}

/** For a cycle: one joint hash over every member's text, without the links inside it and with the keys outside. */
function moveCircle(work: LayoutWork, members: readonly Linked[]): void {
  const inside = new Set(members.map(({ file }) => file.path))
  const keyOutside = (path: SitePath): Key | undefined => (inside.has(path) ? undefined : work.moved.get(path)?.key)
  const parts = members.map((text) => `${text.file.path}\n${hash('sha256', textBytes(work, text, keyOutside))}`)
  const joint = hash('sha256', parts.sort().join('\n'))
  const keys = new Map<SitePath, Key>()
  for (const { file } of members) {
    const body = fileBody(file, factsOf(work, file.path).sha256)
    work.move(file.path, body, false, hash('sha256', `${joint}\n${file.path}`))
    keys.set(file.path, work.moved.get(file.path)?.key ?? '')
  }
  for (const text of members) {
    const moved = work.moved.get(text.file.path)
    const body = textBody(work, text, (path) => keys.get(path) ?? work.moved.get(path)?.key)
    if (moved !== undefined) work.moved.set(text.file.path, { ...moved, body })
  }
}

function moveText(work: LayoutWork, text: Linked, keyOf: (path: SitePath) => Key | undefined): void {
  const body = textBody(work, text, keyOf)
  work.move(text.file.path, body, body.sha256 === factsOf(work, text.file.path).sha256)
}

function textBody(
  work: LayoutWork,
  text: Linked,
  keyOf: (path: SitePath) => Key | undefined,
): ReturnType<typeof madeBody> {
  const bytes = textBytes(work, text, keyOf)
  return madeBody(text.file.path, bytes.byteLength, hash('sha256', bytes), () => textBytes(work, text, keyOf))
}

/** The text's bytes with every link to a moved file written for the place where it will lie. */
function textBytes(
  work: LayoutWork,
  { file, references }: Linked,
  keyOf: (path: SitePath) => Key | undefined,
): Uint8Array {
  const source = readText(file, factsOf(work, file.path))
  if (source === undefined) return new Uint8Array()
  const byReference = new Map(references.map((entry) => [entry.reference, entry]))
  const document = { references: references.map(({ reference }) => reference), base: undefined }
  const { text } = rewriteDocument(source.text, document, (reference) => {
    const entry = byReference.get(reference)
    return entry === undefined ? undefined : linkUrl(work, file.path, entry, keyOf)
  })
  return source.encode(text)
}

/**
 * Relative, so that assets do not depend on the CDN's address; absolute in a custom property, which resolves where it
 * is used, and for what stays at the origin.
 */
function linkUrl(
  work: LayoutWork,
  from: SitePath,
  { reference, target, home, tail }: LinkedReference,
  keyOf: (path: SitePath) => Key | undefined,
): string | undefined {
  if (target === undefined) return home === undefined ? undefined : homeUrl(work, home, tail)
  const key = whyKept(reference, work.policy) === undefined ? keyOf(target) : undefined
  if (key === undefined) return homeUrl(work, work.input.base + encodePath(target), tail)
  if (reference.absolute) return urlOfKey(work.input.url, key) + tail
  const relative = relativeUrl(bundleKey(from), key) + tail
  // without a dot it would be a bare specifier
  const isName = (reference.use === 'import' || reference.use === 'import-url') && !relative.startsWith('.')
  return isName ? `./${relative}` : relative
}

/** A path of the site's own host as moved texts can name it. */
function homeUrl({ input, policy }: LayoutWork, path: string, tail: string): string | undefined {
  if (input.site !== undefined) return new URL(path, input.site).href + tail
  return policy.sameOrigin ? path + tail : undefined
}

/** Reports the outcome of each reference of a text, once it is known whether the text itself moves. */
export function noteLinked(work: LayoutWork, { file, references }: Linked): void {
  const uses = new Set<ReferenceUse>()
  for (const entry of references) {
    const { line, place, url, use } = entry.reference
    const outcome = outcomeIn(work, file.path, entry)
    if (outcome.result === 'moved') uses.add(use)
    work.input.onReference?.({ from: file.path, line, place, url, use, ...outcome })
  }
  const links = references.flatMap(({ target }) => (target === undefined ? [] : [target]))
  work.textUses.set(file.path, { uses, links })
}

function outcomeIn(work: LayoutWork, from: SitePath, { reference, target, outcome }: LinkedReference): Outcome {
  if (target === undefined) return outcome
  if (isNowhere(work, target)) return { result: 'missing', target, detail: EXCLUDED }
  const reason = work.kept.has(from) ? 'what names it stays' : whyTargetStays(work, reference, target, NOBODY)
  const key = reason === undefined ? work.moved.get(target)?.key : undefined
  return { result: key === undefined ? 'kept' : 'moved', target, detail: key ?? reason ?? '' }
}

const NOBODY: ReadonlySet<SitePath> = new Set()

import type { Delivery, ResolvedCompressRule, ResolvedHeaderRule } from '../config/interface.ts'
import { classify } from '../plan/classify.ts'
import { compressionRules, type Packing } from '../plan/compression.ts'
import { type HeaderDecision, headerRules } from '../plan/headers.ts'
import { matcher } from '../plan/patterns.ts'
import type { DesiredObject } from '../plan/plan.ts'
import type { StoreLimits } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { Body, HeaderSet, Key, SitePath } from '../words/model.ts'
import { contentTypeOf } from './content-type/content-type.ts'
import type { FileFacts, SiteFile } from './file.ts'
import type { Layout } from './layout.ts'
import { fileBody } from './read.ts'
import type { Survey } from './survey.ts'

/** An object that should exist, with the rule behind each of its headers. */
export interface Desired extends DesiredObject {
  readonly rules: HeaderDecision['rules']
  /** How it is to be compressed on its way into the store. */
  readonly packing: Packing | undefined
}

export interface DesiredInput {
  readonly survey: Survey
  readonly layout: Layout | undefined
  readonly delivery: Delivery
  readonly keep: readonly string[]
  readonly headers: readonly ResolvedHeaderRule[]
  readonly compress: readonly ResolvedCompressRule[]
}

/**
 * What should lie in the store, before compression, by mode: mirror puts every file at its own path; offload the moved
 * files under their hashed keys; host both, with pages as rewritten. In host mode a moved file keeps a copy at its own
 * path, because addresses that scripts assemble are unknown.
 * @throws E_KEY_CONFLICT
 */
export function desiredObjects(input: DesiredInput): Desired[] {
  const { layout, delivery } = input
  const moved = [...(layout?.moved.values() ?? []), ...(layout?.beside.values() ?? [])].map(
    ({ path, key, fileClass, body, headers, packing }): Desired => ({
      key,
      path,
      fileClass,
      body,
      mutable: false,
      headers: headers.headers,
      rules: headers.rules,
      packing,
    }),
  )
  const own = delivery.mode === 'offload' ? [] : ownPathObjects(input)
  if (moved.length === 0) return own // paths are unique
  const all = [...moved, ...own]
  refuseConflicts(all)
  return all
}

function ownPathObjects({ survey, layout, keep, headers, compress }: DesiredInput): Desired[] {
  const headersFor = headerRules(headers)
  const packingFor = compressionRules(compress)
  const kept = matcher(keep)
  const objects: Desired[] = []
  for (const file of survey.files) {
    const facts = survey.facts.get(file.path)
    if (facts === undefined || file.originOnly) continue
    const fileClass = layout?.classes.get(file.path) ?? classify(file.path, { keep: kept, build: survey.build })
    const type = contentTypeOf(file.path, facts)
    const decided = headersFor({
      path: file.path,
      fileClass,
      hashed: layout === undefined && fileClass === 'bundle',
      fallback: layout?.moved.has(file.path) ?? false,
      contentType: type.value,
      contentEncoding: type.encoding,
    })
    const body = layout?.pages.get(file.path)?.body ?? fileBody(file, facts.sha256)
    objects.push({
      key: file.path,
      path: file.path,
      fileClass,
      mutable: true,
      body,
      headers: decided.headers,
      rules: decided.rules,
      packing: packingFor({ path: file.path, size: body.size, magic: facts.magic, headers: decided.headers }),
    })
  }
  return objects
}

function refuseConflicts(objects: readonly Desired[]): void {
  const byKey = new Map<Key, SitePath>()
  const conflicts: string[] = []
  for (const { key, path } of objects) {
    const other = byKey.get(key)
    if (other !== undefined) conflicts.push(`${key}: ${other} and ${path}`)
    byKey.set(key, path)
  }
  if (conflicts.length === 0) return
  throw new LadingError('E_KEY_CONFLICT', 'Two files would get the same key', {
    details: conflicts,
    hint: 'Rename one of each pair.',
  })
}

/** Per UTF-16 code unit. */
const MOST_UTF8_BYTES = 3

const weightOf = (headers: HeaderSet): number =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0)

/** @throws E_KEY_TOO_LONG, E_TOO_LARGE, E_HEADER_INVALID: all checked before anything is sent */
export function checkLimits(objects: Iterable<DesiredObject>, limits: StoreLimits): void {
  const long: string[] = []
  const large: string[] = []
  const heavy: string[] = []
  const weights = new Map<HeaderSet, number>() // the files of a site share a few sets
  for (const { key, body, headers } of objects) {
    const bytes = key.length * MOST_UTF8_BYTES <= limits.keyBytes ? 0 : Buffer.byteLength(key)
    if (bytes > limits.keyBytes) long.push(`${key.slice(0, 60)}...: ${bytes} bytes, ${limits.keyBytes} fit`)
    if (body.size > limits.objectBytes) large.push(`${key}: ${body.size} bytes, ${limits.objectBytes} fit`)
    const weight = weights.get(headers) ?? weightOf(headers)
    weights.set(headers, weight)
    if (weight > limits.headerBytes) heavy.push(`${key}: ${weight} bytes, ${limits.headerBytes} fit`)
  }
  if (long.length > 0) {
    throw new LadingError('E_KEY_TOO_LONG', 'Some keys are longer than the store allows', {
      details: long,
      why: `A key may have 1,024 bytes, and the prefix takes ${1024 - limits.keyBytes} of them.`,
      hint: 'Choose a shorter prefix, or shorter folder and file names.',
    })
  }
  if (large.length > 0) {
    throw new LadingError('E_TOO_LARGE', 'Some files are larger than the store allows', {
      details: large,
      hint: 'Exclude them, or serve them from elsewhere.',
    })
  }
  if (heavy.length > 0) {
    throw new LadingError('E_HEADER_INVALID', 'Some headers are larger than the store allows', {
      details: heavy,
      hint: 'Shorten the header rules for these files.',
    })
  }
}

/** A file as the origin needs it, in full. */
export interface OriginEntry {
  readonly path: SitePath
  readonly body: Body
  readonly isPage: boolean
  /** A page or a manifest: its bytes are made, not copied. */
  readonly isRewritten: boolean
  /** Whether that has made others of them. */
  readonly isEdited: boolean
  /** Where it lies in the site, absolute, links resolved. */
  readonly disk: string
  /** See {@link SiteFile}: in place, only the file's own path is written. */
  readonly isAlias: boolean
}

/** Every file of the origin: pages as rewritten, all others as they are, also those that moved. */
export function originEntries(survey: Survey, layout: Layout): OriginEntry[] {
  return survey.files.flatMap((file) => {
    const facts = survey.facts.get(file.path)
    return facts === undefined ? [] : [originEntry(file, facts, layout)]
  })
}

function originEntry(file: SiteFile, facts: FileFacts, layout: Layout): OriginEntry {
  const page = layout.pages.get(file.path)
  const isPage = layout.classes.get(file.path) === 'page'
  const { path, disk, isAlias } = file
  return {
    path,
    disk,
    isAlias,
    body: page?.body ?? fileBody(file, facts.sha256),
    isPage,
    isRewritten: page !== undefined,
    isEdited: page !== undefined && page.body.sha256 !== facts.sha256,
  }
}

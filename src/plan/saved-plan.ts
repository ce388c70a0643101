import { hash } from 'node:crypto'
import { printable } from '../words/errors.ts'
import { sameHeaders } from '../words/headers.ts'
import type { Digest, HeaderSet } from '../words/model.ts'

const TYPE = 'lading-plan'
const VERSION = 1

/**
 * A plan in a file. It is no list that is carried out: whoever carries it out plans anew and compares, so a file from
 * elsewhere can stop a deploy and never steer one. Its form is documented in docs/plan.md and is a contract.
 */
export interface SavedPlan {
  /** Version of Lading. */
  readonly lading: string
  /** Whatever decides what is published, and where. Credentials are never part of it. */
  readonly options: Readonly<Record<string, unknown>>
  /** What was live. */
  readonly store: {
    /** Number of the last publish; 0 before the first. */
    readonly seq: number
    /** Of the channel. */
    readonly release: string | null
    readonly manifest: Digest | null
  }
  /** Whether there is anything to publish. */
  readonly publishes: boolean
  /** Digest of the release that is to be live. */
  readonly content: Digest
  readonly changes: readonly PlannedChange[]
}

/**
 *   add, change, adopt, headers, expire, remove   an object of the store, as in events
 *   write, delete                                 a file in the folder of the origin
 */
export interface PlannedChange {
  readonly op: 'add' | 'change' | 'adopt' | 'headers' | 'expire' | 'remove' | 'write' | 'delete'
  /** The object's key, or the file's path in the folder. */
  readonly key: string
  /** Of the bytes that lie there afterwards. */
  readonly sha256?: Digest | undefined
  readonly bytes?: number | undefined
  readonly headers?: HeaderSet | undefined
}

export function encodeSavedPlan(plan: SavedPlan): string {
  const file = { type: TYPE, v: VERSION, ...plan }
  return `${JSON.stringify({ ...file, sha256: digestOf(file) }, null, 2)}\n`
}

/** Why a text is no plan that can be used: it never was one, is damaged or edited, or has the form of another version. */
export type Unusable = 'foreign' | 'damaged' | 'version'

export function decodeSavedPlan(text: string): SavedPlan | Unusable {
  if (!isMarked(text)) return 'foreign'
  try {
    return checked(JSON.parse(text) as Record<string, unknown>) // it begins with a brace
  } catch {
    return 'damaged' // no JSON, or nested more deeply than it can be written
  }
}

function checked(file: Record<string, unknown>): SavedPlan | Unusable {
  if (file.type !== TYPE) return 'damaged'
  if (file.v !== VERSION) return 'version'
  const { sha256, ...rest } = file
  return sha256 === digestOf(rest) && isSavedPlan(rest) ? rest : 'damaged'
}

/** Whether a file holds a plan, whole or not. */
export const isMarked = (text: string): boolean => /^\s*\{\s*"type":\s*"lading-plan"/.test(text)

const digestOf = (file: object): Digest => hash('sha256', JSON.stringify(file))

function isSavedPlan(file: Record<string, unknown>): file is Record<string, unknown> & SavedPlan {
  return (
    typeof file.lading === 'string' &&
    typeof file.content === 'string' &&
    typeof file.publishes === 'boolean' &&
    isObject(file.options) &&
    isObject(file.store) &&
    Array.isArray(file.changes) &&
    file.changes.every((change) => isObject(change) && typeof change.op === 'string' && typeof change.key === 'string')
  )
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Options of today that are not those of the plan, a line for each value that differs. */
export function optionDifferences(saved: SavedPlan, options: SavedPlan['options']): string[] {
  return valueDifferences('', saved.options, options).map(printable)
}

/** Longer values are not shown: two of them would have to be searched for what differs. */
const SHOWN = 100

function valueDifferences(name: string, planned: unknown, today: unknown): string[] {
  if (isRecord(planned) && isRecord(today)) {
    const keys = [...new Set([...Object.keys(planned), ...Object.keys(today)])]
    return keys.flatMap((key) => valueDifferences(name === '' ? key : `${name}.${key}`, planned[key], today[key]))
  }
  const [before, now] = [planned, today].map((value) => JSON.stringify(value) ?? 'nothing')
  if (before === now) return []
  const isShown = [before, now].every((value) => value !== undefined && value.length <= SHOWN)
  return [`option ${name}: ${isShown ? `planned with ${before}, now ${now}` : 'not as it was planned with'}`]
}

const isRecord = (value: unknown): value is Record<string, unknown> => isObject(value) && !Array.isArray(value)

/**
 * What would be done now and is not what was planned, a line for each; consequences are left out where a cause is known.
 * @param isDone whether a planned change that nobody would make now was made already, by a run that died over this plan
 */
export function planDifferences(
  saved: SavedPlan,
  now: SavedPlan,
  isDone: (change: PlannedChange) => boolean,
): string[] {
  const stores = storeDifferences(saved, now)
  if (stores.length > 0) return stores
  const changes = changeDifferences(saved, now, isDone)
  if (changes.length > 0) return changes
  if (saved.content !== now.content)
    return ['site: the same changes, but another release: files were renamed or removed']
  if (saved.publishes === now.publishes) return []
  return [
    now.publishes ? 'store: nothing was to be published, now there is' : 'store: there is nothing to publish any more',
  ]
}

function storeDifferences(saved: SavedPlan, now: SavedPlan): string[] {
  const [before, today] = [placeOf(saved), placeOf(now)]
  if (before !== today) return [`store: planned on ${before}, now ${today}`]
  return saved.store.manifest === now.store.manifest
    ? []
    : [`store: planned on ${before}, of which it now has another record`]
}

function placeOf({ store: { seq, release } }: SavedPlan): string {
  if (seq === 0) return 'an empty store'
  return printable(`publish ${seq} (${release === null ? 'nothing in this channel' : release})`)
}

function changeDifferences(saved: SavedPlan, now: SavedPlan, isDone: (change: PlannedChange) => boolean): string[] {
  const [before, today] = [byName(saved), byName(now)]
  const others = [...today].flatMap(([name, change]) => {
    const planned = before.get(name)
    if (planned === undefined) return [`${name}: not in the plan`]
    if (planned.sha256 !== change.sha256) return [`${name}: other contents than planned`]
    return sameHeaders(planned.headers ?? {}, change.headers ?? {}) ? [] : [`${name}: other headers than planned`]
  })
  const missing = [...before].filter(([name, change]) => !today.has(name) && !isDone(change))
  return [...others, ...missing.map(([name]) => `${name}: planned, and not to be done now`)].map(printable)
}

const byName = ({ changes }: SavedPlan): Map<string, PlannedChange> =>
  new Map(changes.map((change) => [`${change.op} ${change.key}`, change]))

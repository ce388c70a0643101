import { setImmediate } from 'node:timers/promises'
import { type Manifest, type ManifestRow, packManifest } from '../plan/manifest.ts'
import { type Action, isTransfer } from '../plan/plan.ts'
import { encodeContent, type ReleaseContent } from '../plan/release.ts'
import type { Key } from '../words/model.ts'
import type { Outcome } from './upload.ts'

export interface RecordsInput {
  readonly seq: number
  readonly manifest: Manifest | undefined
  readonly actions: readonly Action[]
  readonly content: ReleaseContent
  /** What the upload of each object came to; of those that are under way, when that has ended. */
  readonly outcomes: ReadonlyMap<Key, Outcome>
  /** Keys of objects that are still to arrive. */
  readonly underWay: readonly Key[]
}

/** What a publish records, as far as it is known. */
export interface Records {
  /** The release's content, encoded. */
  readonly content: Uint8Array
  /** What was under way when they were begun. */
  readonly underWay: readonly Key[]
  /**
   * To be called when nothing is under way any more, or as if.
   * @param at ISO 8601
   * @param outcomes of what was under way. @default those of the input, by then
   */
  finish(at: string, outcomes?: ReadonlyMap<Key, Outcome>): FinishedRecords
}

export interface FinishedRecords {
  readonly rows: ReadonlyMap<Key, ManifestRow>
  /** The manifest, encoded. */
  readonly manifest: Promise<Uint8Array>
}

/** With more than these the records are begun at the end: there is less to gain, and memory is wanted for the upload. */
const FEW_UNDER_WAY = 1000

/** Begins the records while the network is waited for, a turn later: by then the next request has left. */
export function beginAhead(input: RecordsInput): Promise<Records> | undefined {
  if (input.underWay.length > FEW_UNDER_WAY) return undefined
  const begun = setImmediate().then(() => beginRecords(input))
  begun.catch(() => {}) // nobody asks for it where the deploy is not taken
  return begun
}

/** Packs all that is known of what a publish will record; the rows of what is under way follow when it has arrived. */
export function beginRecords({ seq, manifest, actions, content, outcomes, underWay }: RecordsInput): Records {
  const rows = new Map(manifest?.rows)
  const awaited = new Set(underWay)
  const late: Action[] = []
  for (const action of actions) {
    if (isAsItWas(action)) continue
    if (action.op === 'expire' || (isTransfer(action) && awaited.has(action.object.key))) late.push(action)
    apply(rows, action, { outcomes, at: '' })
  }
  const keys = new Set(late.map((action) => ('object' in action ? action.object.key : action.stored.key)))
  const pack = packManifest({ seq, rows }, keys)
  return {
    content: encodeContent(content),
    underWay,
    finish(at, arrived = outcomes) {
      for (const action of late) apply(rows, action, { outcomes: arrived, at })
      return { rows, manifest: pack(rows) }
    },
  }
}

/** True for most actions: the row stays as it is. */
const isAsItWas = (action: Action): boolean =>
  action.op === 'keep' &&
  action.stored.unnamedSince === undefined &&
  (action.object.mutable || action.stored.etag === undefined)

interface Done {
  readonly outcomes: ReadonlyMap<Key, Outcome>
  /** Since when nobody names what expires, ISO 8601. */
  readonly at: string
}

function apply(rows: Map<Key, ManifestRow>, action: Action, { outcomes, at }: Done): void {
  if (action.op === 'remove') rows.delete(action.stored.key)
  else if (action.op === 'expire') rows.set(action.stored.key, { ...action.stored, unnamedSince: at })
  else rows.set(action.object.key, rowOf(action.object, outcomes.get(action.object.key), rows))
}

function rowOf(
  { key, body, headers, mutable }: Exclude<Action, { op: 'expire' | 'remove' }>['object'],
  outcome: Outcome | undefined,
  rows: ReadonlyMap<Key, ManifestRow>,
): ManifestRow {
  const etag = mutable ? (outcome?.etag ?? rows.get(key)?.etag) : undefined
  const { sha256, size } = outcome?.held ?? body
  return { key, sha256, size, headers, etag, unnamedSince: undefined }
}

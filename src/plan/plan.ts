import { isPage } from '../rewrite/keep.ts'
import { sameHeaders } from '../words/headers.ts'
import type { Body, ETag, FileClass, HeaderSet, Key, SitePath } from '../words/model.ts'
import type { Manifest, ManifestRow } from './manifest.ts'
import { isAtOwnPath } from './naming.ts'

/** One object as it should lie in the store. */
export interface DesiredObject {
  readonly key: Key
  readonly path: SitePath
  readonly fileClass: FileClass
  /** False for keys that carry a hash: their bytes never change, so they are only ever created. */
  readonly mutable: boolean
  readonly headers: HeaderSet
  readonly body: Body
}

/** What to do with one object, and why. */
export type Action =
  | {
      readonly op: 'put'
      readonly object: DesiredObject
      readonly stored: ManifestRow | undefined
      readonly reason: 'new' | 'content'
    }
  | { readonly op: 'confirm'; readonly object: DesiredObject; readonly reason: string }
  /** Somebody else's object with exactly these bytes, which becomes ours. */
  | { readonly op: 'adopt'; readonly object: DesiredObject; readonly etag: ETag; readonly reason: string }
  /** A damaged object under a name that carries a hash. */
  | { readonly op: 'mend'; readonly object: DesiredObject; readonly etag: ETag; readonly reason: string }
  | { readonly op: 'reheader'; readonly object: DesiredObject; readonly stored: ManifestRow; readonly reason: string }
  | { readonly op: 'keep'; readonly object: DesiredObject; readonly stored: ManifestRow; readonly reason: 'same' }
  | { readonly op: 'expire'; readonly stored: ManifestRow; readonly reason: string }
  | { readonly op: 'remove'; readonly stored: ManifestRow; readonly reason: string }

/** An action that reaches the store. */
export type Transfer = Extract<Action, { op: 'put' | 'confirm' | 'adopt' | 'mend' | 'reheader' }>

export function isTransfer(action: Action): action is Transfer {
  return action.op !== 'keep' && action.op !== 'expire' && action.op !== 'remove'
}

export interface PlanInput {
  /** Each key once. */
  readonly desired: Iterable<DesiredObject>
  readonly manifest: Manifest | undefined
  /** Keys that lie in the store already, with who has sent them; believed only after a look. */
  readonly sent: ReadonlyMap<Key, string>
  /** Keys in use although nothing here desires them: another channel's live release names them, or a page does. */
  readonly namedElsewhere: ReadonlySet<Key>
  /** Whether pages lie in the store, so that those which the site no longer has must go from there. */
  readonly hasPages: boolean
}

/**
 * Decides, purely, and gives each file its reason.
 *
 *   desired  in manifest  same bytes   same headers   action
 *   yes      no           -            -              put       new       (confirm, when a build has sent it)
 *   yes      yes          no           -              put       content
 *   yes      yes          yes          no             reheader  which headers
 *   yes      yes          yes          yes            keep      same
 *   no       yes          -            -              expire    unless another channel names it or it has expired before
 *   no       yes, a page  -            -              remove    unless another channel names it: it would still answer
 *                                                               to its address, expired or not
 */
export function plan(input: PlanInput): Action[] {
  const actions = planDesired(input)
  return [...actions, ...planRest(actions, input)]
}

/** The first four lines of the table above. */
export function planDesired({ desired, manifest, sent }: Pick<PlanInput, 'desired' | 'manifest' | 'sent'>): Action[] {
  const actions: Action[] = []
  for (const object of desired) actions.push(decide(object, manifest?.rows.get(object.key), sent))
  return actions
}

/** The last two lines: rows whose key is not desired. */
export function planRest(
  decided: readonly Action[],
  { manifest, namedElsewhere, hasPages }: Pick<PlanInput, 'manifest' | 'namedElsewhere' | 'hasPages'>,
): Action[] {
  const actions: Action[] = []
  const rows = manifest?.rows ?? new Map<Key, ManifestRow>()
  // most deploys leave no such rows, which counting shows
  const met = decided.reduce((count, action) => ('stored' in action && action.stored ? count + 1 : count), 0)
  if (met === rows.size) return actions
  const wanted = new Set(decided.map(keyOf))
  for (const stored of rows.values()) {
    if (wanted.has(stored.key) || namedElsewhere.has(stored.key)) continue
    if (hasPages && isPageOf(stored))
      actions.push({ op: 'remove', stored, reason: 'the site has no such page any more' })
    else if (stored.unnamedSince === undefined)
      actions.push({ op: 'expire', stored, reason: 'no longer named; kept until it is pruned' })
  }
  return actions
}

/** A page at its own path. */
const isPageOf = (row: ManifestRow): boolean => isPage(row.key) && isAtOwnPath(row)

const keyOf = (action: Action): Key => ('object' in action ? action.object.key : action.stored.key)

function decide(object: DesiredObject, stored: ManifestRow | undefined, sent: ReadonlyMap<Key, string>): Action {
  if (stored === undefined) {
    const reason = sent.get(object.key)
    return reason === undefined ? { op: 'put', object, stored, reason: 'new' } : { op: 'confirm', object, reason }
  }
  if (stored.sha256 !== object.body.sha256) return { op: 'put', object, stored, reason: 'content' }
  if (!sameHeaders(stored.headers, object.headers)) {
    return { op: 'reheader', object, stored, reason: describeHeaders(stored.headers, object.headers) }
  }
  return { op: 'keep', object, stored, reason: 'same' }
}

/** `cache-control: public, max-age=300 -> public, max-age=86400`. */
function describeHeaders(before: HeaderSet, after: HeaderSet): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${before[name] ?? 'unset'} -> ${after[name] ?? 'unset'}`)
    .join('; ')
}

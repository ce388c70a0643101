import type { Body, FileClass, HeaderSet, Key, SitePath } from '../model.ts'
import { sameHeaders } from './header-table.ts'
import type { Manifest, ManifestRow } from './manifest.ts'

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
  | { readonly op: 'confirm'; readonly object: DesiredObject; readonly reason: 'sent by the build' }
  | { readonly op: 'reheader'; readonly object: DesiredObject; readonly stored: ManifestRow; readonly reason: string }
  | { readonly op: 'keep'; readonly object: DesiredObject; readonly stored: ManifestRow; readonly reason: 'same' }
  | { readonly op: 'expire'; readonly stored: ManifestRow; readonly reason: string }

/** An action that reaches the store. */
export type Transfer = Extract<Action, { op: 'put' | 'confirm' | 'reheader' }>

export function isTransfer(action: Action): action is Transfer {
  return action.op === 'put' || action.op === 'confirm' || action.op === 'reheader'
}

export interface PlanInput {
  readonly desired: Iterable<DesiredObject>
  readonly manifest: Manifest | undefined
  /** Keys that a build has sent already; believed only after a look. */
  readonly sent: ReadonlySet<Key>
  /** Keys in use although nothing here desires them: another channel's live release names them, or a page does. */
  readonly namedElsewhere: ReadonlySet<Key>
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
 */
export function plan({ desired, manifest, sent, namedElsewhere }: PlanInput): Action[] {
  const actions: Action[] = []
  const wanted = new Set<Key>()
  for (const object of desired) {
    wanted.add(object.key)
    actions.push(decide(object, manifest?.rows.get(object.key), sent))
  }
  for (const stored of manifest?.rows.values() ?? []) {
    if (wanted.has(stored.key) || namedElsewhere.has(stored.key) || stored.unnamedSince !== undefined) continue
    actions.push({ op: 'expire', stored, reason: 'no longer named; kept until it is pruned' })
  }
  return actions
}

function decide(object: DesiredObject, stored: ManifestRow | undefined, sent: ReadonlySet<Key>): Action {
  if (stored === undefined) {
    return sent.has(object.key)
      ? { op: 'confirm', object, reason: 'sent by the build' }
      : { op: 'put', object, stored, reason: 'new' }
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

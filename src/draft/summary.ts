import type { Run } from '../line/run.ts'
import { type Action, isTransfer } from '../plan/plan.ts'
import type { Release } from '../plan/release.ts'
import { maskText } from '../site/secrets/mask-text.ts'
import type { OriginFile } from '../transfer/origin.ts'
import type { Outcome } from '../transfer/upload.ts'
import { EXIT } from '../words/errors.ts'
import type { FileEvent, ReferenceEvent, Summary } from '../words/events.ts'
import type { Key, Mode } from '../words/model.ts'
import { type Change, isNews, SENT_BY_US } from './change.ts'
import type { Draft } from './draft.ts'
import { SEEN } from './tally.ts'
import type { Unchanged } from './up-to-date.ts'

/** What has been done; in a dry run nothing. */
export interface Done {
  readonly outcomes: ReadonlyMap<Key, Outcome>
  readonly release: Release | undefined
}

/** One event for every object, and for every page and edited file that is written, in the order of the plan. */
export function fileEvents(draft: Change, done: Done | undefined, { tellsKept = true }: Run = {}): FileEvent[] {
  const isDone = done !== undefined
  const told = tellsKept ? draft.actions : draft.actions.filter(({ op }) => op !== 'keep')
  const objects = told.map((action) => ({ type: 'file' as const, ...describe(action, done), done: isDone }))
  return [...objects, ...rewrittenEvents(draft.origin?.write ?? [], isDone)]
}

/** Of what is written at the origin, each page, and each other file that is no copy of the site's. */
export function rewrittenEvents(written: readonly OriginFile[], done: boolean): FileEvent[] {
  return written
    .filter(({ isPage, isEdited }) => isPage || isEdited)
    .map(({ path, body }) => {
      return { type: 'file', op: 'page', key: path, path, bytes: body.size, reason: 'rewritten', done }
    })
}

function describe(action: Action, done: Done | undefined): Pick<FileEvent, 'op' | 'key' | 'path' | 'bytes' | 'reason'> {
  if (action.op === 'expire' || action.op === 'remove') {
    return { op: action.op, key: action.stored.key, bytes: action.stored.size, reason: action.reason }
  }
  const { key, path, body } = action.object
  if (action.op === 'confirm' && action.reason === SENT_BY_US)
    return { op: 'add', key, path, bytes: body.size, reason: 'new' }
  const reason = wasLost(action, done) ? `not in the store, although ${action.reason}` : action.reason
  return { op: toldOp(action, done), key, path, bytes: body.size, reason }
}

/** A hashed name that was said to be sent, but was missing. */
const wasLost = (action: Action, done: Done | undefined): boolean =>
  action.op === 'confirm' && done?.outcomes.get(action.object.key)?.sent === true

function toldOp(action: Action, done: Done | undefined): FileEvent['op'] {
  if (action.op === 'expire' || action.op === 'remove') return action.op
  const isAdded = action.op === 'confirm' && (action.reason === SENT_BY_US || wasLost(action, done))
  return isAdded ? 'add' : opOf(action)
}

function opOf(action: Exclude<Action, { op: 'expire' | 'remove' }>): FileEvent['op'] {
  if (action.op === 'put') return action.reason === 'new' ? 'add' : 'change'
  if (action.op === 'mend') return 'change'
  if (action.op === 'adopt') return 'adopt'
  return action.op === 'reheader' ? 'headers' : 'keep'
}

/** One event for each reference of which the run was asked to keep a note. */
export function referenceEvents({ notes, seen }: Draft['references']): ReferenceEvent[] {
  const kept = notes
    .filter(({ result }) => result === 'kept')
    .map(({ use: _, picture: __, ...note }) => ({ ...note, result: 'kept' as const }))
  const pictures = notes.flatMap(({ use: _, picture, ...note }) =>
    picture === undefined ? [] : [{ ...note, result: 'picture' as const, detail: picture }],
  )
  const strings = seen.map(({ key, ...note }) => ({ ...note, place: SEEN, result: 'seen' as const, detail: key }))
  return [...kept, ...pictures, ...strings].map((event) => ({ type: 'reference', ...event, url: maskText(event.url) }))
}

/** A run in numbers. */
export function summarize(draft: Draft, done: Done | undefined): Omit<Summary, 'ms'> {
  const { options, references, survey, warnings } = draft
  const { moved, kept, missing } = references.counts
  return {
    ...summarizeChange(draft, { mode: options.delivery.mode, channel: options.channel }, done),
    references: { moved, kept, missing },
    notUploaded: survey.skipped.length,
    warnings: warnings.length,
  }
}

/** The summary that the next run gives if nothing changes: nothing is left to do. */
export function unchangedAfter(draft: Draft, summary: Summary): Unchanged {
  const { previous: _, ms: __, ...rest } = summary
  const { files } = draft.survey
  const nothing = {
    added: 0,
    changed: 0,
    reheadered: 0,
    adopted: 0,
    expired: 0,
    removed: 0,
    bytes: 0,
    published: false,
  }
  return {
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    warnings: draft.warnings,
    summary: { ...rest, ...nothing, kept: draft.desired.length },
  }
}

/** The same for a change that did not come from a site. */
export function summarizeChange(
  change: Change,
  { mode, channel }: { readonly mode: Mode; readonly channel: string },
  done: Done | undefined,
): Omit<Summary, 'ms'> {
  const { live, actions, origin } = change
  const current = live?.pointer.channels.get(channel)
  const counts = new Map<FileEvent['op'], number>()
  for (const action of actions) {
    const op = toldOp(action, done)
    counts.set(op, (counts.get(op) ?? 0) + 1)
  }
  const count = (op: FileEvent['op']): number => counts.get(op) ?? 0
  return {
    ok: true,
    exit: EXIT.ok,
    mode,
    dryRun: done === undefined,
    release: done?.release?.id ?? current?.release,
    seq: done?.release?.seq ?? current?.seq,
    ...(done?.release?.previous && { previous: done.release.previous }),
    added: count('add'),
    changed: count('change'),
    reheadered: count('headers'),
    adopted: count('adopt'),
    kept: count('keep'),
    expired: count('expire'),
    removed: count('remove'),
    bytes: done === undefined ? plannedBytes(actions) : sentBytes(actions, done),
    pages: { written: pages(origin?.write), unchanged: pages(origin?.unchanged), removed: pages(origin?.remove) },
    ...originFiles(origin),
    published: isNews(change),
    references: { moved: 0, kept: 0, missing: 0 },
    notUploaded: 0,
    warnings: 0,
  }
}

function originFiles(origin: Change['origin']): Pick<Summary, 'originFiles'> {
  const { write = [], remove = [] } = origin ?? {}
  const [written, removed] = [write.length - pages(write), remove.length - pages(remove)]
  return written + removed === 0 ? {} : { originFiles: { written, removed } }
}

const pages = (list: readonly { readonly isPage: boolean }[] = []): number => list.filter(({ isPage }) => isPage).length

function plannedBytes(actions: readonly Action[]): number {
  return actions.reduce(
    (sum, action) => sum + (action.op === 'put' || action.op === 'mend' ? action.object.body.size : 0),
    0,
  )
}

/** Bytes of bodies that went over the wire. */
function sentBytes(actions: readonly Action[], { outcomes }: Pick<Done, 'outcomes'>): number {
  return actions
    .filter(isTransfer)
    .filter(({ object }) => outcomes.get(object.key)?.sent)
    .reduce((sum, { object }) => sum + object.body.size, 0)
}

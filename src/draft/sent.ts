import { type Action, isTransfer } from '../plan/plan.ts'
import type { Outcome } from '../transfer/upload.ts'
import type { Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import { SENT_BY_US } from './change.ts'

type Outcomes = ReadonlyMap<Key, Outcome>

/** What was sent in an earlier round stays sent, although the last one only found it there. */
export function addOutcomes(all: Map<Key, Outcome>, some: Outcomes): void {
  for (const [key, outcome] of some) all.set(key, { ...outcome, sent: outcome.sent || (all.get(key)?.sent ?? false) })
}

/** What a later round need not send again. */
export function sentByUs(outcomes: Outcomes): Map<Key, string> {
  return new Map([...outcomes].filter(([, { sent }]) => sent).map(([key]) => [key, SENT_BY_US]))
}

/** Says that the objects have arrived. */
export function saySent(
  actions: readonly Action[],
  outcomes: Outcomes,
  { emit, startedMs }: { readonly emit: Emit; readonly startedMs: number },
): void {
  if (outcomes.size === 0) return
  let bytes = 0
  for (const action of actions)
    if (isTransfer(action) && outcomes.get(action.object.key)?.sent) bytes += action.object.body.size
  emit({ type: 'phase', phase: 'upload', files: outcomes.size, bytes, ms: performance.now() - startedMs })
}

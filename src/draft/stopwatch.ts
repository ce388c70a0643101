import { type Action, isTransfer } from '../plan/plan.ts'
import type { Emit, Phase } from '../words/events.ts'

/** Reports each phase with the time since the one before. */
export type Lap = (phase: Phase, files: number, bytes: number) => void

export function stopwatch(emit: Emit): Lap {
  let last = performance.now()
  return (phase, files, bytes) => {
    const now = performance.now()
    emit({ type: 'phase', phase, files, bytes, ms: now - last })
    last = now
  }
}

/** The plan stands: how much there is to transfer. */
export function sayPlanned(lap: Lap, actions: readonly Action[]): void {
  const planned = actions.filter(isTransfer)
  const bytes = planned.reduce((sum, { op, object }) => sum + (op === 'put' ? object.body.size : 0), 0)
  lap('plan', planned.length, bytes)
}

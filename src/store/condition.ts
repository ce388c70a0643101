import type { ETag } from '../words/model.ts'
import type { WriteCondition } from './store.ts'

/** Whether a write may happen while the object's ETag is `current` (`undefined`: there is no object). */
export function conditionHolds(condition: WriteCondition | undefined, current: ETag | undefined): boolean {
  const when = condition?.when
  if (when === undefined) return true
  return when === 'absent' ? current === undefined : current === when.etag
}

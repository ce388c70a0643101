import { LadingError } from '../words/errors.ts'
import { plural } from '../words/units.ts'

/** How many objects one run may remove: within either bound it may. */
export interface MaxDelete {
  /** Of the objects in the manifest, 0 to 1. */
  readonly share: number
  readonly count: number
}

/** Ten per cent of what is there, or a hundred objects where that is more. */
export const DEFAULT_MAX_DELETE: MaxDelete = { share: 0.1, count: 100 }

/**
 * @param keys what would be removed
 * @param of how many objects there are
 * @throws E_MAX_DELETE
 */
export function checkMaxDelete(keys: readonly string[], of: number, max: MaxDelete): void {
  const most = Math.max(Math.floor(of * max.share), max.count)
  if (keys.length <= most) return
  throw new LadingError('E_MAX_DELETE', `${plural(keys.length, 'object')} of ${of} would be removed`, {
    details: keys,
    why: `One run may remove ${most}: more is usually a wrong folder or a broken build. Nothing was removed.`,
    hint: `If it is meant: --max-delete ${keys.length}`,
  })
}

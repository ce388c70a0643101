import { LadingError, type Lane } from '../index.ts'
import { LANES } from './batch-options.ts'

/** The lane that `--lane` names. @default 'std' @throws E_USAGE */
export function laneFlag(flag: unknown): Lane {
  if (flag === undefined) return 'std'
  const lane = LANES.find((name) => name === flag)
  if (lane) return lane
  throw new LadingError('E_USAGE', `there is no lane "${String(flag)}"`, { hint: 'It is hi, std or bulk.' })
}

import type { Stores } from '../draft/opened.ts'
import { LadingError } from '../words/errors.ts'

/** Each round of a run came too late. */
export function restless({ state }: Pick<Stores, 'state'>): LadingError {
  return new LadingError('E_POINTER_MOVED', 'Other deploys were published again and again while this one ran', {
    subject: state.label,
    why: 'This run started anew each time; what it uploaded stays and is not sent again, what it removed is gone.',
    hint: 'Run the same command again when less is being deployed.',
    retryable: true,
  })
}

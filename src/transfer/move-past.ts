import { encodeLive, type Pointer } from '../plan/pointer.ts'
import type { Live, State } from './state.ts'

interface Move {
  readonly next: Pointer
  /** The pointer as the run knows it. */
  readonly live: Live | undefined
  /** Asked before each request leaves; see the store's port. */
  readonly guard: () => void
}

/**
 * Moves the pointer, also past a run that has told the CDN meanwhile and has the pointer say so: nobody has published,
 * so nothing has to be planned again.
 * @returns the pointer as it is now; `undefined` when somebody else has moved it
 */
export async function movePast(state: State, { next, live, guard }: Move): Promise<Pointer | undefined> {
  if ((await state.movePointer(next, live?.etag, guard)) !== undefined) return next
  const now = await state.readPointer()
  if (live === undefined || now === undefined) return undefined
  if (Buffer.compare(encodeLive(now.pointer), encodeLive(live.pointer)) !== 0) return undefined
  const known = new Set(live.pointer.owed.map(({ seq }) => seq))
  const past = { ...next, owed: [...now.pointer.owed, ...next.owed.filter(({ seq }) => !known.has(seq))] }
  return (await state.movePointer(past, now.etag, guard)) === undefined ? undefined : past
}

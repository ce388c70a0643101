import type { Cdn } from '../cdn/cdn.ts'
import type { Stores } from '../draft/opened.ts'
import type { Pointer } from '../plan/pointer.ts'
import type { State } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import { purge } from './invalidate.ts'
import type { Run } from './run.ts'

/** How often the pointer is moved again because others move it first; beyond this, the next run tells the CDN again. */
const ROUNDS = 10

const AGAIN = 'then the next `lading remove`, `sync` or `prune` with this `cdn` tells them all'

/**
 * Tells the CDN what the pointer says is still to be told, and has the pointer say so no more. Needs no lock, because
 * what is told twice does no harm; so nobody waits while the CDN takes its time. A failure is only a warning.
 * @param pointer as the caller knows it
 */
export async function payOwed(
  cdn: Cdn,
  pointer: Pointer | undefined,
  { stores, run }: { readonly stores: Stores; readonly run: Run & { readonly emit: Emit } },
): Promise<void> {
  const owed = pointer?.owed ?? []
  const paths = [...new Set(owed.flatMap((one) => one.paths))]
  if (paths.length === 0 || !(await purge(cdn, paths, { ...run, next: AGAIN }))) return
  try {
    await forget(stores.state, new Set(owed.map(({ seq }) => seq)))
  } catch (error) {
    if (!(error instanceof LadingError)) throw error // the CDN knows; the next run tells it again
  }
}

async function forget(state: State, paid: ReadonlySet<number>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const live = await state.readPointer()
    const owed = live?.pointer.owed.filter(({ seq }) => !paid.has(seq)) ?? []
    if (live === undefined || owed.length === live.pointer.owed.length) return
    if ((await state.movePointer({ ...live.pointer, owed }, live.etag)) !== undefined) return
  }
}

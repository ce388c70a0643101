import type { SyncOptions } from '../config/interface.ts'
import { LadingError } from '../errors.ts'
import type { Pointer } from '../plan/pointer.ts'

/**
 * Hashed names can be shared by any number of channels; names without a hash cannot. They belong to the channel that
 * published them first.
 * @throws E_CHANNEL
 */
export function checkChannel(pointer: Pointer | undefined, { channel, delivery, target }: SyncOptions): void {
  if (delivery.mode === 'offload') return
  const others = [...(pointer?.channels ?? [])].filter(([name, live]) => name !== channel && live.mode !== 'offload')
  const [owner] = others[0] ?? []
  if (owner === undefined) return
  throw new LadingError('E_CHANNEL', `The files at their own paths here belong to channel "${owner}"`, {
    subject: target.label,
    why: `This run is channel "${channel}": publishing it would replace the pages of the other one.`,
    hint: `Give this channel a prefix of its own, or say --channel ${owner} if it is meant to be the same.`,
  })
}

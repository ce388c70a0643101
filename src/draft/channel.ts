import type { SyncOptions } from '../config/interface.ts'
import type { Pointer } from '../plan/pointer.ts'
import { LadingError } from '../words/errors.ts'
import type { Mode } from '../words/model.ts'

export interface Claim extends Pick<SyncOptions, 'channel' | 'target'> {
  readonly delivery: { readonly mode: Mode }
  /** What to do instead. @default what a deploy can do */
  readonly hint?: string | undefined
}

/**
 * Hashed names can be shared by any number of channels; names without a hash cannot. They belong to the channel that
 * published them first.
 * @throws E_CHANNEL
 */
export function checkChannel(pointer: Pointer | undefined, { channel, delivery, target, hint }: Claim): void {
  if (delivery.mode === 'offload') return
  const others = [...(pointer?.channels ?? [])].filter(([name, live]) => name !== channel && live.mode !== 'offload')
  const [owner] = others[0] ?? []
  if (owner === undefined) return
  throw new LadingError('E_CHANNEL', `The files at their own paths here belong to channel "${owner}"`, {
    subject: target.label,
    why: `This run is channel "${channel}": publishing it would replace the pages of the other one.`,
    hint: hint ?? `Give this channel a prefix of its own, or say --channel ${owner} if it is meant to be the same.`,
  })
}

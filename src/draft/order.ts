import type { SyncOptions } from '../config/interface.ts'
import { describeOrder, isOlder } from '../plan/order.ts'
import { LadingError } from '../words/errors.ts'
import type { Opened } from './opened.ts'

/**
 * A run that was started before the one that is live would put an older state back, however late it arrives.
 * @throws E_ORDER
 */
export function refuseOlder(
  { live }: Pick<Opened, 'live'>,
  { channel, order }: Pick<SyncOptions, 'channel' | 'order'>,
): void {
  const current = live?.pointer.channels.get(channel)
  if (order === undefined || current?.order === undefined || !isOlder(order, current.order)) return
  throw new LadingError('E_ORDER', 'A newer run is live already', {
    subject: `channel ${channel}`,
    details: [`this run   ${describeOrder(order)}`, `live       ${describeOrder(current.order)} (${current.release})`],
    why: 'Publishing this one would undo the newer one, so nothing was published.',
    hint: 'To go back on purpose: lading rollback, or a higher number with --order.',
  })
}

import type { Opened } from '../draft/opened.ts'
import type { Release } from '../plan/release.ts'
import { replacedSince } from '../plan/replaced-since.ts'
import type { Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'

/**
 * Files of the live site replaced by a run that did not publish. They are live, but no release records what they refer
 * to.
 * @param kept with every live release among them
 */
export function halfNew({ live, manifest }: Opened, kept: readonly Release[]): Key[] {
  const ids = new Set([...(live?.pointer.channels.values() ?? [])].map(({ release }) => release))
  return kept.filter(({ id }) => ids.has(id)).flatMap((release) => replacedSince(release, manifest))
}

/** Whether some run may be replacing them at this very moment. */
export const isUnderWay = ({ unsettled }: Opened): boolean =>
  unsettled !== undefined && unsettled.deploy.phase === 'publish' && unsettled.deploy.holder !== ''

export function sayHalfNew(keys: readonly Key[], emit: Emit): void {
  if (keys.length === 0) return
  emit({
    type: 'warning',
    code: 'W_UNSETTLED',
    message: 'a deploy has not been finished: what its files name is named by no release, so nothing is removed',
    items: keys,
    fix: 'run `lading sync` first',
  })
}

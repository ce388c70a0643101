import type { Pointer } from '../plan/pointer.ts'
import type { Release } from '../plan/release.ts'
import { goesOn, type History, keptReleases, type RetentionRules } from '../plan/retention.ts'
import type { State } from '../transfer/state.ts'

/**
 * The releases that stay, found by following each channel back from what is live. Never by a listing: one that comes
 * short would let go of what is needed.
 * @throws E_MANIFEST when a release that has to stay has no record
 */
export async function readKept(state: State, pointer: Pointer | undefined, rules: RetentionRules): Promise<Release[]> {
  const starts = [
    ...[...(pointer?.channels.values() ?? [])].map(({ release }) => ({ release, endedAt: undefined })),
    ...[...(pointer?.ended.values() ?? [])],
  ]
  const histories: History[] = []
  for (const { release, endedAt } of starts) histories.push(await follow(state, { release, endedAt }, rules))
  return keptReleases(histories, rules)
}

async function follow(
  state: State,
  { release, endedAt }: { readonly release: string; readonly endedAt: string | undefined },
  rules: RetentionRules,
): Promise<History> {
  const releases: Release[] = [await state.readRelease(release)]
  let history: History = { releases, endedAt }
  while (goesOn(history, rules)) {
    const previous = history.releases.at(-1)?.previous
    if (previous === undefined) break
    history = { releases: [...history.releases, await state.readRelease(previous)], endedAt }
  }
  return history
}

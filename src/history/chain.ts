import type { Pointer } from '../plan/pointer.ts'
import type { Release } from '../plan/release.ts'
import { goesOn, type History, isYoung, keptReleases, type RetentionRules } from '../plan/retention.ts'
import type { State } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'

/**
 * The releases that stay, found by following each channel back from what is live. Never by a listing: with an
 * incomplete one, needed objects would be removed.
 * @throws E_MANIFEST when a release that has to stay has no record
 */
export async function readKept(state: State, pointer: Pointer | undefined, rules: RetentionRules): Promise<Release[]> {
  const starts = [
    ...[...(pointer?.channels.values() ?? [])].map(({ release }) => ({ release, endedAt: undefined })),
    // of an expired channel nothing stays; an interrupted run may have removed its records already
    ...[...(pointer?.ended.values() ?? [])].filter(({ endedAt }) => isYoung(endedAt, rules)),
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
    const next = await state.readRelease(previous).catch((error: unknown) => {
      throw lost(error, { previous, count: history.releases.length })
    })
    history = { releases: [...history.releases, next], endedAt }
  }
  return history
}

/** What lies beyond a lost record cannot be known, so nothing is removed. */
function lost(error: unknown, { previous, count }: { readonly previous: string; readonly count: number }): unknown {
  if (!(error instanceof LadingError && error.code === 'E_MANIFEST')) return error
  return new LadingError('E_MANIFEST', `Release ${previous} has to stay, and its record cannot be read`, {
    subject: error.subject,
    why: 'What it names would be taken for unnamed, so nothing was removed. It was lost, or pruned when fewer releases were kept.',
    hint: `Restore the record from the bucket’s versions, or keep no more than there are: --keep-releases ${count} --keep-days 0`,
    cause: error,
  })
}

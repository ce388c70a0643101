import { isPointerLost, isPublished, type Stores } from '../draft/opened.ts'
import type { Release } from '../plan/release.ts'
import { lostPointer } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'
import { closest, shellWord } from '../words/units.ts'

interface Wanted {
  readonly id?: string | undefined
  readonly channel: string
}

/**
 * The release that is to be put back: the named one, else the one before the live one.
 * @throws E_ROLLBACK
 * @throws E_MANIFEST where the pointer is gone and releases that it had named are left
 */
export async function targetOf(stores: Stores, { id, channel }: Wanted): Promise<Release> {
  const { state } = stores
  const live = await state.readPointer()
  if (!isPublished({ live }) && (await isPointerLost(stores))) throw lostPointer(state.label)
  const current = live?.pointer.channels.get(channel)
  const ended = live?.pointer.ended.get(channel)
  if (current === undefined && ended !== undefined) {
    throw new LadingError('E_ROLLBACK', `Channel "${channel}" was ended on ${ended.endedAt.slice(0, 10)}`, {
      subject: state.label,
      hint: `Deploy it from its sources: a sync with --channel ${shellWord(channel)} begins it again.`,
    })
  }
  if (current === undefined) {
    throw new LadingError('E_ROLLBACK', `Channel "${channel}" has published nothing`, {
      subject: state.label,
      hint: 'lading releases lists what there is; --channel NAME chooses another channel.',
    })
  }
  const wanted = id ?? (await state.readRelease(current.release)).previous
  if (wanted === undefined) {
    throw new LadingError('E_ROLLBACK', 'There is no release before the live one', {
      subject: `${current.release} of channel ${channel}`,
      hint: 'lading releases lists what there is.',
    })
  }
  const known = await state.listReleases()
  if (!known.includes(wanted)) throw id === undefined ? pruned(wanted, current.release) : unknown(wanted, known)
  const release = await state.readRelease(wanted)
  if (release.channel === channel) return release
  throw new LadingError('E_ROLLBACK', `Release ${wanted} belongs to channel "${release.channel}"`, {
    subject: `channel ${channel}`,
    hint: `Say --channel ${release.channel} to roll that one back.`,
  })
}

function pruned(id: string, live: string): LadingError {
  return new LadingError('E_ROLLBACK', `The release before the live one, ${id}, was pruned`, {
    subject: live,
    why: '`prune` keeps the newest releases of each channel (keepReleases) and those that are younger than keepDays.',
    hint: 'Build and deploy that state from its sources; `lading releases` lists what is left.',
  })
}

function unknown(id: string, known: readonly string[]): LadingError {
  const guess = known.find((one) => one.startsWith(`${id}-`)) ?? closest(id, known)
  return new LadingError('E_ROLLBACK', `There is no release "${id}"`, {
    hint: guess === undefined ? 'lading releases lists what there is.' : `Did you mean: lading rollback ${guess}`,
  })
}

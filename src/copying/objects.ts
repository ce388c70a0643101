import type { HistoryOptions } from '../config/history.ts'
import type { Opened } from '../draft/opened.ts'
import type { Run } from '../line/run.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { checkMaxDelete } from '../plan/max-delete.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { removePages } from '../transfer/remove-pages.ts'
import { listSite } from '../verbs/verify.ts'
import type { Emit } from '../words/events.ts'
import type { Key, SitePath } from '../words/model.ts'
import { copyContents } from './contents.ts'
import { createCopier, type SentObjects } from './copier.ts'
import { refuseForeign } from './foreign.ts'
import type { Source } from './source.ts'
import { findStale } from './stale.ts'
import { carryOver, findTakedowns, type GoingObject, isNothingGoing } from './takedowns.ts'
import { copyVariants } from './variants.ts'
import { wavesOf } from './waves.ts'

export interface CopyInput {
  readonly source: Source
  readonly target: Opened
  readonly options: HistoryOptions
  readonly dryRun: boolean
  /** Also what was taken down in the other store. */
  readonly putBack: boolean
  readonly run: Run & { readonly emit: Emit }
}

export interface ObjectsCopied extends SentObjects {
  /** Objects that were removed there. */
  readonly removed: number
  /** Objects that stay away, because they were taken down there. */
  readonly away: readonly Key[]
  /** Files with contents that only the other store keeps. */
  readonly lost: readonly SitePath[]
  /** True when the other store held everything already, its pointer included. */
  readonly isComplete: boolean
}

/** Acquires the deploy of the other store, recording the keys about to be written. `undefined`: read it again. */
export type Take = (keys: readonly Key[]) => Promise<HeldDeploy | undefined>

/**
 * Hashed names first, without a lock; then contents of releases and variants of images; then files at their own paths
 * in the order of an upload; then what the source no longer has is removed.
 */
export async function copyObjects(all: CopyInput, take: Take): Promise<ObjectsCopied | undefined> {
  const { target, options, dryRun, run } = all
  const listed = await listSite(target, options, run.signal)
  const takedowns = await findTakedowns(all, listed)
  const wanted = new Map([...all.source.rows].filter(([key]) => !takedowns.away.has(key)))
  const source = { ...all.source, rows: wanted }
  const input = { ...all, source }
  await refuseForeign(input, listed)
  const isGoing = new Set(takedowns.going.map(({ key }) => key))
  // what stays away there is not stale: what lies there in its place is left alone
  const stale = findStale(all.source, target, {
    at: new Date((run.clock ?? SYSTEM_CLOCK).wallMs()).toISOString(),
    isGoing,
  })
  const gone = [...stale.pages.map(({ key }) => key), ...isGoing]
  checkMaxDelete(gone, target.manifest?.rows.size ?? 0, options.maxDelete)
  const copier = createCopier(input, listed)
  const { hashed, own } = wavesOf(wanted.values(), listed)
  await copier.send(hashed, undefined)
  await copyContents(input, takedowns.missingContents, copier.count)
  await copyVariants(input, takedowns.awayDigests, copier.count)
  const away = [...takedowns.away].sort()
  const { lost } = takedowns
  const isKnown = [...wanted.keys()].every((key) => target.manifest?.rows.has(key))
  const isSame = isKnown && gone.length === 0 && isNothingGoing(takedowns) && hasSameReleases(source, target)
  if (isSame && !(await copier.lacks(own.flat())))
    return { ...copier.result(), removed: 0, away, lost, isComplete: true }
  const held = dryRun ? undefined : await take([...own.flat().map(({ key }) => key), ...gone])
  if (!dryRun && held === undefined) return undefined
  for (const wave of own) await copier.send(wave, held)
  await removeStale(input, stale.pages, held)
  if (held !== undefined) await carryOver(input, takedowns, held)
  const down = [...takedowns.going, ...takedowns.goingVariants]
  sayRemoved(input, down, 'taken down in the source')
  const copied = copier.result()
  const left = away.flatMap((key): [Key, ManifestRow][] => {
    const row = target.manifest?.rows.get(key)
    return row === undefined ? [] : [[key, row]]
  })
  const rows = new Map([...stale.rows, ...left, ...copied.rows])
  return { ...copied, rows, removed: stale.pages.length + down.length, away, lost, isComplete: false }
}

async function removeStale(
  input: CopyInput,
  pages: readonly ManifestRow[],
  held: HeldDeploy | undefined,
): Promise<void> {
  const { store, state } = input.target
  const { concurrency } = input.options
  const reason = 'the source has no such page any more'
  const actions = pages.map((stored) => ({ op: 'remove' as const, stored, reason }))
  if (held !== undefined) await removePages({ store, state, held, actions, concurrency })
  sayRemoved(input, pages, reason)
}

function sayRemoved({ dryRun, run }: CopyInput, objects: readonly GoingObject[], reason: string): void {
  for (const { key, size: bytes } of objects)
    run.emit({ type: 'file', op: 'remove', key, bytes, reason, done: !dryRun })
}

function hasSameReleases({ pointer }: Source, { live }: Opened): boolean {
  const [ours, theirs] = [pointer, live?.pointer].map((side) =>
    JSON.stringify([...(side?.channels ?? [])].map(([name, { release }]) => [name, release])),
  )
  return ours === theirs
}

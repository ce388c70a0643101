import { changedPaths } from '../cdn/aliases.ts'
import type { Cdn } from '../cdn/cdn.ts'
import type { Change } from '../draft/change.ts'
import { isTransfer } from '../plan/plan.ts'
import { openCdn } from '../providers.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit, WarningEvent } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import type { LineInput, LineOptions } from './line-input.ts'
import type { Run } from './run.ts'

/** The CDN, opened before anything is sent, so that what is missing is reported before anything has changed. */
export async function openPurge(
  { cdn, delivery, site, requestTimeoutMs }: LineOptions,
  { env, signal }: Run,
): Promise<Cdn | undefined> {
  if (cdn === undefined) return undefined
  const url = delivery.mode === 'mirror' || delivery.url.kind === 'path' ? site : delivery.url.href
  const origin = url === undefined ? undefined : new URL(url).origin
  return openCdn(cdn, { env: env ?? process.env, origin, signal, requestTimeoutMs })
}

/** Purges changed keys from the CDN. Never fails the deploy. @returns the addresses that it was told of */
export async function invalidate<T extends Change>(
  cdn: Cdn,
  keys: Iterable<Key>,
  { options, run }: Pick<LineInput<T>, 'options' | 'run'>,
): Promise<readonly string[]> {
  const paths = changedPaths(keys, options)
  return (await purge(cdn, paths, run)) ? paths : []
}

/** Keys to purge. A new name cannot be cached yet, unless it is restored: then a 404 or a damaged object may be. */
export function changedKeys({ actions, restores, repair }: Pick<Change, 'actions' | 'restores' | 'repair'>): Key[] {
  const comesBack = restores !== undefined || repair !== undefined
  return actions.flatMap((action) => {
    if (action.op === 'remove') return [action.stored.key]
    if (!isTransfer(action) || action.op === 'confirm' || !action.object.mutable) return []
    const isNew = action.op === 'put' && action.stored === undefined && !comesBack
    return isNew ? [] : [action.object.key]
  })
}

interface PurgeOptions {
  readonly emit: Emit
  readonly signal?: AbortSignal | undefined
  /** What to do once the cause of a failure is mended. */
  readonly next?: string | undefined
}

/**
 * Purges addresses; a failure is only a warning, because what was asked for is done.
 * @returns whether the CDN has been told
 */
export async function purge(
  cdn: Cdn,
  paths: readonly string[],
  { emit, signal, next }: PurgeOptions,
): Promise<boolean> {
  if (paths.length === 0) return true
  const started = performance.now()
  try {
    const receipt = await cdn.purge(paths, { signal })
    emit({ type: 'phase', phase: 'invalidate', files: paths.length, bytes: 0, ms: performance.now() - started })
    if (receipt.waited && !receipt.completed) emit(unfinished(cdn, receipt.pending))
    return true
  } catch (error) {
    if (!(error instanceof LadingError)) throw error
    const fix = error.hint ?? 'purge them by hand; until their time is up, visitors may get the old files'
    emit({
      type: 'warning',
      code: 'W_CDN',
      message: `${cdn.label} was not told about ${paths.length} changed addresses: ${error.message}`,
      items: paths,
      fix: next === undefined ? fix : `${fix.replace(/\.$/, '')}; ${next}`,
    })
    return false
  }
}

function unfinished(cdn: Cdn, pending: string | undefined): WarningEvent {
  const why = pending === undefined ? '' : `: ${pending}`
  return {
    type: 'warning',
    code: 'W_CDN',
    message: `${cdn.label} had not finished when the waiting ended${why}`,
    items: [],
  }
}

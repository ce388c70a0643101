import type { HistoryOptions } from '../config/history.ts'
import type { Delivery } from '../config/interface.ts'
import { type Change, isNews } from '../draft/change.ts'
import { openStores } from '../draft/opened.ts'
import { sayPlanned, stopwatch } from '../draft/stopwatch.ts'
import { fileEvents, summarizeChange } from '../draft/summary.ts'
import { carryOut } from '../line/line.ts'
import type { Run } from '../line/run.ts'
import type { Release } from '../plan/release.ts'
import { openStore, readOnly } from '../providers.ts'
import { VERSION } from '../version.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit, Summary } from '../words/events.ts'
import type { PublicUrl } from '../words/model.ts'
import { restore } from './restore.ts'
import { targetOf } from './target.ts'

export interface RollbackOptions extends HistoryOptions {
  /** Which release. @default the one before the live one */
  readonly id?: string | undefined
  /** Says what would happen and changes nothing. @default false */
  readonly dryRun?: boolean | undefined
}

/**
 * Puts a release back: files it named that have changed since come from the store's blobs, assets before pages, through
 * the same pipeline as a deploy. It becomes a new release, so that it can be undone the same way. At the origin, files
 * that were rewritten come back; those that lie there as they were built are kept nowhere, and stay those of the last build.
 * @throws E_ROLLBACK when something of the release is no longer there; nothing was changed then
 * @throws E_CHANNEL when its own paths are another channel's by now
 */
export async function rollback(options: RollbackOptions, run: Run = {}): Promise<Summary> {
  const emit = run.emit ?? (() => {})
  const started = performance.now()
  const open = run.openStore ?? openStore
  const heard = { ...run, emit, ...(options.dryRun && { openStore: readOnly(open) }) }
  const stores = await openStores(options, heard, emit)
  const target = await targetOf(stores, options)
  sayStart(options, target, emit)
  const delivery = deliveryOf(target, options)
  const lap = stopwatch(emit)
  const make = async (): Promise<Change> => {
    const made = await restore({ stores, options, target, signal: run.signal })
    sayPlanned(lap, made.actions)
    return made
  }
  const finished = options.dryRun
    ? { made: await make(), done: undefined }
    : await rollBack({ options: { ...options, delivery, order: undefined }, stores, run: heard, make })
  const { made, done } = finished
  for (const event of fileEvents(made, done)) emit(event)
  const summary = {
    ...summarizeChange(made, { mode: target.mode, channel: options.channel }, done),
    published: isNews(made),
    ms: Math.round(performance.now() - started),
  }
  emit({ type: 'summary', ...summary })
  return summary
}

async function rollBack(input: Parameters<typeof carryOut<Change>>[0]) {
  const { made, outcomes, published } = await carryOut(input)
  return { made, done: { outcomes, release: published?.release } }
}

function sayStart(options: RollbackOptions, { id, mode, url, channel }: Release, emit: Emit): void {
  const { target, dryRun = false } = options
  emit({ type: 'start', version: VERSION, mode, root: id, target: target.label, url, channel, dryRun })
}

/**
 * A release knows how it was delivered, but not in which folder its pages lie.
 * @throws E_USAGE
 */
function deliveryOf({ mode, url }: Release, { pages }: RollbackOptions): Delivery {
  if (mode === 'mirror' || url === undefined) return { mode: 'mirror' }
  const address: PublicUrl = { href: url, kind: url.startsWith('/') ? 'path' : 'host' }
  if (mode === 'host') return { mode, url: address }
  if (pages === undefined) {
    throw new LadingError('E_USAGE', 'The pages of this release lie at your origin, and no folder was named', {
      hint: 'Say where they are: --out DIR, or --in-place with the root. Then put that folder on your web server again.',
    })
  }
  return pages.isOut ? { mode, url: address, pages: 'out', dir: pages.dir } : { mode, url: address, pages: 'in-place' }
}

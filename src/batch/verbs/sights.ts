import type { Store } from '../../store/store.ts'
import { forEachBounded } from '../../transfer/pool.ts'
import type { LadingError } from '../../words/errors.ts'
import { readResult } from '../batch.ts'
import type { BatchManifest } from '../plan/manifest.ts'
import { batchNames } from '../receipts/catalog.ts'
import { isReopened } from '../receipts/deadline.ts'
import { createProgress, keptSamples, type Progress, recentRate, type Sample, timeLeft } from '../receipts/progress.ts'
import { readBatchManifest } from '../receipts/receipts.ts'
import { failureIn, isFresh } from './parts.ts'
import { type BatchStatus, statusOf } from './watch.ts'

/** A batch as it was seen at the last look. */
export interface SeenBatch extends BatchStatus {
  /** ISO 8601. */
  readonly createdAt: string
  /** Whether images may still arrive. A batch that its deadline closed is open again once it was submitted again. */
  readonly isOpen: boolean
  /** Images a second, lately. Absent until there are two looks at it. */
  readonly rate?: number | undefined
}

/** The batches of a store, seen again and again. */
export interface Sights {
  /** Finds out which batches there are. */
  find(signal?: AbortSignal): Promise<void>
  /**
   * Looks at the open ones, and now and then at those that have closed.
   *
   * @returns open ones first, then newest first
   * @param onFailure of one, which stays as it was seen before
   */
  look(onFailure: (batch: string, error: LadingError) => void, signal?: AbortSignal): Promise<readonly SeenBatch[]>
}

/** Batches that are looked at at once; each takes up to 32 requests. */
const AT_ONCE = 8

/** How old the sight of a closed batch may get, in milliseconds, and how many are renewed at one look. */
const CLOSED_MS = 60_000
const RENEWED = 20

interface Sight {
  readonly batch: string
  /** `undefined` until it was read. */
  readonly known?: { readonly manifest: BatchManifest; readonly progress: Progress } | undefined
  readonly seen?: SeenBatch | undefined
  readonly samples: readonly Sample[]
  /** When it was looked at, in milliseconds since 1970. */
  readonly atMs: number
}

/** @param now milliseconds since 1970 */
export function createSights(store: Store, now: () => number): Sights {
  const sights = new Map<string, Sight>()
  return {
    async find(signal) {
      const names = await batchNames(store, signal)
      const there = new Set(names)
      for (const batch of sights.keys()) if (!there.has(batch)) sights.delete(batch)
      for (const batch of names) if (!sights.has(batch)) sights.set(batch, { batch, samples: [], atMs: 0 })
    },
    async look(onFailure, signal) {
      const pool = { concurrency: AT_ONCE, weigh: () => 1, signal }
      await forEachBounded(dueOf([...sights.values()], now()), pool, async (sight) => {
        try {
          const next = await lookAt(store, sight, { now, signal })
          if (sights.has(sight.batch)) sights.set(sight.batch, next)
        } catch (error) {
          onFailure(sight.batch, failureIn(error, signal))
        }
      })
      return [...sights.values()].flatMap(({ seen }) => seen ?? []).sort(inOrder)
    },
  }
}

function dueOf(sights: readonly Sight[], now: number): readonly Sight[] {
  const isOpen = ({ seen }: Sight): boolean => seen?.isOpen !== false
  const old = sights.filter((sight) => !isOpen(sight) && !isFresh(now - sight.atMs, CLOSED_MS))
  return [...sights.filter(isOpen), ...old.sort((a, b) => a.atMs - b.atMs).slice(0, RENEWED)]
}

const inOrder = (a: SeenBatch, b: SeenBatch): number =>
  Number(b.isOpen) - Number(a.isOpen) || inText(b.createdAt, a.createdAt) || inText(a.batch, b.batch)

const inText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

interface Looking {
  readonly now: () => number
  readonly signal: AbortSignal | undefined
}

async function lookAt(store: Store, sight: Sight, { now, signal }: Looking): Promise<Sight> {
  const { batch } = sight
  // Read again each time: a submit after its deadline gives it a new one.
  const manifest = await readBatchManifest(store, batch, signal)
  const atMs = now()
  // Without one, its submit has only begun, or its last objects are about to expire.
  if (!manifest) return { batch, samples: [], atMs }
  const { items, createdAt, deadline } = manifest
  const isSame = sight.known?.manifest.items === items
  const progress = isSame && sight.known ? sight.known.progress : createProgress(store, manifest)
  const known = { manifest, progress }
  const result = await readResult(store, batch, signal)
  const status = await statusOf(store, manifest, { items, done: 0, failed: 0, result, signal })
  if (result && !(await isReopened(store, result, { dated: { batch, deadline }, now: atMs, signal }))) {
    const { done, failed } = result
    return { batch, known, samples: [], atMs, seen: { ...status, done, failed, createdAt, isOpen: false } }
  }
  const count = await progress.count(signal)
  const sample = { atMs: now(), arrived: count.done + count.failed }
  // A clock that is put back begins anew.
  const before = isSame ? sight.samples.filter(({ atMs }) => atMs <= sample.atMs) : []
  const samples = keptSamples([...before, sample])
  const left = timeLeft(samples, items)
  return {
    batch,
    known,
    samples,
    atMs,
    seen: { ...status, ...count, left, rate: recentRate(samples), createdAt, isOpen: true },
  }
}

import type { Dropped, DropReason } from './receipt.ts'
import type { Recipe } from './recipe.ts'

/** A variant before it is decided whether to keep it. */
export interface Made {
  readonly op: string
  /** In pixels. */
  readonly width: number
  readonly bytes: number
}

/** What stays, and what does not and why. */
export interface Judgement<T extends Made> {
  readonly kept: readonly T[]
  readonly dropped: readonly Dropped[]
}

/**
 * Which variants are worth a request. Of one operation, from the widest down:
 *
 *   bytes >= the original's                        larger-than-original
 *   bytes >= the fallback's of the same width      larger-than-fallback     (the last operation is the fallback)
 *   bytes > (1 - minSaving) x the next larger one  saves-little
 *
 * @param made by operation, most wanted first
 */
export function judge<T extends Made>(
  made: readonly T[],
  { sourceBytes, minSaving }: { readonly sourceBytes: number } & Pick<Recipe, 'minSaving'>,
): Judgement<T> {
  const operations = [...new Set(made.map(({ op }) => op))]
  const fallback = operations.at(-1)
  const ofFallback = new Map(made.filter(({ op }) => op === fallback).map(({ width, bytes }) => [width, bytes]))
  const kept: T[] = []
  const dropped: Dropped[] = []
  for (const op of operations) {
    let wider = Number.POSITIVE_INFINITY
    const widestFirst = made.filter((one) => one.op === op).sort((a, b) => b.width - a.width)
    for (const one of widestFirst) {
      const rival = op === fallback ? undefined : ofFallback.get(one.width)
      const reason = flawOf(one.bytes, { sourceBytes, rival, most: wider * (1 - minSaving) })
      if (reason === undefined) {
        kept.push(one)
        wider = one.bytes
      } else dropped.push({ op, width: one.width, reason })
    }
  }
  const place = new Map(operations.map((op, index) => [op, index]))
  kept.sort((a, b) => (place.get(a.op) ?? 0) - (place.get(b.op) ?? 0) || a.width - b.width)
  return { kept, dropped }
}

interface Bounds {
  readonly sourceBytes: number
  readonly rival: number | undefined
  readonly most: number
}

function flawOf(bytes: number, { sourceBytes, rival, most }: Bounds): DropReason | undefined {
  if (bytes >= sourceBytes) return 'larger-than-original'
  if (rival !== undefined && bytes >= rival) return 'larger-than-fallback'
  return bytes > most ? 'saves-little' : undefined
}

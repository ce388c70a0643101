import { createHash } from 'node:crypto'
import { type Effect, effectOf } from './s3-fault-effects.ts'
import type { Fault, FaultName } from './s3-faults.ts'
import type { S3Call } from './s3-protocol.ts'

/** A fault's name, or with its moment: `reset@after`. */
export type ChaosKind = FaultName | `${FaultName}@${'before' | 'after'}`

export interface ChaosOptions {
  /** Share of the requests that meet a fault, from 0 to 1. @default 0.1 */
  readonly rate?: number
  /** After so many faults in a row a request of the same name passes, so that who tries again succeeds. @default 3 */
  readonly inARow?: number
  /** @default what passes by itself, and costs no time-out */
  readonly kinds?: readonly ChaosKind[]
  /**
   * What a request is to the draw. Requests of one name are told apart by their order alone, whatever goes on beside
   * them; parts of keys that are random have to be left out. @default operation and key
   */
  readonly nameOf?: (call: S3Call) => string
}

/** One fault that was drawn and happened. */
export interface ChaosEntry {
  /** The request's number. */
  readonly number: number
  readonly name: string
  /** Which request of that name it was, counted from 1. */
  readonly nth: number
  readonly kind: ChaosKind
}

export interface Chaos {
  readonly seed: string
  readonly log: readonly ChaosEntry[]
  take(call: S3Call, isEarly: boolean): Effect | undefined
}

const PASSING: readonly ChaosKind[] = [
  'status:500',
  'status:503',
  'status:503@after',
  'status:429',
  'reset',
  'reset@after',
  'reset-request',
  'truncate',
]

/**
 * Faults at random, again and again the same for the same seed: each draw is made from the seed, the request's name
 * and what of that name came before, and from nothing else. So the order in which requests come side by side
 * does not matter.
 */
export function createChaos(
  seed: string | number,
  { rate = 0.1, inARow = 3, kinds = PASSING, nameOf = ({ op, key }) => `${op} ${key}` }: ChaosOptions = {},
): Chaos {
  const log: ChaosEntry[] = []
  const seen = new Map<string, { count: number; row: number }>()
  const drawn = new Map<number, Omit<ChaosEntry, 'number'> | undefined>()
  const draw = (call: S3Call): Omit<ChaosEntry, 'number'> | undefined => {
    const name = nameOf(call)
    const history = seen.get(name) ?? { count: 0, row: 0 }
    seen.set(name, history)
    history.count += 1
    const bytes = createHash('sha256').update(`${seed}\n${name}\n${history.count}`).digest()
    const kind = kinds[bytes.readUInt32BE(4) % kinds.length]
    const isHit = bytes.readUInt32BE(0) / 2 ** 32 < rate && history.row < inARow
    history.row = isHit ? history.row + 1 : 0
    return isHit && kind !== undefined ? { name, nth: history.count, kind } : undefined
  }
  return {
    seed: String(seed),
    log,
    take(call, isEarly) {
      if (!drawn.has(call.number)) drawn.set(call.number, draw(call))
      const entry = drawn.get(call.number)
      const effect = entry && effectOf(faultOf(entry.kind))
      if (entry === undefined || effect?.isEarly !== isEarly) return undefined
      log.push({ number: call.number, ...entry })
      return effect
    },
  }
}

function faultOf(kind: ChaosKind): Omit<Fault, 'at'> {
  const [name, when] = kind.split('@')
  // The type of a kind says what stands before and after the sign.
  return { do: name as FaultName, ...(when !== undefined && { when: when as 'before' | 'after' }) }
}

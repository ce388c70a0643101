import type { Look } from '../receipts/assemble.ts'
import type { Bell } from './bell.ts'
import type { WorkerEmit } from './events.ts'
import type { Holdings } from './holdings.ts'
import type { Taken } from './intake.ts'
import { asLadingError } from './trouble.ts'

/** Delay before a failed look is retried, in seconds. */
const FAILED_SECONDS = 30

export interface AssemblyDeskOptions {
  readonly look: (batch: string, shard: string) => Promise<Look>
  readonly emit: WorkerEmit
  /** Rung after every look. */
  readonly bell: Bell
}

export interface AssemblyDesk {
  add(taken: readonly Taken[]): void
  /** Looks that wait or are being made. */
  size(): number
  /** Resolves when none is. */
  settled(): Promise<void>
}

/**
 * Runs the checks that barrier messages ask for, one by one; an open shard's message is hidden until the next check.
 */
export function createAssemblyDesk(holdings: Holdings, { look, emit, bell }: AssemblyDeskOptions): AssemblyDesk {
  let size = 0
  let last: Promise<void> = Promise.resolve()

  const one = async ({ message, content }: Taken): Promise<void> => {
    if (content.kind !== 'assemble' || !holdings.has(message)) return
    try {
      const found = await look(content.batch, content.shard)
      if (found.status === 'closed') holdings.done(message)
      else await holdings.release([message], Math.ceil(found.againSeconds))
    } catch (error) {
      emit({ type: 'trouble', what: 'assembly', error: asLadingError(error), waitMs: FAILED_SECONDS * 1000 })
      await holdings.release([message], FAILED_SECONDS)
    }
  }

  return {
    size: () => size,
    settled: () => last,
    add(taken) {
      size += taken.length
      for (const each of taken) {
        last = last.then(async () => {
          await one(each)
          size -= 1
          bell.ring()
        })
      }
    },
  }
}

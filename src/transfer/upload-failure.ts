import type { Transfer } from '../plan/plan.ts'
import { LadingError } from '../words/errors.ts'
import type { Key } from '../words/model.ts'
import { plural } from '../words/units.ts'
import type { Outcome } from './upload.ts'

/**
 * Consecutive failures, each after its retries, from which on the store counts as down or stalled: the rest is not
 * tried. With less concurrency fewer are enough, because each may have taken minutes.
 */
const GIVE_UP_AFTER = { most: 10, least: 3 } as const

/** What could not be sent. */
export interface Failure {
  readonly key: Key
  readonly error: LadingError
}

export interface FailureStreak {
  /** Resets the streak: something was sent. */
  end(): void
  /** @returns whether this failure was one too many */
  isOver(error: LadingError): boolean
  hasEnded(): boolean
}

/** Counts transient failures since the last success. */
export function failureStreak(concurrency: number): FailureStreak {
  const limit = Math.min(GIVE_UP_AFTER.most, Math.max(GIVE_UP_AFTER.least, concurrency))
  let length = 0
  let over = false
  return {
    end() {
      length = 0
    },
    isOver({ retryable }) {
      if (retryable) length += 1
      over ||= length >= limit
      return over
    },
    hasEnded: () => over,
  }
}

interface Failed {
  readonly failures: readonly Failure[]
  readonly transfers: readonly Transfer[]
  readonly outcomes: ReadonlyMap<Key, Outcome>
  readonly hasGivenUp: boolean
}

/** All failures of a wave as one error. */
export function uploadFailed({ failures, transfers, outcomes, hasGivenUp }: Failed): LadingError {
  const [first] = failures
  const replaced = transfers.filter(({ object }) => object.mutable && outcomes.has(object.key)).length
  if (failures.length === 1 && replaced === 0 && first?.error.code === 'E_SOURCE_CHANGED') return first.error
  const shared = failures.every(({ error }) => error.code === first?.error.code) ? first?.error : undefined
  const untried = transfers.length - outcomes.size - failures.length
  const why = [
    hasGivenUp ? `The store kept failing, so ${plural(untried, 'object')} more ${isOrAre(untried)} left untried.` : '',
    asSentence(shared?.why ?? ''),
    shared?.why === undefined || replaced > 0 ? whatIsLive(replaced) : '',
  ]
  return new LadingError(
    shared?.code ?? 'E_UPLOAD',
    `${failures.length} of ${transfers.length} objects could not be sent; ${replaced === 0 ? 'nothing' : 'no release'} was published`,
    {
      details: failures.map(({ key, error }) => `${key}: ${error.message}`),
      why: why.filter((part) => part !== '').join(' '),
      hint: shared?.hint ?? 'Mend the cause, then run the same command again.',
      retryable: failures.every(({ error }) => error.retryable),
      cause: first?.error,
    },
  )
}

/** @param replaced files under their own names, which a visitor sees as soon as they are sent */
function whatIsLive(replaced: number): string {
  if (replaced === 0)
    return 'The live site is unchanged: pages are published only after everything they name is in the store.'
  return `${plural(replaced, 'file')} of the live site ${isOrAre(replaced)} new already; what they name was sent before them.`
}

/** Reasons are mostly clauses: they get a capital letter and a full stop. A leading name is kept as it is. */
function asSentence(clause: string): string {
  const text = clause.trim()
  if (text === '') return ''
  const begin = /^[a-z]+(?= )/.test(text) ? text.charAt(0).toUpperCase() : text.charAt(0)
  return `${begin}${text.slice(1)}${/[.!?]["”')]*$/.test(text) ? '' : '.'}`
}

const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are')

import {
  type Batches,
  credentialMask,
  LadingError,
  maskText,
  type Overview,
  printable,
  type SeenBatch,
} from '../../index.ts'
import { lineOf, resultText } from '../reporters/batch.ts'
import { errorEvent } from '../reporters/error.ts'

/** How answers are written. */
export interface Answers {
  /** One line of JSON. Credentials of this run are taken out, and what looks like a secret in the texts of others. */
  readonly line: (fields: object) => string
  /** `{ error }`, of whatever was thrown. */
  readonly failure: (error: unknown) => object
  readonly overview: (overview: Overview, place: Pick<Place, 'label' | 'batches'>) => Promise<object>
}

export interface Place {
  readonly batches: Batches
  /** For people; holds no credentials. */
  readonly label: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** A hint with the places of this line added to the command in it. */
  readonly placed: (hint: string) => string
}

/** Troubles that are shown: when a store is down, each batch has the same. */
const MOST_TROUBLES = 8

/** Characters of one text. */
const MOST_TEXT = 2000

/** What makes an address open something for whoever has it. */
const SIGNED = /((?:signature|credential|security-token)=)[^&\s"'<>]+/gi

/** By which the page names a dead letter; queues make them. */
const NAMES: ReadonlySet<string> = new Set(['id'])

export function answersOf({ env, placed }: Pick<Place, 'env' | 'placed'>): Answers {
  const withoutCredentials = credentialMask(env)
  const cleaned = (name: string, value: unknown): unknown =>
    typeof value === 'string' && !NAMES.has(name)
      ? beginning(printable(maskText(value.replace(SIGNED, '$1***'))))
      : value
  const facts = ({ code, message, subject, why, hint }: LadingError): object => {
    return { code, message, subject, why, hint: hint && placed(hint) }
  }
  return {
    line: (fields) => `${withoutCredentials(JSON.stringify(fields, cleaned))}\n`,
    failure: (error) => ({
      error: error instanceof LadingError ? facts(error) : bugOf(error),
    }),
    async overview({ troubles, batches: seen, spending, ...overview }, { label, batches }) {
      const readOnly = await batches.signingTrouble()
      return {
        place: label,
        ...overview,
        batches: seen.map((batch) => batchOf(batch, placed)),
        // As values: names of fields are not cleaned.
        ...(spending && { spending: { ...spending, budgets: Object.entries(spending.budgets) } }),
        ...(readOnly && { readOnly: facts(readOnly) }),
        troubles: troubles.slice(0, MOST_TROUBLES).map(({ what, error }) => ({ what, ...facts(error) })),
        moreTroubles: Math.max(0, troubles.length - MOST_TROUBLES),
      }
    },
  }
}

function bugOf(error: unknown): object {
  const { code, message, why } = errorEvent(error)
  return { code, message, why }
}

const beginning = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text)

/** With what `status` says of it, in its words. There may be hundreds, and they are sent at each look. */
function batchOf(seen: SeenBatch, placed: Place['placed']): object {
  const { result, left: _, ...batch } = seen
  const { items, done, failed } = batch
  const isComplete = batch.isOpen && done + failed === items
  return {
    ...batch,
    line: lineOf(seen),
    ...(result && { closed: resultText(result).trim() }),
    ...(isComplete && { closing: placed(`lading batch ${result ? 'reassemble' : 'watch'} ${batch.batch}`) }),
  }
}

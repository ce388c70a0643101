import { plural } from '../../index.ts'

/** What became of an order to workers, as a sentence. */
export const toldText = (verb: string, told: readonly string[]): string =>
  told.length === 0
    ? 'the batch is marked as cancelled; no instance is there to be told, and the next one ends it.'
    : `${verb} told to ${plural(told.length, 'instance')}: ${told.join(', ')}.`

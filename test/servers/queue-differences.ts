/** A promise of a queue that a server of SQS does not let us keep. */
interface QueueDifference {
  readonly server: string
  /** The contract's sentence. */
  readonly promise: string
  /** What the server does instead. */
  readonly reason: string
  /** Part of the failure's message. */
  readonly shows: string
}

const DIFFERENCES: readonly QueueDifference[] = [
  {
    server: 'moto',
    promise: 'that has ended does no harm to the one who has the message by then',
    reason: 'ChangeMessageVisibility takes every handle that a message ever had, not only the last',
    shows: 'to deeply equal []',
  },
]

export function queueDifferenceOf({ name }: { readonly name: string }, promise: string): QueueDifference | undefined {
  return DIFFERENCES.find((known) => known.server === name && known.promise === promise)
}

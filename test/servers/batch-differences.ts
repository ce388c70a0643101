/**
 * A promise of a queue or a fleet that a server does not let us keep.
 *
 * Beside these, the stories of the fleet have something stand in for what moto does not do: its instances have no machine
 * (`instances.ts`), its groups replace only what they are asked to end (`takeAway` of `stack-world.ts`), its alarms are
 * never evaluated and its step policies cannot be executed (somebody wishes for the second instance).
 */
interface BatchDifference {
  readonly server: string
  /** The contract's sentence. */
  readonly promise: string
  /** What the server does instead. */
  readonly reason: string
  /** Part of the failure's message. */
  readonly shows: string
}

const DIFFERENCES: readonly BatchDifference[] = [
  {
    server: 'moto',
    promise: 'that has ended does no harm to the one who has the message by then',
    reason: 'ChangeMessageVisibility takes every handle that a message ever had, not only the last',
    shows: 'to deeply equal []',
  },
  {
    server: 'moto',
    promise: 'counts a dead instance no longer, and growing makes up for it',
    reason: 'its groups do not hear of what EC2 terminates: the instance stays InService',
    shows: 'to match object { inService: 1 }',
  },
]

export function batchDifferenceOf({ name }: { readonly name: string }, promise: string): BatchDifference | undefined {
  return DIFFERENCES.find((known) => known.server === name && known.promise === promise)
}

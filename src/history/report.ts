import type { RemoveFailure } from '../store/store.ts'
import { EXIT } from '../words/errors.ts'
import type { Emit, FileEvent } from '../words/events.ts'

/** What a removal came to. The JSON form is a contract: fields are added, never renamed. */
export interface Removal {
  /** False where the record of a release could not be read: copies that only it knows may be left. */
  readonly ok: boolean
  readonly exit: number
  readonly dryRun: boolean
  /** Objects of the site that went (or would go). */
  readonly removed: number
  /** Bytes of their bodies. */
  readonly bytes: number
  /** Objects of the site that stay. */
  readonly kept: number
  /** Of `prune`: nothing was published to this store. Perhaps another one was meant. */
  readonly unpublished?: true
  /** Records and contents of releases that went with them. */
  readonly state: number
  readonly ms: number
}

/** One object that goes, and why. */
export interface Going {
  readonly key: string
  readonly size: number
  readonly reason: string
}

export function sayGoing(going: readonly Going[], done: boolean, emit: Emit): void {
  for (const { key, size, reason } of going) {
    const event: FileEvent = { type: 'file', op: 'remove', key, bytes: size, reason, done }
    emit(event)
  }
}

export function removalOf(
  going: readonly Going[],
  facts: Pick<Removal, 'dryRun' | 'kept' | 'state' | 'unpublished'> & {
    readonly started: number
    readonly isWhole?: boolean
  },
): Removal {
  const { started, isWhole = true, ...rest } = facts
  return {
    ok: isWhole,
    exit: isWhole ? EXIT.ok : EXIT.integrity,
    removed: going.length,
    bytes: going.reduce((sum, { size }) => sum + size, 0),
    ...rest,
    ms: Math.round(performance.now() - started),
  }
}

/** Splits messages of the state, `.lading/blobs/0a1b: access denied`, into key and reason. */
export function asFailures(texts: readonly string[]): RemoveFailure[] {
  return texts.map((text) => {
    const [key = '', ...reason] = text.split(': ')
    return { key, reason: reason.join(': ') }
  })
}

import { hash } from 'node:crypto'
import { type Action, isTransfer, type Transfer } from '../plan/plan.ts'
import type { ETag, Key } from '../words/model.ts'
import type { Outcome } from './upload.ts'

/** With more bytes than this under way nothing is foretold: they are read once more for it. */
const MOST_BYTES = 8 * 1024 * 1024

/** Bytes to the ETag that a store will give them, by one that it has given: `undefined` where that is no MD5. */
export function etagLike(etag: ETag, of: () => Uint8Array): (bytes: Uint8Array) => ETag | undefined {
  let around: readonly string[] | undefined
  return (bytes) => {
    around ??= aroundMd5(etag, of())
    const [before, after] = around
    return after === undefined ? undefined : `${before}${md5Of(bytes)}${after}`
  }
}

/** What stands before and after the MD5 of these bytes; nothing where it is not in it. */
function aroundMd5(etag: ETag, of: Uint8Array): readonly string[] {
  const md5 = md5Of(of)
  return md5 === undefined ? [] : etag.split(md5)
}

/** `undefined` where a policy of this machine forbids MD5. */
function md5Of(bytes: Uint8Array): string | undefined {
  try {
    return hash('md5', bytes)
  } catch {
    return undefined
  }
}

/**
 * What the writes under way will come to if all goes well. Only a guess: a store may encrypt one object and not the
 * other.
 * @returns `undefined` where that cannot be told
 */
export async function foretell(
  actions: readonly Action[],
  underWay: readonly Key[],
  etagOf: (bytes: Uint8Array) => ETag | undefined,
): Promise<ReadonlyMap<Key, Outcome> | undefined> {
  const keys = new Set(underWay)
  const awaited = actions.filter((action): action is Transfer => isTransfer(action) && keys.has(action.object.key))
  if (etagOf(new Uint8Array()) === undefined || !awaited.every(isWholeWrite)) return undefined
  if (awaited.reduce((sum, { object }) => sum + object.body.size, 0) > MOST_BYTES) return undefined
  const outcomes = new Map<Key, Outcome>()
  for (const { object } of awaited) {
    const etag = etagOf(await object.body.read(0, object.body.size))
    if (etag !== undefined) outcomes.set(object.key, { etag, sent: true })
  }
  return outcomes
}

const isWholeWrite = ({ op, object }: Transfer): boolean => op === 'put' && object.mutable

/** Whether all that was foretold has come about, in what a record says of it. */
export function hasComeTrue(foretold: ReadonlyMap<Key, Outcome>, outcomes: ReadonlyMap<Key, Outcome>): boolean {
  return [...foretold].every(([key, { etag }]) => {
    const outcome = outcomes.get(key)
    return outcome?.etag === etag && outcome.held === undefined
  })
}

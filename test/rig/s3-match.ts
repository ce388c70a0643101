import type { S3Call } from './s3-protocol.ts'

/** Which requests are meant. What is not said does not matter. */
export interface Where {
  /** Counted from 1 since the server started. */
  readonly number?: number
  readonly op?: string | RegExp
  readonly key?: string | RegExp
  /** See `S3Call.client`. */
  readonly client?: string
}

/** A request's number, what it is, or a question about it. */
export type Match = number | Where | ((call: S3Call) => boolean)

export function matcherOf(match: Match): (call: S3Call) => boolean {
  if (typeof match === 'function') return match
  if (typeof match === 'number') return ({ number }) => number === match
  const { number, op, key, client } = match
  return (call) =>
    (number === undefined || number === call.number) &&
    (op === undefined || isLike(call.op, op)) &&
    (key === undefined || isLike(call.key, key)) &&
    (client === undefined || client === call.client)
}

function isLike(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text === wanted : wanted.test(text)
}

import type { Chaos } from './chaos.ts'
import { type Effect, effectOf } from './s3-fault-effects.ts'
import type { Kin } from './s3-kin-traits.ts'
import { type Match, matcherOf } from './s3-match.ts'
import type { S3Answer, S3Call } from './s3-protocol.ts'

/**
 * What happens to the connection:
 *   reset            it is cut, without an answer
 *   reset-request    it is cut when half of the request's body has come
 *   stall            no answer ever
 *   stall-body       the answer's headers, then nothing
 *   half-open        nothing is read and nothing is said
 *   truncate         half of the answer, then it is cut
 * to the request on its way to the server:
 *   flip-request     one bit of its body is another one
 *   truncate-request half of its body is missing
 * to the answer:
 *   status:NNN       an error instead, with the code that S3 gives it, or with the one behind a second colon
 *   html200          200 with a page instead, as a captive portal answers everything
 *   flip-answer      one bit of its body is another one
 *   shorten          half of its body, under headers that fit
 *   wrong-etag       the ETag of other bytes, and no checksum
 *   no-etag          neither ETag nor checksum
 *   drop-page, no-token, same-token, end-page, unordered, duplicate: see `s3-fault-listing.ts`
 * to the server:
 *   random-etag      an upload in parts gets an ETag that tells nothing of the parts
 *   kms-etag         an object gets an ETag that is not its MD5
 *   stale            it serves what the object was before its last change
 */
export type FaultName = PlainFault | `status:${number}` | `status:${number}:${string}`

export type PlainFault =
  | 'reset'
  | 'reset-request'
  | 'stall'
  | 'stall-body'
  | 'half-open'
  | 'truncate'
  | 'flip-request'
  | 'truncate-request'
  | 'html200'
  | 'flip-answer'
  | 'shorten'
  | 'wrong-etag'
  | 'no-etag'
  | ListingFault
  | 'random-etag'
  | 'kms-etag'
  | 'stale'

export type ListingFault = 'drop-page' | 'no-token' | 'same-token' | 'end-page' | 'unordered' | 'duplicate'

/** A function, or what has `kill`, such as a child process. */
type Victim = (() => unknown) | { kill(signal: NodeJS.Signals): unknown }

/** The client dies, or stops. */
export interface Kill {
  readonly kill: Victim
  /** @default 'SIGKILL' */
  readonly signal?: NodeJS.Signals
  /** Whether the request goes on after it. @default only after SIGSTOP, which cuts nothing */
  readonly goesOn?: boolean
}

export interface Slow {
  /** Bytes per second. */
  readonly slow: number
  /** Which way. @default both */
  readonly way?: 'request' | 'answer'
}

/** For this one request the server is of another kind. */
interface OtherKin {
  readonly kin: Partial<Kin>
}

/** From this request on the server's clock is that far from ours. */
interface ClockShift {
  readonly clockOffsetMs: number
}

export type FaultAction =
  | FaultName
  | Kill
  | Slow
  | OtherKin
  | ClockShift
  /** Changes the answer. */
  | ((answer: S3Answer, call: S3Call) => S3Answer)

export interface Fault {
  /** The request's number, counted from 1, what it is, or a question about it. */
  readonly at: Match
  /** How often it happens. @default 1 */
  readonly times?: number
  /** How many requests that match pass before. @default 0 */
  readonly skip?: number
  readonly do: FaultAction
  /**
   * Before the server acts, or after it with the answer not sent; a kill, a reset also in the middle of the answer; a
   * kill also when all of the answer was handed to the system. @default 'before' for what answers with an error, cuts
   * or kills, 'after' otherwise
   */
  readonly when?: 'before' | 'after' | 'mid-answer' | 'answered'
  /** Sent as `Retry-After` with a status. */
  readonly retryAfterSeconds?: number
}

/** A fault that happened, and to which request. */
export interface FaultHit {
  readonly number: number
  readonly fault: Fault
}

export interface FaultBox {
  readonly hits: readonly FaultHit[]
  add(fault: Fault): void
  /** Draws faults where none was set. */
  setChaos(chaos: Chaos | undefined): void
  clear(): void
  /** What is to happen to a request whose body has not been read, if that makes a difference. */
  onArrival(call: S3Call): Effect | undefined
  /** What is to happen to a request that has come. */
  onCall(call: S3Call): Effect | undefined
}

interface Entry {
  readonly fault: Fault
  readonly matches: (call: S3Call) => boolean
  readonly effect: Effect
  skip: number
  left: number
}

export function createFaultBox(): FaultBox {
  let entries: Entry[] = []
  let chaos: Chaos | undefined
  const hits: FaultHit[] = []
  const take = (call: S3Call, isEarly: boolean): Effect | undefined => {
    for (const entry of entries) {
      if (entry.left <= 0 || isEarly !== entry.effect.isEarly || !entry.matches(call)) continue
      if (entry.skip > 0) {
        entry.skip -= 1
        continue
      }
      entry.left -= 1
      hits.push({ number: call.number, fault: entry.fault })
      return entry.effect
    }
    return chaos?.take(call, isEarly)
  }
  return {
    hits,
    add(fault) {
      const { at, skip = 0, times = 1 } = fault
      entries.push({ fault, matches: matcherOf(at), effect: effectOf(fault), skip, left: times })
    },
    setChaos: (given) => {
      chaos = given
    },
    clear: () => {
      entries = []
      chaos = undefined
    },
    onArrival: (call) => take(call, true),
    onCall: (call) => take(call, false),
  }
}

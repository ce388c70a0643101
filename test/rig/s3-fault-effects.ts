import { flipped, half, PORTAL, refusal, withoutEtag, withWrongEtag } from './s3-fault-answers.ts'
import { LISTING_FAULTS } from './s3-fault-listing.ts'
import type { Fault, Kill, PlainFault } from './s3-faults.ts'
import type { Kin } from './s3-kin-traits.ts'
import type { S3Answer, S3Call } from './s3-protocol.ts'

/** How a request's body is read: as fast as it comes, at a rate in bytes per second, half of it, or not at all. */
export type Reading = 'whole' | 'half' | 'never' | { readonly bytesPerSecond: number }

/**
 * How an answer goes out: as it is; not at all, with the connection cut or left open; its headers alone; its first
 * half, and then the end or the rest; at a rate.
 */
export type Delivery = 'whole' | 'reset' | 'stall' | 'headers' | 'half' | 'halves' | { readonly bytesPerSecond: number }

/** A fault, as the steps that a request goes through on its way see it. */
export interface Effect {
  /** Whether it has to be known before the request's body is read. */
  readonly isEarly: boolean
  readonly reading: Reading
  /** Whether the server acts. */
  readonly acts: boolean
  readonly delivery: Delivery
  readonly body?: (body: Buffer) => Buffer
  readonly answer?: (answer: S3Answer, call: S3Call) => S3Answer
  readonly kin?: Partial<Kin>
  readonly clockOffsetMs?: number
  readonly isStale?: boolean
  readonly kill?: { readonly when: NonNullable<Fault['when']>; readonly strike: () => unknown }
}

export const NO_EFFECT: Effect = { isEarly: false, reading: 'whole', acts: true, delivery: 'whole' }

const INSTEAD = { acts: false } as const

const PLAIN: Readonly<Record<PlainFault, Partial<Effect>>> = {
  reset: { ...INSTEAD, delivery: 'reset' },
  'reset-request': { ...INSTEAD, isEarly: true, reading: 'half', delivery: 'reset' },
  stall: { ...INSTEAD, delivery: 'stall' },
  'stall-body': { delivery: 'headers' },
  'half-open': { ...INSTEAD, isEarly: true, reading: 'never', delivery: 'stall' },
  truncate: { delivery: 'half' },
  'flip-request': { body: flipped },
  'truncate-request': { body: half },
  html200: { ...INSTEAD, answer: () => PORTAL },
  'flip-answer': { answer: ({ body = '', ...rest }) => ({ ...rest, body: flipped(Buffer.from(body)) }) },
  shorten: { answer: shortened },
  'wrong-etag': { answer: withWrongEtag },
  'no-etag': { answer: withoutEtag },
  ...LISTING_FAULTS,
  'random-etag': { kin: { multipartEtag: 'random' } },
  'kms-etag': { kin: { etag: 'opaque' } },
  stale: { isStale: true },
}

export function effectOf(fault: Omit<Fault, 'at'>): Effect {
  const { do: action, when } = fault
  if (typeof action === 'object' && 'kill' in action) return killing(action, when ?? 'before')
  const effect = { ...NO_EFFECT, ...partOf(fault) }
  if (when === undefined) return effect
  const isMidway = when === 'mid-answer' && effect.delivery === 'reset'
  return { ...effect, acts: when !== 'before', delivery: isMidway ? 'half' : effect.delivery }
}

function partOf({ do: action, retryAfterSeconds }: Omit<Fault, 'at'>): Partial<Effect> {
  if (typeof action === 'function') return { answer: action }
  if (typeof action === 'object') {
    if (!('slow' in action)) return 'kill' in action ? {} : action
    const rate = { bytesPerSecond: action.slow }
    return {
      ...(action.way !== 'answer' && { isEarly: true, reading: rate }),
      ...(action.way !== 'request' && { delivery: rate }),
    }
  }
  if (isPlain(action)) return PLAIN[action]
  const [, status, code] = action.split(':')
  return { ...INSTEAD, answer: () => refusal({ status: Number(status), code, retryAfterSeconds }) }
}

function killing({ kill, signal = 'SIGKILL', goesOn = signal === 'SIGSTOP' }: Kill, when: KillMoment): Effect {
  const strike = (): unknown => (typeof kill === 'function' ? kill() : kill.kill(signal))
  const cut: Readonly<Record<KillMoment, Partial<Effect>>> = {
    before: { ...INSTEAD, delivery: 'reset' },
    after: { delivery: 'reset' },
    'mid-answer': { delivery: 'half' },
    answered: {},
  }
  const isMidway = when === 'mid-answer'
  const rest: Partial<Effect> = goesOn ? { delivery: isMidway ? 'halves' : 'whole' } : cut[when]
  return { ...NO_EFFECT, ...rest, kill: { when, strike } }
}

type KillMoment = NonNullable<Fault['when']>

function isPlain(name: string): name is PlainFault {
  return name in PLAIN
}

function shortened({ headers, body = '', ...rest }: S3Answer): S3Answer {
  const bytes = half(Buffer.from(body))
  return { ...rest, headers: { ...headers, 'content-length': String(bytes.byteLength) }, body: bytes }
}

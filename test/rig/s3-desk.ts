import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Delivery, type Effect, NO_EFFECT } from './s3-fault-effects.ts'
import type { FaultBox } from './s3-faults.ts'
import type { HoldBox } from './s3-holds.ts'
import type { Journal } from './s3-journal.ts'
import { header, type S3Answer, type S3Call, S3Refusal, type S3State } from './s3-protocol.ts'
import { handle, type Rules } from './s3-router.ts'
import { type Signer, verifySignature } from './s3-signature.ts'
import { deliver, readBody } from './s3-wire.ts'

export interface RequestRecord {
  /** Counted from 1. */
  readonly number: number
  readonly op: string
  readonly key: string
  /** Of a listing. */
  readonly prefix?: string
  /** 0 when the connection was cut. */
  readonly status: number
}

/** All that a request meets on its way through the server. */
export interface Desk extends Rules {
  readonly signer: Signer
  readonly faults: FaultBox
  readonly holds: HoldBox
  readonly journal: Journal
  readonly requests: RequestRecord[]
  readonly setClockOffset: (ms: number) => void
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/** read -> (hold) -> act -> (hold) -> answer, with what faults do to each step. */
export async function serve({ incoming, outgoing }: Exchange, arrival: S3Call, desk: Desk): Promise<void> {
  const early = desk.faults.onArrival(arrival)
  const body = await readBody(incoming, early?.reading ?? 'whole')
  if (body === undefined) {
    desk.requests.push(recordOf(arrival, 0))
    return
  }
  const call = { ...arrival, body }
  const effect = early ?? desk.faults.onCall(call) ?? NO_EFFECT
  const strikeAt = async (when: string): Promise<unknown> =>
    effect.kill?.when === when ? effect.kill.strike() : undefined

  await desk.holds.pass(call, 'before')
  await strikeAt('before')
  if (effect.clockOffsetMs !== undefined) desk.setClockOffset(effect.clockOffsetMs)
  const acted = effect.acts ? act({ ...call, body: effect.body?.(body) ?? body }, effect, desk) : NO_ANSWER
  await desk.holds.pass(call, 'after')
  await strikeAt('after')

  const answer = effect.answer?.(acted, call) ?? acted
  const { delivery } = effect
  desk.requests.push(recordOf(call, isWhole(delivery) ? answer.status : 0))
  outgoing.setHeader('date', new Date(desk.signer.now()).toUTCString())
  await deliver(outgoing, { call, answer, delivery, midway: () => strikeAt('mid-answer') })
  await strikeAt('answered')
}

/** Where the server did not act, for faults that answer nevertheless. */
const NO_ANSWER: S3Answer = { status: 200 }

function act(call: S3Call, effect: Effect, desk: Desk): S3Answer {
  const state = { ...desk.state, kin: { ...desk.state.kin, ...effect.kin } }
  const seen = effect.isStale ? asBefore(state, call, desk.journal) : state
  try {
    const announced = header(call, 'content-length')
    if (announced !== undefined && Number(announced) !== call.body.byteLength) {
      throw new S3Refusal(400, 'IncompleteBody')
    }
    verifySignature(call, desk.signer)
    return desk.journal.during(call, () => handle(call, { ...desk, state: seen }))
  } catch (error) {
    if (error instanceof S3Refusal) return error.answer()
    throw error
  }
}

/** The one object as it was, for a read of it. */
function asBefore(state: S3State, { key, method }: S3Call, journal: Journal): S3State {
  if (method !== 'GET' && method !== 'HEAD') return state
  const previous = journal.previous(key)
  return { ...state, objects: new Map(previous && [[key, previous]]) }
}

/** Whether a client can have the whole answer in the end. */
function isWhole(delivery: Delivery): boolean {
  return delivery === 'whole' || delivery === 'halves' || typeof delivery === 'object'
}

function recordOf({ number, op, key, query }: S3Call, status: number): RequestRecord {
  const prefix = key === '' ? query.get('prefix') : null
  return { number, op, key, status, ...(prefix !== null && { prefix }) }
}

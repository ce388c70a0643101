import { type Batches, LadingError, type Order, plural } from '../../index.ts'
import { toldText } from '../reporters/batch-orders.ts'

/** What the page may ask for: an order to workers, or dead letters once more. */
export type Asked =
  | { readonly order: Order; readonly instance: string | undefined }
  | { readonly redrive: readonly string[] }

const PLAIN = ['drain', 'stop', 'pause', 'resume', 'stats'] as const

/** A part of keys and of queues' names; the core checks it again. */
const WORD = /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/

/** Letters that are sent again at once. */
const MAX_LETTERS = 1000

/** What a body asks for; `undefined` when it is no order of the page's. */
export function orderIn(body: string): Asked | undefined {
  const fields = fieldsOf(body)
  const { verb, instance } = fields
  if (instance !== undefined && !isWord(instance)) return undefined
  const plain = PLAIN.find((name) => name === verb)
  if (plain !== undefined) return { order: { verb: plain }, instance }
  if (verb === 'concurrency' && isSlots(fields.slots)) return { order: { verb, slots: fields.slots }, instance }
  if (verb === 'cancel' && isWord(fields.batch)) return { order: { verb, batch: fields.batch }, instance }
  if (verb === 'redrive' && isIds(fields.ids)) return { redrive: fields.ids }
  return undefined
}

/** Carries it out. @returns what has happened, for people */
export async function obey(asked: Asked, batches: Batches): Promise<string> {
  const trouble = await batches.signingTrouble()
  if (trouble) throw trouble
  if ('order' in asked) return toldText(asked.order.verb, await batches.command(asked.order, asked.instance))
  const { sent, left } = await batches.redrive(asked.redrive)
  if (sent > 0)
    return `${plural(sent, 'message')} sent once more; ${plural(left, 'letter')} ${left === 1 ? 'stays' : 'stay'}.`
  throw new LadingError('E_QUEUE', 'no dead letter was sent', {
    why: 'It is no longer there, somebody else looks at it at this moment, or it is of no kind that workers know.',
  })
}

const isWord = (value: unknown): value is string => typeof value === 'string' && WORD.test(value)

const isSlots = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 1024

/** Queues name letters as they like. None at all would mean every letter. */
const isIds = (value: unknown): value is string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MAX_LETTERS &&
  value.every((id) => typeof id === 'string' && id !== '' && id.length <= 200)

function fieldsOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(body)
    return typeof read === 'object' && read !== null ? { ...read } : {}
  } catch {
    return {}
  }
}

import { LadingError } from '../../words/errors.ts'
import type { LeaseFailure, Message, Outgoing, QueueLimits, ReceiveOptions, SendFailure } from '../queue.ts'

/**
 * The limits of SQS, which every queue keeps to: what works on one machine works there.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const QUEUE_LIMITS: QueueLimits = {
  messageBytes: 1024 * 1024,
  batch: 10,
  delaySeconds: 900,
  waitSeconds: 20,
  leaseSeconds: 43_200,
}

/** Attributes of one message. */
const ATTRIBUTES = 10

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const TEXT = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u
const ATTRIBUTE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,255}$/
const GROUP = /^[\x21-\x7e]{1,128}$/

/** The messages that no queue would accept, and why. */
export function flawsOf(messages: readonly Outgoing[]): SendFailure[] {
  return messages.flatMap((message, index) => {
    const reason = flawOf(message)
    return reason === undefined ? [] : [{ index, reason, isOurs: true }]
  })
}

function flawOf({ body, delaySeconds = 0, group, attributes = {} }: Outgoing): string | undefined {
  const texts = Object.entries(attributes)
  if (!TEXT.test(body)) return 'the body is empty, or holds characters that no queue carries'
  if (!(Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= QUEUE_LIMITS.delaySeconds)) {
    return `a delay is a whole number of seconds up to ${QUEUE_LIMITS.delaySeconds}`
  }
  if (group !== undefined && !GROUP.test(group)) return 'a group is a word of up to 128 characters'
  if (texts.length > ATTRIBUTES) return `it has more than ${ATTRIBUTES} attributes`
  if (texts.some(([name, text]) => !(ATTRIBUTE_NAME.test(name) && TEXT.test(text)))) {
    return 'the name or the text of an attribute holds what no queue carries'
  }
  const bytes = bytesOf({ body, attributes })
  return bytes > QUEUE_LIMITS.messageBytes ? `it has ${bytes} bytes, of ${QUEUE_LIMITS.messageBytes}` : undefined
}

/** Bytes of a text attribute's type, which counts towards the size. */
const STRING_TYPE = 'String'.length

/** The size of a message: its body, and its attributes' names, types and texts. */
export function bytesOf({ body, attributes = {} }: Outgoing): number {
  let bytes = Buffer.byteLength(body)
  for (const [name, text] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + STRING_TYPE + Buffer.byteLength(text)
  }
  return bytes
}

/** @throws E_BUG: these numbers are ours, not a person's */
export function assertReceive({ max, waitSeconds = 0, leaseSeconds }: ReceiveOptions): void {
  const isFine =
    within(max, 1, QUEUE_LIMITS.batch) &&
    within(waitSeconds, 0, QUEUE_LIMITS.waitSeconds) &&
    within(leaseSeconds, 1, QUEUE_LIMITS.leaseSeconds)
  if (isFine) return
  throw new LadingError('E_BUG', `a queue cannot be asked for ${max} messages, ${waitSeconds} s, ${leaseSeconds} s`)
}

const within = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

export const lostLease = (message: Message): LeaseFailure => ({ message, reason: 'the lease has ended', isLost: true })

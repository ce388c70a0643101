import type * as Sdk from '@aws-sdk/client-sqs'
import { abortedError } from '../../store/abort.ts'
import { retried } from '../../store/wrappers/with-retry.ts'
import { LadingError } from '../../words/errors.ts'
import { type Clock, SYSTEM_CLOCK } from '../clock.ts'
import type { Gauge, LeaseFailure, Message, Outgoing, Queue } from '../queue.ts'
import { assertReceive, bytesOf, flawsOf, QUEUE_LIMITS } from './rules.ts'
import { type BatchDeed, type BatchFailure, type BatchItem, inBatches } from './sqs-batches.ts'
import { type BatchAnswer, openSqs, type SqsClientOptions } from './sqs-client.ts'

export interface SqsQueueOptions extends SqsClientOptions {
  /** Retries of a request after a transient failure. @default 4 */
  readonly retries?: number | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

/** Bytes of one SendMessageBatch. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BATCH_BYTES = QUEUE_LIMITS.messageBytes

const SYSTEM_ATTRIBUTES: Sdk.MessageSystemAttributeName[] = [
  'ApproximateReceiveCount',
  'SentTimestamp',
  'ApproximateFirstReceiveTimestamp',
  'MessageGroupId',
]

/**
 * A standard queue of SQS. Dead letters are configured on the queue itself (`RedrivePolicy`); the age of its oldest
 * message is not available. Every batch response is read entry by entry.
 *
 * @throws E_MISSING_PACKAGE
 */
export async function createSqsQueue(options: SqsQueueOptions): Promise<Queue> {
  const client = await openSqs(options)
  const { clock = SYSTEM_CLOCK, retries } = options
  const retry = { retries, random: clock.random, sleep: sleepOf(clock) }

  const each = async (
    messages: readonly Message[],
    request: BatchDeed<Message>['request'],
  ): Promise<LeaseFailure[]> => {
    const items = messages.map((item) => ({ item, bytes: 0 }))
    return (await inBatches(items, { request, maxBytes: BATCH_BYTES, retry })).map(leaseFailure)
  }
  const hide = (messages: readonly Message[], seconds: number): Promise<LeaseFailure[]> =>
    each(messages, (entries) =>
      client.hide(entries.map(([Id, { handle }]) => ({ Id, ReceiptHandle: handle, VisibilityTimeout: seconds }))),
    )

  return {
    label: options.url,
    limits: QUEUE_LIMITS,

    async send(messages, { signal } = {}) {
      const flaws = flawsOf(messages)
      const refused = new Set(flaws.map(({ index }) => index))
      const items = messages.flatMap(
        (message, index): BatchItem<Indexed> => ({ item: { index, message }, bytes: bytesOf(message) }),
      )
      const deed: BatchDeed<Indexed> = {
        request: (entries): Promise<BatchAnswer> => client.send(entries.map(sendEntry), signal),
        maxBytes: BATCH_BYTES,
        retry: { ...retry, signal },
      }
      const failed = await inBatches(
        items.filter(({ item }) => !refused.has(item.index)),
        deed,
      )
      const failures = failed.map(({ item, reason, isOurs }) => ({ index: item.index, reason, isOurs }))
      return [...flaws, ...failures].sort((a, b) => a.index - b.index)
    },

    // Never aborted, even when `hurry` fires: its messages would be leased to nobody. It ends by itself.
    async receive(given) {
      assertReceive(given)
      const messages = await client.receive({
        MaxNumberOfMessages: given.max,
        WaitTimeSeconds: given.hurry?.aborted ? 0 : (given.waitSeconds ?? 0),
        VisibilityTimeout: given.leaseSeconds,
        MessageSystemAttributeNames: SYSTEM_ATTRIBUTES,
        MessageAttributeNames: ['All'],
      })
      return messages.map((message) => messageOf(message, options.url))
    },

    extend: hide,
    release: (messages, delaySeconds = 0) => hide(messages, delaySeconds),

    ack: (messages) =>
      each(messages, (entries) => client.remove(entries.map(([Id, { handle }]) => ({ Id, ReceiptHandle: handle })))),

    gauge: async () => gaugeOf(await retried('', retry, () => client.attributes(GAUGES))),
  }
}

interface Indexed {
  readonly index: number
  readonly message: Outgoing
}

function sendEntry([Id, { message }]: readonly [string, Indexed]): Sdk.SendMessageBatchRequestEntry {
  const { body, delaySeconds, group, attributes } = message
  return {
    Id,
    MessageBody: body,
    // Omitted where not given: a group id opts in to fair queues.
    ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    ...(group !== undefined && { MessageGroupId: group }),
    ...(attributes && {
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, text]) => [name, { DataType: 'String', StringValue: text }]),
      ),
    }),
  }
}

/** @throws E_QUEUE when the answer lacks what makes it a message */
function messageOf(
  { MessageId, ReceiptHandle, Body, Attributes = {}, MessageAttributes = {} }: Sdk.Message,
  queue: string,
): Message {
  if (!(MessageId && ReceiptHandle)) {
    throw new LadingError('E_QUEUE', "a message is not SQS's", { subject: queue, why: 'it has no id or no handle' })
  }
  const sentAt = Number(Attributes.SentTimestamp ?? 0)
  return {
    id: MessageId,
    handle: ReceiptHandle,
    body: Body ?? '',
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
        StringValue === undefined ? [] : [[name, StringValue]],
      ),
    ),
    group: Attributes.MessageGroupId,
    receives: Number(Attributes.ApproximateReceiveCount ?? 1),
    sentAt,
    firstReceivedAt: Number(Attributes.ApproximateFirstReceiveTimestamp ?? sentAt),
  }
}

function leaseFailure({ item, reason, isOurs }: BatchFailure<Message>): LeaseFailure {
  return { message: item, reason, isLost: isOurs }
}

const GAUGES: Sdk.QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
]

function gaugeOf(attributes: Readonly<Record<string, string>>): Gauge {
  const [visible = 0, inFlight = 0, delayed = 0] = GAUGES.map((name) => Number(attributes[name] ?? 0))
  return { visible, inFlight, delayed, headAgeSeconds: undefined }
}

/** The clock's sleep as the retry layer needs it: it rejects when the signal fires. */
function sleepOf(clock: Clock): (ms: number, signal: AbortSignal | undefined) => Promise<void> {
  return async (ms, signal) => {
    await clock.sleep(ms, signal)
    if (signal?.aborted) throw abortedError(signal)
  }
}

import type { Clock } from '../../src/batch/clock.ts'
import { attributesOf, bodyOf, entriesOf, type Input, SqsRefusal, text, whole } from './sqs-protocol.ts'
import type { Shelf, StoredMessage, TakeOptions } from './sqs-shelf.ts'

/** What the operations work on. */
export interface SqsState {
  readonly shelves: Map<string, Shelf>
  readonly clock: Clock
  readonly urlOf: (name: string) => string
  readonly open: (name: string) => Shelf
  readonly chance: Pick<TakeOptions, 'order' | 'isCopied'>
  /** Asked for each entry of a batch; what it says is the entry's failure. */
  readonly entryFault: (op: string, id: string) => EntryFault | undefined
  /** Whether an ack is answered and forgotten. */
  readonly forgetsAck: () => boolean
}

export interface EntryFault {
  readonly code: string
  readonly isSender: boolean
  /** Left out of the answer altogether. */
  readonly isUnmentioned?: boolean
  /** What is answered to be failed was done. */
  readonly isDone?: boolean
}

type Operation = (state: SqsState, input: Input) => unknown

/** Between two looks of a long poll, in milliseconds of the server's clock. */
const LOOK_MS = 200

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateQueue(state, input) {
    const name = text(input, 'QueueName')
    if (!/^[\w-]{1,80}$/.test(name)) throw new SqsRefusal(400, 'InvalidParameterValue', 'QueueName')
    const shelf = state.shelves.get(name) ?? state.open(name)
    for (const [key, value] of Object.entries(input.Attributes ?? {})) shelf.attributes.set(key, String(value))
    return { QueueUrl: state.urlOf(name) }
  },
  GetQueueUrl(state, input) {
    const name = text(input, 'QueueName')
    if (!state.shelves.has(name)) throw new SqsRefusal(400, 'QueueDoesNotExist')
    return { QueueUrl: state.urlOf(name) }
  },
  DeleteQueue(state, input) {
    state.shelves.delete(shelfOf(state, input).name)
    return {}
  },
  GetQueueAttributes(state, input) {
    const shelf = shelfOf(state, input)
    const { visible, inFlight, delayed } = shelf.counts()
    const all: Record<string, string> = {
      ...Object.fromEntries(shelf.attributes),
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      QueueArn: `arn:aws:sqs:us-east-1:000000000000:${shelf.name}`,
    }
    const names = Array.isArray(input.AttributeNames) ? input.AttributeNames : []
    return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))) }
  },
  SendMessageBatch(state, input) {
    const shelf = shelfOf(state, input)
    return batch(state, 'SendMessageBatch', input, (entry) => {
      const delay = whole(entry, 'DelaySeconds', [0, 900], 0)
      const group = entry.MessageGroupId === undefined ? undefined : text(entry, 'MessageGroupId')
      const message = shelf.put({ body: bodyOf(entry), attributes: attributesOf(entry), group }, delay)
      return { MessageId: message.id, MD5OfMessageBody: message.md5 }
    })
  },
  async ReceiveMessage(state, input) {
    const shelf = shelfOf(state, input)
    const max = whole(input, 'MaxNumberOfMessages', [1, 10], 1)
    const waitSeconds = whole(input, 'WaitTimeSeconds', [0, 20], 0)
    const leaseSeconds = whole(input, 'VisibilityTimeout', [0, 43_200], 30)
    const until = state.clock.now() + waitSeconds * 1000
    for (;;) {
      const taken = shelf.take({ max, leaseSeconds, ...state.chance, redrive: redriveOf(state, shelf) })
      if (taken.length > 0) return { Messages: taken.map((message) => delivered(message, input)) }
      if (state.clock.now() >= until) return {}
      await state.clock.sleep(LOOK_MS)
    }
  },
  ChangeMessageVisibilityBatch(state, input) {
    const shelf = shelfOf(state, input)
    return batch(state, 'ChangeMessageVisibilityBatch', input, (entry) => {
      const seconds = whole(entry, 'VisibilityTimeout', [0, 43_200])
      const handle = text(entry, 'ReceiptHandle')
      if (!shelf.isHandle(handle)) throw new SqsRefusal(400, 'ReceiptHandleIsInvalid')
      const message = shelf.held(handle)
      if (!message) throw new SqsRefusal(400, 'MessageNotInflight')
      message.visibleAt = state.clock.now() + seconds * 1000
      return {}
    })
  },
  DeleteMessageBatch(state, input) {
    const shelf = shelfOf(state, input)
    return batch(state, 'DeleteMessageBatch', input, (entry) => {
      const handle = text(entry, 'ReceiptHandle')
      if (!shelf.isHandle(handle)) throw new SqsRefusal(400, 'ReceiptHandleIsInvalid')
      // An old handle may be answered with success and delete nothing.
      const message = shelf.known(handle)
      if (message?.handle === handle && !state.forgetsAck()) shelf.drop(message)
      return {}
    })
  },
}

function shelfOf({ shelves, urlOf }: SqsState, input: Input): Shelf {
  const url = text(input, 'QueueUrl')
  for (const [name, shelf] of shelves) if (urlOf(name) === url) return shelf
  throw new SqsRefusal(400, 'QueueDoesNotExist', 'The specified queue does not exist.')
}

function redriveOf({ shelves }: SqsState, { attributes }: Shelf): TakeOptions['redrive'] {
  const policy = attributes.get('RedrivePolicy')
  if (policy === undefined) return undefined
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy)
  const to = shelves.get(String(deadLetterTargetArn).split(':').at(-1) ?? '')
  return to && { to, maxReceives: Number(maxReceiveCount) }
}

/** Each entry for itself: one that is refused is no reason to refuse another. */
function batch(state: SqsState, op: string, input: Input, deed: (entry: Input) => object): object {
  const Successful: object[] = []
  const Failed: object[] = []
  for (const entry of entriesOf(input)) {
    const Id = text(entry, 'Id')
    const fault = state.entryFault(op, Id)
    try {
      const answer = fault && !fault.isDone ? {} : deed(entry)
      if (fault?.isUnmentioned) continue
      if (fault) Failed.push({ Id, Code: fault.code, SenderFault: fault.isSender, Message: 'a fault' })
      else Successful.push({ Id, ...answer })
    } catch (error) {
      if (!(error instanceof SqsRefusal)) throw error
      Failed.push({ Id, Code: error.code, SenderFault: true, Message: error.message })
    }
  }
  return { Successful, ...(Failed.length > 0 && { Failed }) }
}

/** Only what was asked for. */
function delivered(message: StoredMessage, input: Input): object {
  const system: Record<string, string | undefined> = {
    ApproximateReceiveCount: String(message.receives),
    SentTimestamp: String(message.sentAt),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    MessageGroupId: message.group,
  }
  const names = Array.isArray(input.MessageSystemAttributeNames) ? input.MessageSystemAttributeNames : []
  const wanted = Array.isArray(input.MessageAttributeNames) ? input.MessageAttributeNames : []
  const hasAttributes = wanted.includes('All') && Object.keys(message.attributes).length > 0
  return {
    MessageId: message.id,
    ReceiptHandle: message.handle,
    MD5OfBody: message.md5,
    Body: message.body,
    Attributes: Object.fromEntries(
      Object.entries(system).filter(([name, value]) => value !== undefined && names.includes(name)),
    ),
    ...(hasAttributes && { MessageAttributes: message.attributes }),
  }
}

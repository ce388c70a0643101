/** What the strict SQS refuses, with the code that SQS uses. */
export class SqsRefusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string = code) {
    super(message)
    this.status = status
    this.code = code
  }
}

export type Input = Readonly<Record<string, unknown>>

/** The name of a queue's code in the protocol before: the SDK reads it from a header. */
export const QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
}

export function text(input: Input, name: string): string {
  const value = input[name]
  if (typeof value !== 'string' || value === '') throw new SqsRefusal(400, 'MissingParameter', `${name} is missing`)
  return value
}

export function whole(input: Input, name: string, [least, most]: readonly [number, number], fallback?: number): number {
  const value = input[name] ?? fallback
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new SqsRefusal(400, 'InvalidParameterValue', `${name} must be between ${least} and ${most}`)
}

/** Whether a message is made of what a queue carries. */
const CARRIED = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u

const BATCH_BYTES = 1024 * 1024

/** The entries of a batch, checked as a batch. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export function entriesOf(input: Input): readonly Input[] {
  const entries = input.Entries
  if (!Array.isArray(entries) || entries.length === 0) throw new SqsRefusal(400, 'EmptyBatchRequest')
  if (entries.length > 10) throw new SqsRefusal(400, 'TooManyEntriesInBatchRequest')
  const ids = entries.map((entry) => text(entry, 'Id'))
  if (new Set(ids).size !== ids.length) throw new SqsRefusal(400, 'BatchEntryIdsNotDistinct')
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id))) throw new SqsRefusal(400, 'InvalidBatchEntryId')
  if (entries.reduce((sum, entry) => sum + weightOf(entry), 0) > BATCH_BYTES) {
    throw new SqsRefusal(400, 'BatchRequestTooLong')
  }
  return entries
}

function weightOf(entry: Input): number {
  let bytes = typeof entry.MessageBody === 'string' ? Buffer.byteLength(entry.MessageBody) : 0
  for (const [name, value] of Object.entries(attributesOf(entry))) {
    bytes += Buffer.byteLength(name + value.DataType + (value.StringValue ?? ''))
  }
  return bytes
}

export function bodyOf(input: Input): string {
  const body = text(input, 'MessageBody')
  if (!CARRIED.test(body)) throw new SqsRefusal(400, 'InvalidMessageContents')
  if (weightOf(input) > BATCH_BYTES) throw new SqsRefusal(400, 'InvalidParameterValue', 'the message is too long')
  return body
}

export function attributesOf(input: Input): Record<string, { DataType: string; StringValue?: string }> {
  // As the protocol has it; the test's own client writes it.
  return (input.MessageAttributes ?? {}) as Record<string, { DataType: string; StringValue?: string }>
}

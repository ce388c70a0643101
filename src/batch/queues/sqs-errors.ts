import { type AwsRequest, awsError, commonReadings, described, quoted, type Reading } from '../../store/aws-failure.ts'
import { type LadingError, printable } from '../../words/errors.ts'

/** The SQS request that failed, for example `sqs:SendMessage`. */
export interface SqsRequest extends AwsRequest {
  /** The queue's address. */
  readonly queue: string
}

export function sqsError(error: unknown, request: SqsRequest): LadingError {
  return awsError(error, request, { subject: request.queue, readings: READINGS, otherwise: 'E_QUEUE' })
}

const GONE =
  /^(QueueDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue|QueueDeletedRecently|ResourceNotFoundException)$/
const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|^OverLimit$/

const byName: Reading<SqsRequest> = (failure, { action, queue }) => {
  const { name, status, retryAfterMs } = failure
  if (GONE.test(name)) {
    return described('E_NO_QUEUE', `there is no queue ${printable(queue)}`, {
      why: `SQS answered ${name} to ${action}`,
      hint: 'Check the address and the region, or create it: lading batch stack',
    })
  }
  if (!(status === 429 || THROTTLED.test(name))) return undefined
  return described('E_THROTTLED', `SQS is asked too much at ${action}`, {
    why: quoted(failure),
    retryable: true,
    retryAfterMs,
  })
}

const byStatus: Reading<SqsRequest> = (failure, { action, queue }) => {
  const { name, message, status = 0, retryAfterMs } = failure
  if (status >= 500) {
    const why = `it answered ${status} ${quoted(failure)}`
    return described('E_QUEUE', `SQS failed at ${action}`, { why, retryable: true, retryAfterMs })
  }
  if (status === 401 || status === 403 || name.startsWith('AccessDenied')) {
    return described('E_ACCESS_DENIED', `access denied: ${action}`, {
      why: 'the credentials do not allow it',
      hint: `Allow ${action} on the queue ${printable(queue)} in the policy of the role or user.`,
    })
  }
  // Client errors are our mistake, except a checksum mismatch: damage in transit, which is worth a retry.
  if (/MD5/.test(message)) {
    return described('E_INTEGRITY', `the answer to ${action} is damaged`, { why: quoted(failure), retryable: true })
  }
  if (status === 0) return undefined
  if (status < 400) return described('E_QUEUE', `the answer to ${action} is not SQS's`, { why: `status ${status}` })
  return described('E_QUEUE', `SQS refused ${action}`, { why: `${status} ${quoted(failure)}` })
}

const READINGS: readonly Reading<SqsRequest>[] = [
  ...commonReadings({
    name: 'SQS',
    hints: {
      noCredentials: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or give the instance a role.',
      line: "Check the queue's address and the network.",
    },
  }),
  byName,
  byStatus,
]

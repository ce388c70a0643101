import { type RetryOptions, retried } from '../../store/wrappers/with-retry.ts'
import { LadingError } from '../../words/errors.ts'
import { openSqs, type SqsClientOptions } from './sqs-client.ts'

/** Message retention, in seconds: as long as any command is valid. */
const KEPT_SECONDS = 3600

/**
 * Makes a queue of an instance's own, unless it is there. Encrypted by SQS, as all are.
 *
 * @throws E_QUEUE when the address is in another account than the credentials
 */
export async function makeSqsQueue(options: SqsClientOptions, retry: RetryOptions = {}): Promise<void> {
  const client = await openSqs(options)
  const url = await retried('', retry, () =>
    client.create({
      MessageRetentionPeriod: String(KEPT_SECONDS),
      ReceiveMessageWaitTimeSeconds: '20',
      SqsManagedSseEnabled: 'true',
    }),
  )
  // Only the path is compared: hosts have aliases, account and queue do not.
  if (URL.canParse(url) && new URL(url).pathname === new URL(options.url).pathname) return
  throw new LadingError('E_QUEUE', 'the queue was made at another address', {
    subject: options.url,
    why: `SQS calls it ${url}`,
    hint: 'The address names another account than that of the credentials.',
  })
}

/** Removes an instance's own queue with all that is in it. One that is not there is removed already. */
export async function dropSqsQueue(options: SqsClientOptions, retry: RetryOptions = {}): Promise<void> {
  const client = await openSqs(options)
  try {
    await retried('', retry, () => client.drop())
  } catch (error) {
    if (!(error instanceof LadingError && error.code === 'E_NO_QUEUE')) throw error
  }
}

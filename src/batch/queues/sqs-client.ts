import type * as Sdk from '@aws-sdk/client-sqs'
import { abortable, clientConfig, loadSdk } from '../../aws/client.ts'
import { profileOf } from '../../aws/keys.ts'
import { sqsError } from './sqs-errors.ts'

type SqsSdk = typeof Sdk

export interface SqsClientOptions {
  /** The queue's: `https://sqs.eu-west-1.amazonaws.com/111122223333/app-std`. */
  readonly url: string
  /** @default the one that the address names, else AWS_REGION */
  readonly region?: string | undefined
  /** Where requests go instead of the host of `url`. Checked by the caller. */
  readonly endpoint?: string | undefined
  /** Credentials' profile in `~/.aws`. @default AWS_PROFILE */
  readonly profile?: string | undefined
  /** How long one request may take besides its waiting for messages, in milliseconds. @default 20_000 */
  readonly requestTimeoutMs?: number | undefined
  /** Where credentials are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Imports the SDK. @default the package of the project that uses Lading */
  readonly load?: (() => Promise<SqsSdk>) | undefined
}

/** What a batch request says of its entries. */
export interface BatchAnswer {
  readonly done: ReadonlySet<string>
  readonly failed: readonly Sdk.BatchResultErrorEntry[]
}

/** One queue, and the requests about it that we make. Each rejects with one of our errors. */
export interface SqsClient {
  send(entries: readonly Sdk.SendMessageBatchRequestEntry[], signal?: AbortSignal): Promise<BatchAnswer>
  receive(input: Omit<Sdk.ReceiveMessageRequest, 'QueueUrl'>): Promise<readonly Sdk.Message[]>
  hide(entries: readonly Sdk.ChangeMessageVisibilityBatchRequestEntry[]): Promise<BatchAnswer>
  remove(entries: readonly Sdk.DeleteMessageBatchRequestEntry[]): Promise<BatchAnswer>
  attributes(names: readonly Sdk.QueueAttributeName[]): Promise<Readonly<Record<string, string>>>
  /** Makes the queue, unless it is there. @returns its address, as SQS says it */
  create(attributes: Readonly<Partial<Record<Sdk.QueueAttributeName, string>>>): Promise<string>
  drop(): Promise<void>
}

/** The longest wait for messages, in milliseconds. */
const LONG_POLL_MS = 20_000

/** @throws E_MISSING_PACKAGE, E_ENDPOINT */
export async function openSqs(options: SqsClientOptions): Promise<SqsClient> {
  const { load = () => import('@aws-sdk/client-sqs') } = options
  const sdk = await loadSdk(load, { name: '@aws-sdk/client-sqs', need: 'queues on SQS' })
  const client = new sdk.SQSClient(configOf(options))
  const QueueUrl = options.url
  const ask = async <T>(action: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      throw sqsError(error, { action, queue: QueueUrl, profile: profileOf(options), signal })
    }
  }
  return {
    send: (entries, signal) =>
      ask(
        'sqs:SendMessage',
        async () => {
          const command = new sdk.SendMessageBatchCommand({ QueueUrl, Entries: [...entries] })
          return answerOf(await client.send(command, abortable(signal)))
        },
        signal,
      ),
    receive: (input) =>
      ask('sqs:ReceiveMessage', async () => {
        // No signal: messages of an aborted receive would be hidden without an owner.
        return (await client.send(new sdk.ReceiveMessageCommand({ QueueUrl, ...input }))).Messages ?? []
      }),
    hide: (entries) =>
      ask('sqs:ChangeMessageVisibility', async () => {
        const command = new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: [...entries] })
        return answerOf(await client.send(command))
      }),
    remove: (entries) =>
      ask('sqs:DeleteMessage', async () => {
        return answerOf(await client.send(new sdk.DeleteMessageBatchCommand({ QueueUrl, Entries: [...entries] })))
      }),
    attributes: (names) =>
      ask('sqs:GetQueueAttributes', async () => {
        const command = new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] })
        return (await client.send(command)).Attributes ?? {}
      }),
    create: (attributes) =>
      ask('sqs:CreateQueue', async () => {
        const QueueName = new URL(QueueUrl).pathname.split('/').at(-1)
        const command = new sdk.CreateQueueCommand({ QueueName, Attributes: { ...attributes } })
        return (await client.send(command)).QueueUrl ?? ''
      }),
    drop: () =>
      ask('sqs:DeleteQueue', async () => {
        await client.send(new sdk.DeleteQueueCommand({ QueueUrl }))
      }),
  }
}

function answerOf(answer: Pick<Sdk.DeleteMessageBatchResult, 'Successful' | 'Failed'>): BatchAnswer {
  return { done: new Set(answer.Successful?.flatMap(({ Id }) => Id ?? [])), failed: answer.Failed ?? [] }
}

function configOf(options: SqsClientOptions): Sdk.SQSClientConfig {
  const { endpoint = new URL(options.url).origin, requestTimeoutMs = 20_000 } = options
  // One client serves long polls and short requests, and a long poll is silent until it ends.
  const given = { ...options, endpoint, requestTimeoutMs, pollMs: LONG_POLL_MS }
  return { region: regionOf(options), ...clientConfig(given) }
}

/** https://docs.aws.amazon.com/general/latest/gr/sqs-service.html */
const REGION_IN_HOST = /^(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.(?:queue\.)?amazonaws\.com(?:\.cn)?$/

function regionOf({ url, region, env }: SqsClientOptions): string {
  const named = REGION_IN_HOST.exec(new URL(url).hostname)?.[1]
  return region ?? named ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1')
}

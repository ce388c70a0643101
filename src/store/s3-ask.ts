import type { $Command, S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import { LadingError, printable } from '../errors.ts'
import type { Bucket } from './s3-client.ts'
import { startDeadline } from './s3-deadline.ts'
import { type S3Request, s3Error } from './s3-errors.ts'
import { mended } from './s3-mend.ts'
import { announcedBytes } from './s3-wire.ts'

/** One call of the port, on its way to the store. */
export interface Asked extends Omit<S3Request, 'bucket'> {
  /** Of the body, which get more time by their number. */
  readonly bytes?: number
  /** See `WriteCondition.guard`. */
  readonly guard?: (() => void) | undefined
}

/** Sends a command of the SDK; what comes of it belongs to the time and the signal of the request. */
export type Send = <I extends ServiceInputTypes, O extends ServiceOutputTypes>(
  command: $Command<I, O, S3ClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
) => Promise<O>

/** One request: its guard, its time, its signal, and its failure as one of our errors. */
export async function ask<T>(
  bucket: Bucket,
  request: Asked,
  call: (send: Send, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(bucket.requestTimeoutMs, request.bytes ?? 0, request.signal)
  const { client } = bucket.line
  const startedAt = performance.now()
  let refusal: { readonly reason: unknown } | undefined
  const send: Send = (command) => {
    command.middlewareStack.add(
      (next) => async (args) => {
        try {
          request.guard?.()
        } catch (reason) {
          refusal = { reason }
          // Not itself: the SDK writes on what passes through it.
          throw new Error('refused by the guard')
        }
        const result = await next(args)
        deadline.answered(announcedBytes(result.response))
        return result
      },
      // Behind everything that takes time: it is signed, and the next thing is the connection.
      { step: 'deserialize', priority: 'low', name: 'ladingRequest' },
    )
    return client.send(command, { requestTimeout: 0, abortSignal: deadline.signal })
  }
  try {
    const answer = await call(send, deadline.signal)
    bucket.line.succeeded(client)
    return answer
  } catch (error) {
    if (refusal) throw refusal.reason
    const facts = { ...request, bucket: bucket.name, late: deadline.isOver, stage: deadline.stage }
    const failed = (await profileError(error, bucket)) ?? s3Error(error, facts)
    throw mended(bucket, failed, { client, startedAt })
  } finally {
    deadline.end()
  }
}

/** A profile that does not exist has no region either, and the SDK misses the region first. */
async function profileError(error: unknown, { line, credentialsProfile }: Bucket): Promise<LadingError | undefined> {
  if (credentialsProfile === undefined) return undefined
  if (!(error instanceof Error && /^Region is missing/.test(error.message))) return undefined
  return line.client.config.credentials().then(
    () => undefined,
    () =>
      new LadingError('E_CREDENTIALS', `no credentials were found for the profile "${printable(credentialsProfile)}"`, {
        why: 'it has neither credentials nor a region in ~/.aws/credentials and ~/.aws/config',
        hint: 'Check the name after ?profile=; `aws configure list-profiles` shows those that exist.',
      }),
  )
}

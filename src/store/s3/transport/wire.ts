import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { LadingError } from '../../../words/errors.ts'
import { refusalOf, UNREADABLE } from './replies.ts'

/** What is kept of the body of an error: enough for its code and message. In bytes. */
export const ERROR_BYTES: number = 64 * 1024

/** More than a listing of a thousand keys of the greatest length, escaped twice, can have. In bytes. */
export const ANSWER_BYTES: number = 32 * 2 ** 20

/** The `Date` header by answer, because the SDK drops it. In milliseconds since 1970. */
const dates = new WeakMap<object, number>()

/** How long before `answer` the store did something, by its own clock; `undefined` when it does not tell. */
export function agoIn(answer: object, at: Date | undefined): number | undefined {
  const answered = dates.get(answer)
  const then = at?.getTime()
  if (answered === undefined || then === undefined || Number.isNaN(then)) return undefined
  return Math.max(0, answered - then)
}

/** When the store answered, by its own clock, in milliseconds since 1970; `undefined` when it does not tell. */
export const toldAt = (answer: object): number | undefined => dates.get(answer)

/** @param date as the answer's header has it */
export function noteDate<T extends object>(answer: T, date: string | undefined): T {
  const at = Date.parse(date ?? '')
  if (!Number.isNaN(at)) dates.set(answer, at)
  return answer
}

/** Notes when the store answered, by its own clock. */
export function noteDates(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      if (result.output && isAnswer(result.response)) noteDate(result.output, result.response.headers.date)
      return result
    },
    // Wraps the SDK's own deserializer.
    { step: 'deserialize', priority: 'high', name: 'ladingDates' },
  )
}

/** Limits the memory that an answer may take: the SDK buffers all of it, whoever sent it. */
export function boundAnswers(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      const { response } = result
      if (!(isAnswer(response) && response.body instanceof Readable)) return result
      const isError = response.statusCode >= 300
      // The bytes of an object are not limited.
      if (!isError && context.commandName === 'GetObjectCommand') return result
      const chunks = await collected(response.body, isError)
      if (isError) assertTold(response, Buffer.concat(chunks))
      response.body = Readable.from(chunks)
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'ladingBounds' },
  )
}

/** A page instead of an error's code: the SDK would take a proxy's 404 for an object that is not there. */
function assertTold({ statusCode: status, headers }: HttpAnswer, body: Buffer): void {
  const refusal = refusalOf({ status, headers, body, isCut: false }, false)
  if (refusal.name === UNREADABLE) throw refusal
}

/** Of an error the beginning is enough; a result has to be whole. */
async function collected(body: Readable, isError: boolean): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk)
    chunks.push(bytes)
    size += bytes.byteLength
    if (isError && size > ERROR_BYTES) return [Buffer.concat(chunks).subarray(0, ERROR_BYTES)]
    if (size > ANSWER_BYTES) throw tooMuch()
  }
  return chunks
}

/** The length that an answer announces; 0 where it does not. */
export function announcedBytes(response: unknown): number {
  const length = isAnswer(response) ? Number(response.headers['content-length']) : Number.NaN
  return Number.isSafeInteger(length) && length > 0 ? length : 0
}

/**
 * DeleteObjects requires a checksum, and the SDK cannot send an MD5: where the store does not know the newer headers,
 * Content-MD5 replaces them before the request is signed.
 */
export function useContentMd5(client: S3Client, isWanted: () => boolean): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request
      if (isWanted() && isDeleteObjects(request)) {
        for (const name of Object.keys(request.headers)) {
          if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete request.headers[name]
        }
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64')
      }
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'ladingContentMd5' },
  )
}

interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | undefined>>
  body: unknown
}

function isAnswer(response: unknown): response is HttpAnswer {
  if (typeof response !== 'object' || response === null) return false
  const { statusCode, headers } = response as { statusCode?: unknown; headers?: unknown } // read, never trusted
  return typeof statusCode === 'number' && typeof headers === 'object' && headers !== null
}

interface DeleteObjects {
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

function isDeleteObjects(request: unknown): request is DeleteObjects {
  if (typeof request !== 'object' || request === null) return false
  const { method, query, body } = request as { method?: unknown; query?: unknown; body?: unknown } // read, never trusted
  return (
    method === 'POST' &&
    typeof query === 'object' &&
    query !== null &&
    'delete' in query &&
    (typeof body === 'string' || body instanceof Uint8Array)
  )
}

export function tooMuch(): LadingError {
  return new LadingError('E_NOT_S3', "the answer is longer than any of an object store's", {
    why: 'it was given up after 32 MiB',
    hint: 'Check the connection and `endpoint`.',
  })
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { type BatchFailure, LadingError } from '../../index.ts'
import { answersOf, type Place } from './answers.ts'
import { createFeed } from './feed.ts'
import { obey, orderIn } from './orders.ts'
import { inTurn, type Shared, shared } from './shared.ts'

/** What is answered to whoever has the token. */
export interface Route {
  readonly method: 'GET' | 'POST'
  answer(exchange: Exchange): Promise<void> | void
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As it was sent, without the query. */
  readonly path: string
  readonly query: URLSearchParams
}

/** Bytes of a request's body. */
const MAX_BODY = 64 * 1024

/** Failures that are shown of a batch; its image manifest has all. */
const MOST_FAILURES = 50
/** Looks at failures that are remembered. */
const MOST_LOOKS = 100

export function routesOf(place: Place): Readonly<Record<string, Route>> {
  const { batches } = place
  const { line, failure, overview } = answersOf(place)
  const feed = createFeed({
    monitor: batches.monitor(),
    lineOf: async (seen) => line(await overview(seen, place)),
    failureLine: (error) => line(failure(error)),
  })
  // A look at dead letters holds them for a moment, and would hide them from an order. Workers hear theirs all the same.
  const [withLetters, withWorkers] = [inTurn(), inTurn()]
  const letters = shared(() => withLetters(() => batches.deadLetters()))
  const failures = new Map<string, Shared<readonly BatchFailure[]>>()
  /** @param failed as many as who asks was shown: what was seen while there were fewer is not all of them */
  const failuresIn = (batch: string, failed: string): Promise<readonly BatchFailure[]> => {
    if (failures.size > MOST_LOOKS) failures.clear()
    const key = `${batch} ${failed}`
    const known = failures.get(key) ?? shared(() => batches.failures(batch, MOST_FAILURES))
    failures.set(key, known)
    return known.get()
  }

  const send = async (response: ServerResponse, answer: Promise<object>): Promise<void> => {
    const [status, fields] = await answer.then(
      (found) => [200, found] as const,
      (error: unknown) => [error instanceof LadingError ? 409 : 500, failure(error)] as const,
    )
    response.writeHead(status, { 'content-type': 'application/json' }).end(line(fields))
  }

  return {
    '/api/watch': {
      method: 'GET',
      answer({ response }) {
        response.setHeader('content-type', 'application/x-ndjson')
        if (feed.join(response)) return
        response.setHeader('retry-after', '10')
        refuse({ response }, 503)
      },
    },
    '/api/failures': {
      method: 'GET',
      answer: ({ response, query }) =>
        send(
          response,
          failuresIn(query.get('batch') ?? '', query.get('failed') ?? '').then((found) => ({ failures: found })),
        ),
    },
    '/api/letters': {
      method: 'GET',
      answer: ({ response }) =>
        send(
          response,
          letters.get().then((found) => ({ letters: found })),
        ),
    },
    '/api/orders': {
      method: 'POST',
      async answer({ request, response }) {
        // A page of another site may send forms and plain text without asking; JSON it may not.
        if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
          return refuse({ response }, 415)
        }
        const body = await bodyOf(request)
        if (body === undefined) return refuse({ response }, 413)
        const asked = orderIn(body)
        if (!asked) return refuse({ response }, 400)
        const inOrder = 'redrive' in asked ? withLetters : withWorkers
        const done = inOrder(() => obey(asked, batches)).finally(() => {
          letters.forget()
          feed.hurry()
        })
        await send(
          response,
          done.then((text) => ({ text })),
        )
      },
    },
  }
}

/** An empty answer. What the request still has to say is not listened to. */
export function refuse({ response }: Pick<Exchange, 'response'>, status: number): void {
  response.removeHeader('content-type')
  response.writeHead(status, { 'content-length': 0, connection: 'close' }).end()
}

/** `undefined` when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

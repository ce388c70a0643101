import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EdgeAnswer {
  readonly status: number
  /** The error's code; without one the body is `text`. */
  readonly code?: string
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  /** The connection ends without an answer, or the answer never comes. */
  readonly instead?: 'reset' | 'stall'
}

interface Created {
  readonly reference: string
  readonly paths: readonly string[]
}

export interface Edge {
  readonly endpoint: string
  readonly distribution: string
  /** Every request to create an invalidation, those refused included. */
  readonly created: readonly Created[]
  /** Requests that asked how far an invalidation is. */
  looks(): number
  /** What the next requests to create an invalidation are answered, one each. */
  next(...answers: readonly EdgeAnswer[]): void
  /** The same for requests that look. */
  nextLooks(...answers: readonly EdgeAnswer[]): void
  /** After how many looks an invalidation is done. */
  doneAfter(looks: number): void
  close(): Promise<void>
}

/** CloudFront's two requests about invalidations on loopback, with answers that moto does not give. */
export async function startEdge(): Promise<Edge> {
  const distribution = 'EDFDVBD6EXAMPLE'
  const created: Created[] = []
  const answers: EdgeAnswer[] = []
  const lookAnswers: EdgeAnswer[] = []
  let looks = 0
  let needed = 0
  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      const isLook = request.method === 'GET'
      if (isLook) looks += 1
      else created.push(readBatch(text))
      const planned = (isLook ? lookAnswers : answers).shift()
      if (planned) return refuse(response, planned)
      response.writeHead(isLook ? 200 : 201, { 'content-type': 'text/xml' })
      response.end(invalidation(`I${created.length}`, isLook && looks > needed))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a host and port answers with an object; text is for pipes.
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    distribution,
    created,
    looks: () => looks,
    next: (...planned) => void answers.push(...planned),
    nextLooks: (...planned) => void lookAnswers.push(...planned),
    doneAfter: (count) => {
      needed = count
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

function refuse(response: ServerResponse, { status, code, text = '', headers, instead }: EdgeAnswer): void {
  if (instead === 'stall') return
  if (instead === 'reset') {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': code ? 'text/xml' : 'text/html', ...headers })
  response.end(
    code
      ? `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>because</Message></Error></ErrorResponse>`
      : text,
  )
}

function readBatch(text: string): Created {
  return {
    reference: /<CallerReference>([^<]*)</.exec(text)?.[1] ?? '',
    paths: [...text.matchAll(/<Path>([^<]*)</g)].map(([, path = '']) => path),
  }
}

function invalidation(id: string, isDone: boolean): string {
  const status = isDone ? 'Completed' : 'InProgress'
  return `<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>${id}</Id><Status>${status}</Status><CreateTime>2026-01-01T00:00:00Z</CreateTime></Invalidation>`
}

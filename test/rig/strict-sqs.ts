import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../src/batch/clock.ts'
import { type Credentials, createClients } from './s3-clients.ts'
import { createSqsFaults, type SqsChaos, type SqsFault } from './sqs-faults.ts'
import { OPERATIONS, type SqsState } from './sqs-operations.ts'
import { type Input, QUERY_CODES, SqsRefusal } from './sqs-protocol.ts'
import { createShelf, type Shelf } from './sqs-shelf.ts'

export interface StrictSqs extends Credentials {
  readonly endpoint: string
  /** The operation of every request, in order. */
  readonly requests: readonly string[]
  /** What no client of ours may ever send. */
  readonly violations: readonly string[]
  urlOf(name: string): string
  fault(fault: SqsFault): void
  /** Faults at random from now on, and no order at all. */
  chaos(chaos: SqsChaos | undefined): void
  close(): Promise<void>
}

/**
 * SQS on loopback, in the JSON protocol of AWS, that believes nothing: what the documents do not allow is refused and is
 * on record. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
 */
export async function startStrictSqs(clock: Clock): Promise<StrictSqs> {
  const clients = createClients()
  const requests: string[] = []
  const violations: string[] = []
  const shelves = new Map<string, Shelf>()
  const faults = createSqsFaults()
  let endpoint = ''

  const urlOf = (name: string): string => `${endpoint}/000000000000/${name}`
  const state: SqsState = {
    shelves,
    clock,
    urlOf,
    open: (name) => {
      const shelf = createShelf(name, () => clock.now())
      shelves.set(name, shelf)
      return shelf
    },
    ...faults.state,
  }

  const answer = async (op: string, incoming: IncomingMessage): Promise<unknown> => {
    const input = await inputOf(incoming)
    checkCaller(incoming, clients.secretOf)
    faults.beforeAnswer(op)
    return operationOf(op)(state, input)
  }
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const op = String(incoming.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '')
    requests.push(op)
    if (faults.isResetBefore(op)) return void outgoing.destroy()
    try {
      const answered = await answer(op, incoming)
      if (faults.isResetAfter(op)) outgoing.destroy()
      else reply(outgoing, 200, answered)
    } catch (error) {
      if (!(error instanceof SqsRefusal)) throw error
      if (!EXPECTED.has(error.code)) violations.push(`${op}: ${error.code} ${error.message}`)
      refuse(outgoing, error)
    }
  }
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      violations.push(String(error))
      outgoing.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a host and port answers with an object; text is for pipes.
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    endpoint,
    ...clients.credentials(''),
    requests,
    violations,
    urlOf,
    fault: faults.add,
    chaos: faults.chaos,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What a correct client may meet. */
const EXPECTED = new Set([
  'QueueDoesNotExist',
  'RequestThrottled',
  'InternalError',
  'AccessDenied',
  'ServiceUnavailable',
])

function operationOf(op: string): (state: SqsState, input: Input) => unknown {
  const operation = OPERATIONS[op]
  if (!operation) throw new SqsRefusal(400, 'InvalidAction', op)
  return operation
}

async function inputOf(incoming: IncomingMessage): Promise<Input> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece)
  return JSON.parse(Buffer.concat(pieces).toString())
}

function checkCaller({ headers, method, url }: IncomingMessage, secretOf: (id: string) => string | undefined): void {
  if (method !== 'POST' || url !== '/') throw new SqsRefusal(400, 'InvalidAddress', `${method} ${url}`)
  if (headers['content-type'] !== 'application/x-amz-json-1.0') throw new SqsRefusal(400, 'InvalidAddress', 'no JSON')
  const [, id = '', service] =
    /Credential=([^/]+)\/\d{8}\/[\w-]+\/(\w+)\/aws4_request/.exec(headers.authorization ?? '') ?? []
  if (service !== 'sqs') throw new SqsRefusal(403, 'MissingAuthenticationToken')
  if (secretOf(id) === undefined) throw new SqsRefusal(403, 'InvalidClientTokenId')
}

function reply(outgoing: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers })
  outgoing.end(JSON.stringify(body))
}

function refuse(outgoing: ServerResponse, { status, code, message }: SqsRefusal): void {
  const fault = status < 500 ? 'Sender' : 'Receiver'
  const headers = { 'x-amzn-query-error': `${QUERY_CODES[code] ?? code};${fault}` }
  reply(outgoing, status, { __type: `com.amazonaws.sqs#${code}`, message }, headers)
}

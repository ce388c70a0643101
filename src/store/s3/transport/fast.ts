import { type AwsKeys, environmentKeys } from '../../../aws/keys.ts'
import { VERSION } from '../../../version.ts'
import type { OperationName, Operations, Passage, Wire } from '../operations.ts'
import type { WireSetup } from '../setup.ts'
import { createHttp, limitsOf, proxiesFor } from './connections.ts'
import type { Deadline } from './deadline.ts'
import type { Http, HttpAnswer, HttpHead, HttpRequest } from './http.ts'
import type { Renewal } from './line.ts'
import { isForSdk, type Place, placeOf } from './place.ts'
import { READ, refusalOf } from './replies.ts'
import { BUILD, type FastOperations, type PlainRequest } from './requests.ts'
import { createSigner, encodedPath, type Signed, type Signer } from './sign.ts'
import type { LateSdk } from './transport.ts'
import { ANSWER_BYTES, ERROR_BYTES, noteDate, tooMuch } from './wire.ts'

/** Sends the frequent operations by our own HTTP requests. */
export interface FastWire extends Wire {
  /** Who sends the rest. */
  readonly sdk: LateSdk
  /** The connections, by origin: the wire that replaces this one takes them over. */
  readonly lines: Map<string, Http>
}

/** What a wire has found out before its first request. */
interface Ready {
  readonly place: Place
  readonly signer: Signer
  readonly http: Http
  /** Credentials of the environment, available at once. */
  readonly own: AwsKeys | undefined
  /** Credentials that the SDK finds: it knows profiles, SSO, roles and metadata services. */
  keys(): Promise<AwsKeys>
}

/** Not signed, because proxies may change it. Some services reject requests without a User-Agent. */
const AGENT = `lading/${VERSION}`

/** A larger difference is clock skew, not network delay, in milliseconds. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html */
const SKEW_MS = 300_000

export function createFastWire(setup: WireSetup, renewal: Renewal<FastWire>, sdk: LateSdk): FastWire {
  let ready: Promise<Ready | undefined> | undefined
  let prepared: Ready | undefined
  const lines = renewal.before?.lines ?? new Map<string, Http>()

  const prepare = async (): Promise<Ready | undefined> => {
    if (setup.options.transport === 'sdk' || isForSdk(setup)) return undefined
    const region = renewal.region ?? setup.region ?? (await (await sdk.open()).region())
    const place = placeOf(setup, region)
    if (place === undefined) return undefined
    const http = lines.get(place.origin.href) ?? openHttp(setup, place)
    lines.set(place.origin.href, http)
    return {
      place,
      signer: createSigner(region),
      http,
      own: ownKeys(setup),
      keys: async () => (await sdk.open()).keys(),
    }
  }

  const refusal = (answer: HttpAnswer): Error => {
    const off = Date.parse(answer.headers.date ?? '') - Date.now()
    const isSkewed = Math.abs(off - sdk.aheadMs) >= SKEW_MS
    if (isSkewed) sdk.aheadMs = off
    return refusalOf(answer, isSkewed)
  }

  const signed = ({ place, signer }: Ready, plain: PlainRequest, keys: AwsKeys): Signed => {
    const { method, key, query, headers, payload } = plain
    const path = `${place.path}/${encodedPath(key ?? '')}`
    headers.host = place.host
    const found = signer.sign({ method, path, query, headers, payload }, keys, Date.now() + sdk.aheadMs)
    found.headers.push('user-agent', AGENT)
    return found
  }

  const exchange = async <N extends keyof FastOperations>(
    at: Ready,
    keys: AwsKeys,
    { operation, input, passage }: Sent<N>,
  ): Promise<Operations[N]['output']> => {
    // The tables hold matching types for each name, which TypeScript does not follow.
    const build = BUILD[operation] as (input: unknown) => PlainRequest
    const read = READ[operation] as (answer: HttpAnswer) => Operations[N]['output']
    const plain = build(input)
    const answer = await at.http.send(new Outgoing(operation, plain, { ...signed(at, plain, keys), passage }))
    if (answer.status >= 300) throw refusal(answer)
    if (answer.isCut && isDocument(operation)) throw tooMuch()
    return plain.body === undefined ? noteDate(read(answer), answer.headers.date) : read(answer)
  }

  /** For requests that wait for a region or keys to be found, or that are left to the SDK. */
  const late = async <N extends OperationName>(sent: Sent<N>): Promise<Operations[N]['output']> => {
    ready ??= prepare().then((made) => {
      prepared = made
      return made
    })
    const { operation, input, passage } = sent
    const at = isFast(operation) ? await ready : undefined
    if (!isFast(operation) || at === undefined) return (await sdk.open()).send(operation, input, passage)
    return exchange(at, at.own ?? (await at.keys()), { operation, input, passage })
  }

  return {
    sdk,
    lines,
    send(operation, input, passage) {
      // Nearly always everything is ready, and every await costs.
      const at = isFast(operation) ? prepared : undefined
      if (isFast(operation) && at?.own) return exchange(at, at.own, { operation, input, passage })
      return stoppable(passage.deadline, () => late({ operation, input, passage }))
    },
    warmUp: (requests) => prepared?.http.warmUp?.(requests),
  }
}

/** One operation, as it was asked for. */
interface Sent<N extends OperationName> {
  readonly operation: N
  readonly input: Operations[N]['input']
  readonly passage: Passage
}

/** A class, because one is made for every request. */
class Outgoing implements HttpRequest {
  readonly method: string
  readonly target: string
  readonly headers: string[]
  readonly body: Uint8Array | undefined
  readonly passage: Passage
  readonly #operation: keyof FastOperations

  constructor(
    operation: keyof FastOperations,
    { method, body }: PlainRequest,
    { target, headers, passage }: Signed & { readonly passage: Passage },
  ) {
    this.#operation = operation
    this.method = method
    this.target = target
    this.headers = headers
    this.body = body
    this.passage = passage
  }

  began(head: HttpHead): number {
    const wanted = wantedBytes(this.#operation, head)
    this.passage.deadline.answered(Math.min(wanted, Number(head.headers['content-length']) || 0))
    return wanted
  }
}

/** Obeys the deadline also while keys or a region are being found: later on the connection itself listens to it. */
function stoppable<T>(deadline: Deadline, send: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.onStop(reject)
    if (deadline.hasStopped) reject(deadline.reason)
    send().then(resolve, reject)
  })
}

function isFast(operation: OperationName): operation is keyof FastOperations {
  return operation in BUILD
}

function openHttp({ options }: WireSetup, { origin }: Place): Http {
  const proxies = proxiesFor(origin, options.env ?? process.env)
  return createHttp({ origin, ...limitsOf(options), proxies, isUndici: options.isUndici })
}

function ownKeys({ options }: WireSetup): AwsKeys | undefined {
  return environmentKeys({ profile: options.profile, env: options.env ?? process.env })
}

/** How much of a body is wanted: the beginning of an error is enough, and an object without ETag is not used. */
function wantedBytes(operation: keyof FastOperations, { status, headers }: HttpHead): number {
  if (status >= 300) return ERROR_BYTES
  if (isDocument(operation)) return ANSWER_BYTES
  return operation === 'GetObject' && headers.etag !== undefined ? Number.POSITIVE_INFINITY : ERROR_BYTES
}

/** Whether its result is XML in the body, which has to be whole. */
function isDocument(operation: keyof FastOperations): boolean {
  return operation === 'ListObjectsV2' || operation === 'CopyObject'
}

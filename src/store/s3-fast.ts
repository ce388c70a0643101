import { type AwsKeys, environmentKeys } from '../aws-keys.ts'
import { VERSION } from '../version.ts'
import { createHttp, proxiesFor } from './s3-connections.ts'
import type { Http, HttpAnswer, HttpHead } from './s3-http.ts'
import type { Renewal } from './s3-line.ts'
import type { OperationName, Operations, Wire } from './s3-operations.ts'
import { isForSdk, type Place, placeOf } from './s3-place.ts'
import { READ, refusalOf } from './s3-replies.ts'
import { BUILD, type FastOperations, type PlainRequest } from './s3-requests.ts'
import { connectMs, type WireSetup } from './s3-setup.ts'
import { createSigner, encodedPath, type Signed, type Signer } from './s3-sign.ts'
import type { LateSdk } from './s3-transport.ts'
import { ANSWER_BYTES, ERROR_BYTES, noteDate, tooMuch } from './s3-wire.ts'

/** Our own requests for what is asked often. */
export interface FastWire extends Wire {
  /** Who sends the rest. */
  readonly sdk: LateSdk
  /** The connections, by origin: what follows this wire keeps them. */
  readonly lines: Map<string, Http>
}

/** What a wire has found out before its first request. */
interface Ready {
  readonly place: Place
  readonly signer: Signer
  readonly http: Http
  keys(): AwsKeys | Promise<AwsKeys>
}

/** Not signed, for proxies may change it. Some services turn away whoever says nothing of itself. */
const AGENT = `lading/${VERSION}`

/** A clock that is further off is not excused by the line. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html */
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
    return { place, signer: createSigner(region), http, keys: keysOf(setup, sdk) }
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
    return signer.sign({ method, path, query, headers, payload }, keys, Date.now() + sdk.aheadMs)
  }

  return {
    sdk,
    lines,
    async send(operation, input, passage) {
      ready ??= prepare().then((made) => {
        prepared = made
        return made
      })
      const at = isFast(operation) ? (prepared ?? (await ready)) : undefined
      if (!isFast(operation) || at === undefined) return (await sdk.open()).send(operation, input, passage)
      // The tables hold for each name what belongs to it, which TypeScript does not follow.
      const build = BUILD[operation] as (input: unknown) => PlainRequest
      const read = READ[operation] as (answer: HttpAnswer) => Operations[typeof operation]['output']
      const plain = build(input)
      const found = at.keys()
      // Known at once, mostly; and every wait costs.
      const { target, headers } = signed(at, plain, found instanceof Promise ? await found : found)
      headers.push('user-agent', AGENT)
      const { method, body } = plain
      const began = (head: HttpHead): number => {
        passage.deadline.answered(Number(head.headers['content-length']) || 0)
        return wantedBytes(operation, head)
      }
      const answer = await at.http.send({ method, target, headers, body, passage, began })
      if (answer.status >= 300) throw refusal(answer)
      if (answer.isCut && isDocument(operation)) throw tooMuch()
      return body === undefined ? noteDate(read(answer), answer.headers.date) : read(answer)
    },
  }
}

function isFast(operation: OperationName): operation is keyof FastOperations {
  return operation in BUILD
}

function openHttp({ options }: WireSetup, { origin }: Place): Http {
  const { concurrency, requestTimeoutMs, isUndici } = options
  const limits = { connections: concurrency + 8, connectMs: connectMs(requestTimeoutMs) }
  return createHttp({ origin, ...limits, proxies: proxiesFor(origin, options.env ?? process.env), isUndici })
}

/** Those of the environment, else what the SDK finds: it knows profiles, SSO, roles and metadata services. */
function keysOf({ options }: WireSetup, sdk: LateSdk): Ready['keys'] {
  const keys = environmentKeys({ profile: options.profile, env: options.env ?? process.env })
  return keys ? () => keys : async () => (await sdk.open()).keys()
}

/** Of an answer's body: an error's beginning is enough, and of an object without ETag nothing is wanted. */
function wantedBytes(operation: keyof FastOperations, { status, headers }: HttpHead): number {
  if (status >= 300) return ERROR_BYTES
  if (isDocument(operation)) return ANSWER_BYTES
  return operation === 'GetObject' && headers.etag !== undefined ? Number.POSITIVE_INFINITY : ERROR_BYTES
}

/** Whether its answer tells in its body, which has to be whole. */
function isDocument(operation: keyof FastOperations): boolean {
  return operation === 'ListObjectsV2' || operation === 'CopyObject'
}

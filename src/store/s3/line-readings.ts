import { printable } from '../../words/errors.ts'
import { described, lineCode, PASSING_CODES, type Reading } from '../aws-failure.ts'
import { nearestDomain } from './profiles.ts'
import type { Stage } from './transport/deadline.ts'

/** What was asked of the store when it failed. */
export interface S3Request {
  /** The permission that the request needs: `s3:PutObject`. */
  readonly action: string
  readonly bucket: string
  /** Where an endpoint says that the store is. */
  readonly host?: string | undefined
  /** Absent for requests about the bucket. */
  readonly key?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether its time was up when it failed. */
  readonly late?: boolean | undefined
  /** How far it had come. @default 'waiting' */
  readonly stage?: Stage | undefined
}

export type S3Reading = Reading<S3Request>

const TLS_CODES = /CERT|TLS|SSL|UNABLE_TO/

/** OpenSSL's words for an answer that is no TLS. */
const NO_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/

/** The SDK reports a connection that was cut as a timeout, too. */
const CUT = new Set(['ECONNRESET', 'EPIPE'])

export const lateness: S3Reading = ({ name, message, codes }, request) => {
  const isLate = request.late || (name === 'TimeoutError' && !codes.some((code) => CUT.has(code)))
  if (!isLate) return undefined
  const stage = /establish a connection/.test(message) ? 'connecting' : (request.stage ?? 'waiting')
  return described('E_TIMEOUT', `${LATE[stage]} ${place(request)}`, {
    why: `${request.host ?? 'the store'} or the line to it is too slow, or dead`,
    hint: 'Raise `requestTimeoutMs` or lower `concurrency` if this goes on.',
    retryable: true,
  })
}

const LATE: Readonly<Record<Stage, string>> = {
  connecting: 'no connection in time for',
  waiting: 'no answer in time to',
  receiving: 'the answer did not end in time to',
}

/** undici's words. */
const BY_PROXY = /^Proxy response \((\d{3})\)/

export const proxy: S3Reading = ({ message }, request) => {
  const status = BY_PROXY.exec(message)?.[1]
  if (status === undefined) return undefined
  return described('E_UNREACHABLE', `no connection to the store for ${place(request)}`, {
    why: `the proxy answered ${status}`,
    hint:
      status === '407'
        ? 'It wants a user and a password: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT'
        : 'Check HTTPS_PROXY, or name the host of the store in NO_PROXY.',
    retryable: Number(status) >= 500,
  })
}

export const connection: S3Reading = ({ message, codes, host }, request) => {
  const tls = codes.find((code) => TLS_CODES.test(code))
  if (tls !== undefined && NO_TLS.test(tls)) {
    return described('E_UNREACHABLE', 'no secure connection to the store comes about', {
      subject: request.bucket,
      why: from(request, tls),
      hint: 'It may be a server of plain http, or another port: check `endpoint`.',
    })
  }
  if (tls !== undefined) {
    return described('E_UNREACHABLE', "the store's certificate is not accepted", {
      subject: request.bucket,
      why: from(request, tls),
      hint: 'For a certificate authority of your own, set NODE_EXTRA_CA_CERTS to its file.',
    })
  }
  const code = lineCode({ codes, message })
  if (code === undefined) return undefined
  const where = host === undefined ? request.host : printable(host)
  return described('E_UNREACHABLE', `the store cannot be reached for ${place(request)}`, {
    why: `the connection${where === undefined ? '' : ` to ${where}`} ended with ${code}`,
    hint: `Check \`endpoint\`, \`region\` and the network.${suggestion(host)}`,
    retryable: PASSING_CODES.has(code),
  })
}

const from = ({ host }: S3Request, why: string): string => (host === undefined ? why : `${host}: ${why}`)

/** For a host that was not found. */
function suggestion(host: string | undefined): string {
  const domain = host === undefined ? undefined : nearestDomain(host)
  return domain === undefined ? '' : ` Was "${domain}" meant, instead of "${printable(host ?? '')}"?`
}

/** For people. */
export function place({ action, bucket, key }: S3Request): string {
  return key === undefined ? `${action} of the bucket "${bucket}"` : `${action} of "${printable(key)}"`
}

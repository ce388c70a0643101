import { type S3Answer, type S3Call, S3Refusal } from './s3-protocol.ts'

/**
 *   status:NNN   that status, with the code S3 gives it
 *   html200      200 with a page, as a captive portal answers everything
 *   reset        the connection is cut
 *   stall        no answer ever
 *   truncate     half of the body, then the connection is cut
 *   wrong-etag   the ETag of other bytes, and no checksum
 *   no-etag      neither ETag nor checksum
 */
export type FaultName = `status:${number}` | 'html200' | 'reset' | 'stall' | 'truncate' | 'wrong-etag' | 'no-etag'

export interface Fault {
  /** The request's number, counted from 1, or a question about it. */
  readonly at: number | ((call: S3Call) => boolean)
  /** How often it happens. @default 1 */
  readonly times?: number
  /** What happens instead of the answer; a function changes the answer. */
  readonly do: FaultName | ((answer: S3Answer) => S3Answer)
  /** Whether the server has acted by then. @default 'before' for what answers with an error, 'after' otherwise */
  readonly when?: 'before' | 'after'
  /** Sent as `Retry-After` with a status. */
  readonly retryAfterSeconds?: number
}

/** What is to be done to a connection instead of answering. */
export type Cut = { readonly cut: 'reset' | 'stall' } | { readonly cut: 'truncate'; readonly answer: S3Answer }

export interface FaultBox {
  add(fault: Fault): void
  clear(): void
  /** Answers a request, through `act` unless a fault comes first. */
  through(call: S3Call, act: () => S3Answer): S3Answer | Cut
}

const CODES: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  404: 'NoSuchBucket',
  409: 'ConditionalRequestConflict',
  412: 'PreconditionFailed',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'SlowDown',
}

const PORTAL =
  '<!doctype html><html><head><title>Sign in</title></head><body>Welcome to the guest network</body></html>'

export function createFaultBox(): FaultBox {
  let faults: { readonly fault: Fault; left: number }[] = []
  const take = (call: S3Call): Fault | undefined => {
    const found = faults.find(
      ({ fault: { at }, left }) => left > 0 && (typeof at === 'number' ? at === call.number : at(call)),
    )
    if (found) found.left -= 1
    return found?.fault
  }
  return {
    add: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    clear: () => {
      faults = []
    },
    through(call, act) {
      const fault = take(call)
      if (!fault) return act()
      const isEarly = typeof fault.do === 'string' && /^(status|html200|reset|stall)/.test(fault.do)
      const isBefore = (fault.when ?? (isEarly ? 'before' : 'after')) === 'before'
      return spoilt(fault, isBefore ? { status: 200 } : act())
    },
  }
}

function spoilt(fault: Fault, answer: S3Answer): S3Answer | Cut {
  if (typeof fault.do === 'function') return fault.do(answer)
  const { etag: _, 'x-amz-checksum-sha256': __, ...headers } = answer.headers ?? {}
  switch (fault.do) {
    case 'reset':
    case 'stall':
      return { cut: fault.do }
    case 'truncate':
      return { cut: 'truncate', answer }
    case 'html200':
      return { status: 200, headers: { 'content-type': 'text/html' }, body: PORTAL }
    case 'no-etag':
      return { ...answer, headers }
    case 'wrong-etag':
      return { ...answer, headers: { ...headers, etag: `"${'0'.repeat(32)}"` } }
    default:
      return refusal(Number(fault.do.slice('status:'.length)), fault.retryAfterSeconds)
  }
}

function refusal(status: number, retryAfterSeconds: number | undefined): S3Answer {
  const answer = new S3Refusal(status, CODES[status] ?? 'Error').answer()
  if (retryAfterSeconds === undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } }
}

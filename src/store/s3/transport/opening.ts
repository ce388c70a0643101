import { slice } from '../../buffer-pool.ts'
import type { HttpRequest } from './http.ts'

/** A request as it is written to the socket. */
export interface Opening {
  /** Text is latin1. */
  readonly first: string | Uint8Array
  readonly rest?: Uint8Array | undefined
}

/** Guarded requests up to this size are sent in one write, in bytes: two run more code between guard and sending. */
const ONE_PIECE = 256 * 1024

export function openingOf(request: HttpRequest, isLast: boolean): Opening {
  const head = headOf(request, isLast)
  const { body, passage } = request
  if (body === undefined || body.byteLength === 0) return { first: head }
  if (!passage.isGuarded || body.byteLength > ONE_PIECE) return { first: head, rest: body }
  const whole = slice(head.length + body.byteLength)
  whole.write(head, 'latin1')
  whole.set(body, head.length)
  return { first: whole }
}

/** A request's first part. https://www.rfc-editor.org/rfc/rfc9112#section-3 */
function headOf({ method, target, headers, body }: HttpRequest, isLast: boolean): string {
  if (!TARGET.test(target)) throw invalid(target)
  let head = `${method} ${target} HTTP/1.1\r\nconnection: ${isLast ? 'close' : 'keep-alive'}\r\n`
  // Also for a PUT without a body: stores refuse one without a length.
  if (body !== undefined || method === 'PUT') head += `content-length: ${body?.byteLength ?? 0}\r\n`
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]]
    if (!known.has(name)) note(name)
    if (!VALUE.test(value)) throw invalid(name)
    head += `${name}: ${value}\r\n`
  }
  return `${head}\r\n`
}

const TARGET = /^[\x21-\x7e]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Names that were validated: there are few. */
const known = new Set<string>()

function note(name: string): void {
  if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name)) throw invalid(name)
  if (known.size < 1000) known.add(name)
}

/** It would allow header injection. */
function invalid(what: string): Error {
  return Object.assign(new TypeError(`a character that no header can have, in ${JSON.stringify(what)}`), {
    code: 'ERR_INVALID_CHAR',
  })
}

import type { Socket } from 'node:net'
import { AnswerReader, GarbledError } from './s3-answer.ts'
import { asError, connectError, cutError, type HttpAnswer, type HttpRequest } from './s3-http.ts'

/** One request and who waits for its answer. */
export interface Exchange {
  readonly request: HttpRequest
  /** Nobody waits for it any more. */
  isOver: boolean
  resolve(answer: HttpAnswer): void
  reject(error: Error): void
}

/** Who has the connections. */
export interface Owner {
  /** This one takes a request: it is connected, or has answered the one before. */
  ready(connection: Connection): void
  /** This one is of no more use. */
  closed(connection: Connection, error: Error): void
  /** What came on one was no answer. */
  garbled(): void
}

export interface Connecting {
  readonly isSecure: boolean
  readonly connectMs: number
}

/** How long a connection is kept for nobody, in milliseconds, where the other side does not say. */
const KEPT_MS = 4_000
/** Before the other side ends it, in milliseconds. */
const EARLY_MS = 1_000

/** One connection, which takes one request after the other. A class: there are hundreds, with the same functions. */
export class Connection {
  readonly #socket: Socket
  readonly #owner: Owner
  readonly #reader = new AnswerReader()
  #exchange: Exchange | undefined
  #hasAnswered = false
  #isWriting = false
  #isLast = false
  #keptUntil = Number.POSITIVE_INFINITY
  #error: Error | undefined

  constructor(socket: Socket, owner: Owner, { isSecure, connectMs }: Connecting) {
    this.#socket = socket
    this.#owner = owner
    const late = setTimeout(() => this.destroy(connectError(connectMs)), connectMs)
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      clearTimeout(late)
      owner.ready(this)
    })
    socket.on('error', (error) => {
      this.#error ??= error
    })
    socket.on('end', () => this.#ended())
    socket.on('close', () => {
      clearTimeout(late)
      this.#closed()
    })
  }

  /** Whether the other side may be thought to have kept it. */
  get isFresh(): boolean {
    return !this.#socket.destroyed && performance.now() < this.#keptUntil
  }

  /** Nobody needs it: it keeps no process alive. */
  rest(): void {
    this.#socket.unref()
  }

  /** @param isLast whether nothing may be asked of it afterwards */
  begin(exchange: Exchange, isLast: boolean): void {
    const { request } = exchange
    const { body, passage } = request
    try {
      // Last of all: a connection may take seconds, and a lease may end in them.
      passage.guard()
      this.#exchange = exchange
      this.#hasAnswered = false
      this.#isLast = isLast
      this.#reader.expect(request)
      this.#socket.ref()
      passage.deadline.onStop((reason) => {
        // It may have gone on to another request by then.
        if (this.#exchange === exchange) this.destroy(asError(reason))
      })
      this.#isWriting = true
      this.#write(headOf(request, isLast), body)
    } catch (error) {
      this.#exchange = undefined
      this.#isWriting = false
      exchange.reject(asError(error))
      this.#owner.ready(this)
    }
  }

  /** Bytes that came, of which nothing is kept. */
  received(bytes: Buffer): void {
    if (this.#exchange === undefined || this.#hasAnswered) {
      this.#stray()
      return
    }
    try {
      const progress = this.#reader.feed(bytes)
      if (progress !== 'reading') this.#answer(progress === 'cut')
    } catch (error) {
      if (error instanceof GarbledError) this.#owner.garbled()
      this.destroy(error instanceof GarbledError ? cutError(error) : asError(error))
    }
  }

  destroy(error: Error): void {
    this.#error ??= error
    this.#exchange?.reject(this.#error)
    this.#socket.destroy()
  }

  #write(head: string, body: Uint8Array | undefined): void {
    if (body === undefined || body.byteLength === 0) {
      this.#socket.write(head, 'latin1', this.#wrote)
      return
    }
    this.#socket.cork()
    this.#socket.write(head, 'latin1')
    this.#socket.write(body, this.#wrote)
    this.#socket.uncork()
  }

  readonly #wrote = (error?: Error | null): void => {
    this.#isWriting = false
    if (!error && this.#hasAnswered) this.#finish()
  }

  #answer(isCut: boolean): void {
    const { status, headers } = this.#reader.head
    this.#hasAnswered = true
    this.#exchange?.resolve({ status, headers, body: this.#reader.body, isCut })
    if (isCut) this.#socket.destroy()
    // A server may answer before it has read everything; and an answer is often seen before the end of the last write.
    else if (!this.#isWriting) this.#finish()
  }

  /** Both have said all. */
  #finish(): void {
    this.#exchange?.request.passage.left()
    this.#exchange = undefined
    if (!this.#reader.keeps || this.#isLast) {
      this.#socket.destroy()
      return
    }
    this.#keptUntil = performance.now() + keptMs(this.#reader.head.headers['keep-alive'])
    this.#owner.ready(this)
  }

  /** Something came that nobody has asked for: the answer to the next request could not be told from it. */
  #stray(): void {
    this.#owner.garbled()
    this.#socket.destroy()
  }

  #ended(): void {
    this.#keptUntil = 0
    if (this.#exchange !== undefined && !this.#hasAnswered && this.#reader.ended()) this.#answer(false)
  }

  #closed(): void {
    const error = this.#error ?? cutError(new Error('the other side has ended the connection'))
    if (!this.#hasAnswered) this.#exchange?.reject(error)
    this.#exchange = undefined
    this.#owner.closed(this, error)
  }
}

/** A request's first part. https://www.rfc-editor.org/rfc/rfc9112#section-3 */
function headOf({ method, target, headers, body }: HttpRequest, isLast: boolean): string {
  if (!TARGET.test(target)) throw invalid(target)
  let head = `${method} ${target} HTTP/1.1\r\nconnection: ${isLast ? 'close' : 'keep-alive'}\r\n`
  // Of a PUT without a body, too: stores refuse one that does not say how long it is.
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
/** Names that were looked at: there are few. */
const known = new Set<string>()

function note(name: string): void {
  if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name)) throw invalid(name)
  if (known.size < 1000) known.add(name)
}

/** It would end the header and begin another. */
function invalid(what: string): Error {
  return Object.assign(new TypeError(`a character that no header can have, in ${JSON.stringify(what)}`), {
    code: 'ERR_INVALID_CHAR',
  })
}

/** https://www.rfc-editor.org/rfc/rfc2068#section-19.7.1.1 */
function keptMs(said: string | undefined): number {
  const seconds = Number(/\btimeout=(\d{1,6})/.exec(said ?? '')?.[1])
  return Number.isNaN(seconds) ? KEPT_MS : Math.max(0, seconds * 1000 - EARLY_MS)
}

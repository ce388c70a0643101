import type { Socket } from 'node:net'
import { AnswerReader } from './answer.ts'
import { GarbledError, keptMs } from './fields.ts'
import { asError, connectError, cutError, type HttpAnswer, type HttpRequest } from './http.ts'
import { type Opening, openingOf } from './opening.ts'

/** One request and who waits for its answer. */
export interface Exchange {
  readonly request: HttpRequest
  resolve(answer: HttpAnswer): void
  reject(error: Error): void
}

/** The pool that owns the connections. */
export interface Owner {
  /** This one takes a request: it is connected, or has answered the one before. */
  ready(connection: Connection): void
  /** This one is of no more use. */
  closed(connection: Connection, error: Error): void
  /** After its answer to a HEAD came something that is no answer: a body, mostly. */
  garbled(): void
}

export interface Connecting {
  readonly isSecure: boolean
  readonly connectMs: number
}

/** How much of a request the system's send buffer takes at once, in bytes. */
const TAKEN_BYTES = 16 * 1024
/** How long sending the rest of a body may take after its answer, in milliseconds: after a success, after a refusal. */
const [LEAVING_MS, REFUSED_MS] = [30_000, 1_000]

/** One connection, which takes one request after the other. A class: there are hundreds, with the same functions. */
export class Connection {
  readonly #socket: Socket
  readonly #owner: Owner
  readonly #reader = new AnswerReader()
  #exchange: Exchange | undefined
  #hasAnswered = false
  #isWriting = false
  #isLast = false
  /** Whether the other side has closed its half. */
  #hasEnded = false
  #hadHead = false
  #keptUntil = Number.POSITIVE_INFINITY
  #error: Error | undefined
  /** Ends what takes too long: connecting, or a body that nobody reads any more. */
  #late: NodeJS.Timeout | undefined

  constructor(socket: Socket, owner: Owner, { isSecure, connectMs }: Connecting) {
    this.#socket = socket
    this.#owner = owner
    this.#late = setTimeout(() => this.destroy(connectError(connectMs)), connectMs)
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      clearTimeout(this.#late)
      owner.ready(this)
    })
    socket.on('error', (error) => {
      this.#error ??= error
    })
    socket.on('end', () => this.#ended())
    socket.on('close', () => this.#closed())
  }

  /** Whether the server has probably not closed it yet. */
  get isFresh(): boolean {
    return this.#isOpen && performance.now() < this.#keptUntil
  }

  get #isOpen(): boolean {
    return !(this.#hasEnded || this.#socket.destroyed)
  }

  /** Not needed now: it must not keep the process alive. */
  rest(): void {
    this.#socket.unref()
    this.#late?.unref()
  }

  /** Needed again: it keeps the process alive. */
  hurry(): void {
    this.#socket.ref()
    this.#late?.ref()
  }

  /**
   * @param isLast whether the connection is to be closed afterwards
   * @returns whether the request has left; otherwise its guard has refused it, and the connection is free
   */
  begin(exchange: Exchange, isLast: boolean): boolean {
    const { request } = exchange
    const { deadline } = request.passage
    try {
      const opening = openingOf(request, isLast)
      this.#reader.expect(request)
      // Last of all: a lease may expire in the seconds that connecting takes, or while this process is suspended.
      request.passage.guard()
      if (deadline.hasStopped) throw asError(deadline.reason)
      this.#exchange = exchange
      this.#hasAnswered = false
      this.#isLast = isLast
      this.#isWriting = true
      deadline.onStop((reason) => {
        // It may have gone on to another request by then.
        if (this.#exchange === exchange) this.destroy(asError(reason))
      })
      this.#socket.ref()
      this.#write(opening)
      return true
    } catch (error) {
      exchange.reject(asError(error))
      return false
    }
  }

  /** Handles bytes that came; their memory may be reused afterwards. */
  received(bytes: Buffer): void {
    // Unsolicited bytes could be taken for the answer to the next request.
    if (this.#exchange === undefined || this.#hasAnswered) {
      this.#garbled(new Error('nobody asked for it'))
      return
    }
    try {
      const progress = this.#reader.feed(bytes)
      if (progress !== 'reading') this.#answer(progress === 'cut')
    } catch (error) {
      if (error instanceof GarbledError) this.#garbled(error)
      else this.destroy(asError(error))
    }
  }

  destroy(error: Error): void {
    this.#error ??= error
    this.#exchange?.reject(this.#error)
    this.#socket.destroy()
  }

  #garbled(why: Error): void {
    if (this.#hadHead) this.#owner.garbled()
    this.destroy(cutError(why))
  }

  #write({ first, rest }: Opening): void {
    if (rest === undefined) {
      if (typeof first === 'string') this.#socket.write(first, 'latin1', this.#wrote)
      else this.#socket.write(first, this.#wrote)
      return
    }
    this.#socket.cork()
    this.#socket.write(first, 'latin1')
    this.#socket.write(rest, this.#wrote)
    this.#socket.uncork()
  }

  /** Also called for a socket that was destroyed, and without an error. */
  readonly #wrote = (error?: Error | null): void => {
    this.#isWriting = false
    if (!error && this.#hasAnswered && !this.#socket.destroyed) this.#finish()
  }

  #answer(isCut: boolean): void {
    const { status, headers } = this.#reader.head
    this.#hasAnswered = true
    this.#hadHead = this.#exchange?.request.method === 'HEAD'
    this.#exchange?.resolve({ status, headers, body: this.#reader.take(), isCut })
    if (isCut) this.#socket.destroy()
    else if (!this.#isWriting) this.#finish()
    // A server may answer before it has read everything; but often only the last write's callback is still to come.
    else if (this.#socket.writableLength > TAKEN_BYTES) this.#hasten(status >= 300)
  }

  /** The caller has the answer, so nothing else would end a stuck write. */
  #hasten(isRefused: boolean): void {
    const error = new Error('the body was not read to its end')
    // https://www.rfc-editor.org/rfc/rfc9112#section-9.5
    if (isRefused && !this.#reader.keeps) this.destroy(error)
    else this.#late = setTimeout(() => this.destroy(error), isRefused ? REFUSED_MS : LEAVING_MS)
  }

  /** Request and answer are complete. */
  #finish(): void {
    clearTimeout(this.#late)
    this.#exchange?.request.passage.left()
    this.#exchange = undefined
    if (!this.#reader.keeps || this.#isLast || !this.#isOpen) {
      this.#socket.destroy()
      return
    }
    this.#keptUntil = performance.now() + keptMs(this.#reader.head.headers['keep-alive'])
    this.#owner.ready(this)
  }

  #ended(): void {
    this.#hasEnded = true
    if (this.#exchange === undefined || this.#hasAnswered) return
    if (this.#reader.ended()) this.#answer(false)
    // Does not wait for the writing to end, which may never happen.
    else this.destroy(cutError(new Error(ENDED)))
  }

  #closed(): void {
    clearTimeout(this.#late)
    const error = this.#error ?? cutError(new Error(ENDED))
    if (!this.#hasAnswered) this.#exchange?.reject(error)
    this.#exchange = undefined
    this.#owner.closed(this, error)
  }
}

const ENDED = 'the other side has ended the connection'

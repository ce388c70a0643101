import { AnswerBody } from './body.ts'
import { addField, framingOf, GarbledError, type ParsedHead, parseHead } from './fields.ts'
import type { HttpHead, HttpRequest } from './http.ts'

/** The longest head, as in Node's own client, in bytes. */
const HEAD_BYTES = 16 * 1024
/** The longest line of a chunk's size with its extensions, or of a trailer, in bytes. */
const LINE_BYTES = 4 * 1024
/** Most bytes of one answer that are ignored: 1xx heads, chunk extensions, trailers. */
const ASIDE_BYTES = 64 * 1024

/** What comes next on a connection. */
type Part = 'head' | 'counted' | 'size' | 'chunk' | 'chunk end' | 'trailer' | 'until the end' | 'nothing'

/** `cut` when more came than was wanted: nothing further is read. */
export type Progress = 'reading' | 'whole' | 'cut'

type Expected = Pick<HttpRequest, 'method' | 'began'>

const NOTHING = Buffer.alloc(0)
const NO_HEAD: HttpHead = { status: 0, headers: {} }

/**
 * Parses the answers of one connection, one per request. Strict wherever leniency could let part of one answer be taken
 * for the next: malformed ones are rejected. https://www.rfc-editor.org/rfc/rfc9112
 */
export class AnswerReader {
  head: HttpHead = NO_HEAD
  /** Whether the connection may be used again, once all of the answer has come. */
  keeps = false
  readonly #body = new AnswerBody()
  #request: Expected | undefined
  #part: Part = 'nothing'
  /** The beginning of an incomplete head or line. */
  #begun: Buffer = NOTHING
  /** How much of that has been searched for its end, in bytes. */
  #searched = 0
  /** Bytes that are still to come of this body or this chunk. */
  #left = 0
  #aside = 0
  #isCut = false

  /** The next answer is the one to this request. */
  expect(request: Expected): void {
    this.#request = request
    this.#part = 'head'
    this.#begun = NOTHING
    this.#searched = 0
    this.#aside = 0
    this.#isCut = false
    this.keeps = false
    this.head = NO_HEAD
    this.#body.begin(0)
  }

  /** The body as far as wanted, once. Drops both request and body, which an idle connection would keep in memory. */
  take(): Buffer {
    this.#request = undefined
    return this.#body.take()
  }

  /**
   * @param bytes copied where needed later; the caller may reuse their memory
   * @throws GarbledError
   */
  feed(bytes: Buffer): Progress {
    let rest = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes])
    this.#begun = NOTHING
    while (this.#part !== 'nothing') {
      const used = this.#read(rest)
      if (this.#isCut) return 'cut'
      if (used === undefined) {
        if (rest.length > 0) this.#begun = Buffer.from(rest)
        return 'reading'
      }
      rest = used
    }
    // Bytes after the answer: whatever they are, the next request must not get them.
    if (rest.length > 0) this.keeps = false
    return 'whole'
  }

  /**
   * The other side has ended the connection.
   * @returns whether that was the end of the answer, too
   */
  ended(): boolean {
    if (this.#part !== 'until the end') return false
    this.#part = 'nothing'
    return true
  }

  /** Parses one step. @returns the bytes after it; `undefined` when more are needed first */
  #read(bytes: Buffer): Buffer | undefined {
    switch (this.#part) {
      case 'head':
        return this.#readHead(bytes)
      case 'size':
        return this.#readSize(bytes)
      case 'chunk end':
        return this.#readChunkEnd(bytes)
      case 'trailer':
        return this.#readTrailer(bytes)
      default:
        return this.#readBody(bytes)
    }
  }

  #readHead(bytes: Buffer): Buffer | undefined {
    const end = this.#endOf(bytes, '\r\n\r\n', HEAD_BYTES)
    if (end === undefined) {
      // Rejected at once: what begins otherwise will never be a head.
      if (!STARTS.startsWith(bytes.toString('latin1', 0, STARTS.length))) throw new GarbledError('no answer of HTTP/1')
      return undefined
    }
    this.#follow(parseHead(bytes.toString('latin1', 0, end)), end)
    return bytes.subarray(end + 4)
  }

  /** Prepares for what follows the head. */
  #follow(head: ParsedHead, size: number): void {
    if (head.status === 101) throw new GarbledError('nobody asked for another protocol')
    if (head.status < 200) {
      this.#pass(size)
      return // the answer itself is still to come
    }
    const { body, length, keeps } = framingOf(head, this.#request?.method ?? '')
    this.keeps = keeps
    this.head = { status: head.status, headers: head.headers }
    this.#body.begin(this.#request?.began(this.head) ?? 0)
    this.#left = length
    this.#part = body === 'none' ? 'nothing' : body === 'chunked' ? 'size' : body
  }

  #readBody(bytes: Buffer): Buffer | undefined {
    if (bytes.length === 0) return undefined
    if (this.#part === 'until the end') {
      this.#isCut = this.#body.add(bytes)
      return NOTHING
    }
    const piece = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left)
    this.#isCut = this.#body.add(piece, this.#part === 'counted' ? this.#left : undefined)
    this.#left -= piece.length
    if (this.#left === 0) this.#part = this.#part === 'chunk' ? 'chunk end' : 'nothing'
    return bytes.subarray(piece.length)
  }

  #readSize(bytes: Buffer): Buffer | undefined {
    const end = this.#endOf(bytes, '\r\n', LINE_BYTES)
    if (end === undefined) return undefined
    const found = /^([\da-f]{1,12})[\t ]*(;[\t\x20-\x7e\x80-\xff]*)?$/i.exec(bytes.toString('latin1', 0, end))
    if (!found) throw new GarbledError('a chunk without a size')
    this.#pass(found[2]?.length ?? 0)
    this.#left = Number.parseInt(found[1] ?? '', 16)
    this.#part = this.#left === 0 ? 'trailer' : 'chunk'
    return bytes.subarray(end + 2)
  }

  #readChunkEnd(bytes: Buffer): Buffer | undefined {
    const [first = CR, second = LF] = bytes
    if (first !== CR || second !== LF) throw new GarbledError('a chunk that is longer than its size')
    if (bytes.length < 2) return undefined
    this.#part = 'size'
    return bytes.subarray(2)
  }

  /** Trailer fields, which are ignored. */
  #readTrailer(bytes: Buffer): Buffer | undefined {
    const end = this.#endOf(bytes, '\r\n', LINE_BYTES)
    if (end === undefined) return undefined
    this.#pass(end)
    if (end === 0) this.#part = 'nothing'
    else addField({}, bytes.toString('latin1', 0, end))
    return bytes.subarray(end + 2)
  }

  /** Counts bytes that are ignored, whose number is limited. */
  #pass(size: number): void {
    this.#aside += size
    if (this.#aside > ASIDE_BYTES) throw new GarbledError('there is no end to what surrounds the answer')
  }

  /** @returns where this part ends; `undefined` where it is not whole */
  #endOf(bytes: Buffer, mark: string, limit: number): number | undefined {
    const end = bytes.indexOf(mark, Math.max(0, this.#searched - mark.length + 1), 'latin1')
    if ((end === -1 ? bytes.length : end) > limit) throw new GarbledError('it is too long')
    if (end === -1) refuseBareEnds(bytes, this.#searched)
    this.#searched = end === -1 ? bytes.length : 0
    return end === -1 ? undefined : end
  }
}

const STARTS = 'HTTP/1.'

/** A server that ends lines with CR or LF alone never sends the end that we wait for. */
function refuseBareEnds(bytes: Buffer, from: number): void {
  for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) throw new GarbledError('a line that ends with LF alone')
  }
  for (let at = bytes.indexOf(CR, Math.max(0, from - 1)); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if ((bytes[at + 1] ?? LF) !== LF) throw new GarbledError('a line that ends with CR alone')
  }
}

const CR = 13
const LF = 10

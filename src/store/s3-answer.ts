import type { HttpHead, HttpRequest } from './s3-http.ts'

/** As much as Node's own client takes, in bytes. */
const HEAD_BYTES = 16 * 1024
/** A chunk's size with its extensions, or the fields behind the last chunk, in bytes. */
const LINE_BYTES = 4 * 1024

/** What came is no answer. */
export class GarbledError extends Error {
  override readonly name = 'GarbledError'
}

/** What comes next on a connection. */
type Part = 'head' | 'counted' | 'size' | 'chunk' | 'chunk end' | 'trailer' | 'until the end' | 'nothing'

/** `cut` when more came than was wanted: nothing further is read. */
export type Progress = 'reading' | 'whole' | 'cut'

const NOTHING = Buffer.alloc(0)

/**
 * Reads the answers of one connection, each to one request. Strict where a doubt would let one answer be taken for the
 * next: what is not by the letter is no answer. https://www.rfc-editor.org/rfc/rfc9112
 */
export class AnswerReader {
  head: HttpHead = { status: 0, headers: {} }
  /** Whether the connection may be used again, once all of the answer has come. */
  keeps = false
  #request: Pick<HttpRequest, 'method' | 'began'> | undefined
  #part: Part = 'nothing'
  /** Of a head or a line that is not whole yet. */
  #begun: Buffer = NOTHING
  /** Bytes that are still to come of this body or this chunk. */
  #left = 0
  #chunks: Buffer[] = []
  #size = 0
  #wanted = 0

  /** The next answer is the one to this request. */
  expect(request: Pick<HttpRequest, 'method' | 'began'>): void {
    this.#request = request
    this.#part = 'head'
    this.#begun = NOTHING
    this.#chunks = []
    this.#size = 0
    this.keeps = false
  }

  /** Of the answer, as much of it as is wanted. */
  get body(): Buffer {
    const [first = NOTHING] = this.#chunks
    const whole = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first
    return this.#size > this.#wanted ? whole.subarray(0, this.#wanted) : whole
  }

  /**
   * @param bytes nothing of which is kept
   * @throws GarbledError
   */
  feed(bytes: Buffer): Progress {
    let rest = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes])
    this.#begun = NOTHING
    while (this.#part !== 'nothing') {
      const used = this.#read(rest)
      if (this.#size > this.#wanted) return 'cut'
      if (used === undefined) {
        if (rest.length > 0) this.#begun = Buffer.from(rest)
        return 'reading'
      }
      rest = used
    }
    // Something that was not asked for: whatever it is, the next request must not get it.
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

  /** Takes one step. @returns the bytes behind it; `undefined` where more have to come first */
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
    const end = bytes.indexOf('\r\n\r\n', 0, 'latin1')
    if (end > HEAD_BYTES || (end === -1 && bytes.length > HEAD_BYTES)) throw new GarbledError('the head is too long')
    if (end === -1) {
      // Not waited for: what begins otherwise will never be a head.
      if (!STARTS.startsWith(bytes.toString('latin1', 0, STARTS.length))) throw new GarbledError('no answer of HTTP/1')
      return undefined
    }
    const found = parseHead(bytes.toString('latin1', 0, end))
    this.#follow(found)
    return bytes.subarray(end + 4)
  }

  /** What the head says of what comes behind it. */
  #follow({ status, headers, isOld }: ParsedHead): void {
    if (status < 200) {
      if (status === 101) throw new GarbledError('nobody asked for another protocol')
      return // the answer itself is still to come
    }
    const connection = headers.connection?.toLowerCase() ?? ''
    this.keeps = isOld ? /\bkeep-alive\b/.test(connection) : !/\bclose\b/.test(connection)
    this.head = { status, headers }
    this.#wanted = this.#request?.began(this.head) ?? 0
    const framed = framingOf(headers)
    this.#left = framed.length ?? 0
    this.#part = this.#request?.method === 'HEAD' || status === 204 || status === 304 ? 'nothing' : framed.part
    if (this.#part === 'until the end') this.keeps = false
  }

  #readBody(bytes: Buffer): Buffer | undefined {
    if (bytes.length === 0) return undefined
    const isOpen = this.#part === 'until the end'
    const piece = isOpen || bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left)
    this.#chunks.push(Buffer.from(piece))
    this.#size += piece.length
    if (isOpen) return NOTHING
    this.#left -= piece.length
    if (this.#left === 0) this.#part = this.#part === 'chunk' ? 'chunk end' : 'nothing'
    return bytes.subarray(piece.length)
  }

  #readSize(bytes: Buffer): Buffer | undefined {
    const end = lineEnd(bytes)
    if (end === undefined) return undefined
    const found = /^([\da-f]{1,12})[\t ]*(?:;|$)/i.exec(bytes.toString('latin1', 0, end))
    if (!found) throw new GarbledError('a chunk without a size')
    this.#left = Number.parseInt(found[1] ?? '', 16)
    this.#part = this.#left === 0 ? 'trailer' : 'chunk'
    return bytes.subarray(end + 2)
  }

  #readChunkEnd(bytes: Buffer): Buffer | undefined {
    if (bytes.length < 2) return undefined
    if (bytes[0] !== 13 || bytes[1] !== 10) throw new GarbledError('a chunk that is longer than its size')
    this.#part = 'size'
    return bytes.subarray(2)
  }

  /** Fields behind the last chunk, which nobody reads. */
  #readTrailer(bytes: Buffer): Buffer | undefined {
    const end = lineEnd(bytes)
    if (end === undefined) return undefined
    if (end === 0) this.#part = 'nothing'
    return bytes.subarray(end + 2)
  }
}

const STARTS = 'HTTP/1.'

/** @returns `undefined` where the line is not whole */
function lineEnd(bytes: Buffer): number | undefined {
  const end = bytes.indexOf('\r\n', 0, 'latin1')
  if (end > LINE_BYTES || (end === -1 && bytes.length > LINE_BYTES)) throw new GarbledError('a line is too long')
  return end === -1 ? undefined : end
}

/** How a body is told from what follows it. https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function framingOf(headers: HttpHead['headers']): { readonly part: Part; readonly length?: number } {
  const coding = headers['transfer-encoding']
  const length = headers['content-length']
  if (coding === undefined && length === undefined) return { part: 'until the end' }
  if (coding !== undefined && length !== undefined) throw new GarbledError('two lengths of one answer')
  if (length === undefined) {
    if (coding?.toLowerCase() !== 'chunked') throw new GarbledError(`a coding that nobody asked for: ${coding}`)
    return { part: 'size' }
  }
  if (!/^\d{1,15}$/.test(length)) throw new GarbledError('a length that is no number')
  return { part: Number(length) > 0 ? 'counted' : 'nothing', length: Number(length) }
}

interface ParsedHead {
  readonly status: number
  readonly headers: Record<string, string>
  /** HTTP/1.0, where a connection is not kept unless it is said. */
  readonly isOld: boolean
}

function parseHead(text: string): ParsedHead {
  const lines = text.split('\r\n')
  const first = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(lines[0] ?? '')
  if (!first) throw new GarbledError('no answer of HTTP/1')
  const headers: Record<string, string> = Object.create(null)
  for (let at = 1; at < lines.length; at += 1) addField(headers, lines[at] ?? '')
  return { status: Number(first[2]), headers, isOld: first[1] === '0' }
}

const NAME = /^[\w!#$%&'*+\-.^`|~]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/

function addField(headers: Record<string, string>, line: string): void {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).toLowerCase()
  const value = line.slice(colon + 1).trim()
  // A line that begins with a blank would be the rest of the one before, which no store sends any more.
  if (colon < 1 || !NAME.test(name) || CONTROL.test(value)) throw new GarbledError('a field that is none')
  const before = headers[name]
  if (before === undefined || before === value) headers[name] = value
  else if (name === 'content-length') throw new GarbledError('two lengths of one answer')
  else headers[name] = `${before}, ${value}`
}

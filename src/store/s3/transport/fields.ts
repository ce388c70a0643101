import type { HttpHead } from './http.ts'

/** What was received is not a valid answer. */
export class GarbledError extends Error {
  override readonly name = 'GarbledError'
}

export interface ParsedHead extends HttpHead {
  /** HTTP/1.0, where a connection is not kept alive unless the head says so. */
  readonly isOld: boolean
}

/** @param text without the empty line at its end */
export function parseHead(text: string): ParsedHead {
  const lines = text.split('\r\n')
  const first = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(lines[0] ?? '')
  if (!first) throw new GarbledError('no answer of HTTP/1')
  const headers: Record<string, string> = Object.create(null)
  for (let at = 1; at < lines.length; at += 1) addField(headers, lines[at] ?? '')
  return { status: Number(first[2]), headers, isOld: first[1] === '0' }
}

const NAME = /^[\w!#$%&'*+\-.^`|~]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/
/** Headers that are no lists: of several the first counts, as in Node's own client. */
const SINGLE = new Set(['content-type', 'etag', 'last-modified', 'location', 'retry-after'])

/** @throws GarbledError for a line that is no field, and for one that begins with a blank (obsolete line folding) */
export function addField(headers: Record<string, string>, line: string): void {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).toLowerCase()
  if (colon < 1 || !NAME.test(name) || CONTROL.test(line)) throw new GarbledError('a field that is none')
  const value = valueIn(line, colon + 1)
  const before = headers[name]
  if (before === undefined) headers[name] = value
  else if (name === 'content-length') throw new GarbledError('two lengths of one answer')
  else if (!SINGLE.has(name)) headers[name] = `${before}, ${value}`
}

/** Without the blanks around it. Not by `trim`, which would also remove a byte of 0xA0. */
function valueIn(line: string, from: number): string {
  let [start, end] = [from, line.length]
  while (start < end && isBlank(line.charCodeAt(start))) start += 1
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1
  return line.slice(start, end)
}

const isBlank = (code: number): boolean => code === 32 || code === 9

/** What comes behind a head. */
export interface Framing {
  readonly body: 'none' | 'counted' | 'chunked' | 'until the end'
  /** Bytes of a counted body. */
  readonly length: number
  /** Whether the connection may be used again. */
  readonly keeps: boolean
}

/** How the end of a body is found. https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
export function framingOf({ status, headers, isOld }: ParsedHead, method: string): Framing {
  const coding = headers['transfer-encoding']
  const length = lengthIn(headers['content-length'])
  if (coding !== undefined && length !== undefined) throw new GarbledError('two lengths of one answer')
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw new GarbledError(`a coding that nobody asked for: ${coding}`)
  }
  // HTTP/1.0 has no chunks, and a 204 no body: a server that announces one may frame it otherwise than we do.
  const isOdd = isOld ? coding !== undefined : status === 204 && (coding !== undefined || (length ?? 0) > 0)
  const keeps = !isOdd && isKept(headers.connection, isOld)
  if (method === 'HEAD' || status === 204 || status === 304) return { body: 'none', length: 0, keeps }
  if (coding !== undefined) return { body: 'chunked', length: 0, keeps }
  if (length === undefined) return { body: 'until the end', length: 0, keeps: false }
  return { body: length > 0 ? 'counted' : 'none', length, keeps }
}

function lengthIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new GarbledError('a length that is no number')
  return Number(text)
}

function isKept(connection = '', isOld: boolean): boolean {
  if (connection === '') return !isOld
  const said = connection.toLowerCase().split(/[\t ,]+/)
  return !said.includes('close') && (!isOld || said.includes('keep-alive'))
}

/** How long an idle connection is kept, in milliseconds, where the server does not say. */
const KEPT_MS = 4_000
/** How long before the server would close a connection we do, in milliseconds; at most half of its time. */
const EARLY_MS = 1_000
/** A server may say any number: the longest time accepted, in milliseconds. */
const LONGEST_MS = 600_000

/** https://www.rfc-editor.org/rfc/rfc2068#section-19.7.1.1 */
export function keptMs(said: string | undefined): number {
  const ms = Number(/\btimeout=(\d{1,6})/i.exec(said ?? '')?.[1]) * 1000
  return Number.isNaN(ms) ? KEPT_MS : Math.min(LONGEST_MS, Math.max(ms / 2, ms - EARLY_MS))
}

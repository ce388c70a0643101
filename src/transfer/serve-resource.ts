import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Something that can be served, whatever holds it. */
export interface Resource {
  /** In bytes. */
  readonly size: number
  /** With its quotation marks. */
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
  /** The bytes from `start` up to but not including `end`; rejects when the resource has changed since. */
  read(start: number, end: number): Promise<Uint8Array>
  /** To be called when it is no longer read. */
  close(): Promise<void>
}

/** How much of a body is in memory at once. */
export const PIECE_BYTES: number = 1024 * 1024

/** Answers a GET or HEAD for `resource` as a CDN would: conditions, one range, or all of it. Returns the status. */
export async function answerWith(
  resource: Resource,
  request: IncomingMessage,
  { response, status }: { readonly response: ServerResponse; readonly status: number },
): Promise<number> {
  const { size, etag, headers } = resource
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.setHeader('etag', etag)
  response.setHeader('accept-ranges', 'bytes')
  if (status === 200 && isUnchanged(request.headers['if-none-match'], etag)) {
    response.removeHeader('content-type')
    return end(response, 304)
  }
  const range = status === 200 ? rangeOf(request, { size, etag }) : undefined
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${size}`)
    response.removeHeader('content-type')
    return end(response, 416)
  }
  const { start, end: until } = range ?? { start: 0, end: size }
  response.setHeader('content-length', until - start)
  if (range) response.setHeader('content-range', `bytes ${start}-${until - 1}/${size}`)
  response.statusCode = range ? 206 : status
  if (request.method === 'HEAD') response.end()
  else await pipeline(Readable.from(piecesOf(resource, start, until)), response)
  return response.statusCode
}

export function end(response: ServerResponse, status: number, text?: string): number {
  response.statusCode = status
  if (text !== undefined) response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.end(text === undefined ? undefined : `${text}\n`)
  return status
}

async function* piecesOf(resource: Resource, start: number, end: number): AsyncGenerator<Uint8Array, void> {
  for (let at = start; at < end; at += PIECE_BYTES) yield await resource.read(at, Math.min(at + PIECE_BYTES, end))
}

/** Compared weakly, as RFC 9110 has it for If-None-Match. https://www.rfc-editor.org/rfc/rfc9110#field.if-none-match */
function isUnchanged(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '')
  return header.trim() === '*' || header.split(',').some((tag) => opaque(tag) === opaque(etag))
}

interface Range {
  readonly start: number
  readonly end: number
}

/**
 * The one range that was asked for. Several at once, other units and malformed ones are answered with everything, as
 * RFC 9110 allows; so is a range of an older version (`If-Range`).
 */
function rangeOf(
  { method, headers }: IncomingMessage,
  { size, etag }: Pick<Resource, 'size' | 'etag'>,
): Range | 'unsatisfiable' | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '')
  const ifRange = headers['if-range']
  if (method !== 'GET' || !parts || (ifRange !== undefined && ifRange !== etag)) return undefined
  const [, from = '', to = ''] = parts
  if (from === '' && to === '') return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size : Math.min(Number(to) + 1, size)
  if (from !== '' && to !== '' && Number(to) < start) return undefined
  return start < end ? { start, end } : 'unsatisfiable'
}

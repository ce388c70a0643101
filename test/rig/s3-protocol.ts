import type { IncomingHttpHeaders } from 'node:http'
import type { Kin } from './s3-kin-traits.ts'

/** A request as the strict S3 sees it, checked so far that it is one. */
export interface S3Call {
  /** Counted from 1 since the server started. */
  readonly number: number
  readonly op: string
  readonly method: string
  /** Path as it came, percent-encoded. */
  readonly rawPath: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly bucket: string
  /** Empty for requests about the bucket. */
  readonly key: string
  /** Whose credentials signed it, by the name they were given out under; else its `user-agent`. */
  readonly client: string
  /** Which connection it came by, counted from 1. */
  readonly connection: number
}

export interface S3Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface S3Object {
  readonly bytes: Buffer
  /** Without quotation marks. */
  readonly etag: string
  /** Headers and `x-amz-meta-*`, served back as they were sent. */
  readonly headers: Readonly<Record<string, string>>
  /** Base64, if it was sent with the object. */
  readonly checksum: string | undefined
  /** By the server's clock, in milliseconds since 1970. */
  readonly lastModified: number
}

export interface S3Part {
  readonly bytes: Buffer
  readonly etag: string
  readonly checksum: string | undefined
  readonly lastModified: number
}

/** Never changed, only replaced, so that a snapshot can share it. */
export interface S3Upload {
  readonly key: string
  /** When it was begun, by the server's clock. */
  readonly initiated: number
  readonly headers: Readonly<Record<string, string>>
  /** Whether every part has to have a SHA-256. */
  readonly hasChecksums: boolean
  readonly parts: ReadonlyMap<number, S3Part>
}

/** What the server holds. Handlers run without an await, so every request is atomic. */
export interface S3State {
  readonly bucket: string
  readonly kin: Kin
  readonly maxKeys: number
  /** The server's clock, in milliseconds since 1970. */
  readonly now: () => number
  readonly objects: Map<string, S3Object>
  readonly uploads: Map<string, S3Upload>
}

/** An error that the server answers with. */
export class S3Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string = code) {
    super(message)
    this.status = status
    this.code = code
  }

  answer(): S3Answer {
    const body = document('Error', element('Code', this.code) + element('Message', this.message))
    return { status: this.status, headers: XML, body }
  }
}

export const XML: Readonly<Record<string, string>> = { 'content-type': 'application/xml' }

export function document(root: string, inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`
}

export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escaped(String(text))}</${name}>`
}

/** The texts of every `<name>` in a document that the SDK wrote. */
export function textsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => unescaped(match[1] ?? ''))
}

export function header(call: S3Call, name: string): string | undefined {
  const value = call.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

/** A time as listings write it. */
export function isoDate(ms: number): string {
  return new Date(ms).toISOString()
}

/** A key as the server stores it. */
export function folded(key: string, { kin }: Pick<S3State, 'kin'>): string {
  return kin.foldsUnicode ? key.normalize('NFC') : key
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    return decimal === undefined ? (ENTITIES[name] ?? '') : String.fromCodePoint(Number(decimal))
  })
}

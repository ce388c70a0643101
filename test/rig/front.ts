import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Store } from '../../src/index.ts'

interface Asked {
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What a CDN makes of what the store has: another answer, or none at all. */
export type Manner = (reply: Reply, asked: Asked) => Reply | 'stall' | 'reset'
/** One that always answers. */
type Answering = (reply: Reply, asked: Asked) => Reply

/** A CDN on loopback in front of a store, which serves every object, the state's too, in a manner that can change. */
export interface Front {
  /** Ends with `/`. */
  readonly url: string
  /** Every request: its path, and in whose name it was asked. */
  readonly asked: readonly (readonly [path: string, origin: string | undefined])[]
  behave(...manners: readonly Manner[]): void
  close(): Promise<void>
}

export const adding =
  (extra: Readonly<Record<string, string>>): Answering =>
  (reply) => ({ ...reply, headers: { ...reply.headers, ...extra } })

/** Says nothing of other origins. */
export const closed: Answering = (reply) => reply
/** `*`, whoever asks. */
export const open: Answering = adding({ 'access-control-allow-origin': '*' })
/** As a bucket's own rules do it: only for who asks with `Origin`, and caches are not told. */
export const conditional: Answering = (reply, asked) =>
  asked.headers.origin === undefined ? reply : open(reply, asked)
/** The same, and caches are told. */
export const varied: Answering = (reply, asked) =>
  adding({ vary: 'Accept-Encoding, Origin' })(conditional(reply, asked), asked)
/** Allows one origin only. */
export const allowing = (origin: string): Answering => adding({ 'access-control-allow-origin': origin, vary: 'Origin' })
export const answering = (status: number, headers: Readonly<Record<string, string>> = {}): Answering => {
  return () => ({ status, headers: { 'content-type': 'text/plain', ...headers }, body: Buffer.from('no') })
}
/** The page that a site shows for everything. */
export const fallback: Answering = () => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8', 'access-control-allow-origin': '*' },
  body: Buffer.from('<!doctype html>'),
})
export const stalling: Manner = () => 'stall'
export const resetting: Manner = () => 'reset'
/** Text is compressed for who can read it. */
export const compressing: Answering = (reply, { headers }) =>
  String(headers['accept-encoding']).includes('gzip')
    ? { ...reply, body: gzipSync(reply.body), headers: { ...reply.headers, 'content-encoding': 'gzip' } }
    : reply
/** A cache whose entries are addresses alone: who comes first decides what all others get. */
export function caching(behind: Manner): Manner {
  const kept = new Map<string, ReturnType<Manner>>()
  return (reply, asked) => {
    const answer = kept.get(asked.path) ?? behind(reply, asked)
    kept.set(asked.path, answer)
    return answer
  }
}

export async function startFront(store: Store): Promise<Front> {
  const asked: (readonly [string, string | undefined])[] = []
  let manners: readonly Manner[] = [open]
  const server = createServer(async ({ url = '/', headers }, response) => {
    const path = decodeURIComponent(url.slice(1))
    asked.push([path, headers.origin])
    let reply: ReturnType<Manner> = await stored(store, path)
    for (const manner of manners) if (typeof reply !== 'string') reply = manner(reply, { path, headers })
    if (reply === 'reset') response.destroy()
    else if (reply !== 'stall') response.writeHead(reply.status, reply.headers).end(reply.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a host and port answers with an object; text is for pipes.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    behave: (...given) => {
      manners = given
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function stored(store: Store, key: string): Promise<Reply> {
  const found = await store.get(key)
  if (found === undefined) return { status: 404, headers: { 'content-type': 'text/plain' }, body: Buffer.from('none') }
  return { status: 200, headers: { ...found.headers }, body: found.bytes }
}

import vm from 'node:vm'
import { type EdgeRequest, edgePolicy } from '../../../src/index.ts'

export const SITE: EdgeRequest = {
  provider: 'aws',
  url: { href: 'https://www.example.com/', kind: 'host' },
  prefix: 'site/',
  bucket: 'site-assets',
  hasPages: true,
  redirects: [
    { from: '/old', to: '/new/', status: 301 },
    { from: '/caf%C3%A9', to: 'https://other.example.com/x?a=1', status: 302 },
    { from: '/part', to: '/new/#part', status: 308 },
    { from: '/about/index.html', to: '/team/', status: 307 },
  ],
  files: ['/CNAME', '/docs/LICENSE'],
  folders: ['/docs/next.js'],
  brotli: false,
}

/** What the edge makes of a request: `ask KEY`, `STATUS LOCATION`, or a status. */
export type Edge = (path: string, headers?: Readonly<Record<string, string>>) => Promise<string>

/** What the function answers: the request it hands on, or a response. */
interface Answer {
  readonly uri?: string
  readonly statusCode?: number
  readonly headers?: Readonly<Record<string, { readonly value: string }>>
}

/** A CloudFront function, run as one: a handler and nothing else of ours around it. */
export const cloudfront = (request: EdgeRequest): Edge => runFunction(edgePolicy(request).text)

export function runFunction(text: string): Edge {
  const script = new vm.Script(`'use strict';${text}\nhandler(event)`)
  return async (path, headers = {}) => {
    const [uri = '', query = ''] = path.split(/\?(.*)/s)
    const event = {
      version: '1.0',
      context: { eventType: 'viewer-request' },
      request: { method: 'GET', uri, querystring: queryParts(query), headers: named(headers), cookies: {} },
    }
    const answer: Answer = script.runInNewContext({ event })
    if (answer.statusCode === undefined) return `ask ${answer.uri}`
    return [answer.statusCode, answer.headers?.location?.value].filter(Boolean).join(' ')
  }
}

const named = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }]))

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html#functions-event-structure-query-header-cookie */
function queryParts(query: string) {
  const parts: Record<string, { value: string; multiValue?: { value: string }[] }> = {}
  for (const pair of query.split('&').filter(Boolean)) {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const before = parts[name]
    if (before === undefined) parts[name] = { value }
    else parts[name] = { value: before.value, multiValue: [...(before.multiValue ?? [before]), { value }] }
  }
  return parts
}

/** A bucket's own domain: what it was asked for, and what it has. */
export interface FakeBucket {
  readonly asked: string[]
  readonly fetch: (request: Request) => Promise<Response>
}

export function fakeBucket(objects: Readonly<Record<string, string>>): FakeBucket {
  const asked: string[] = []
  return {
    asked,
    fetch: async (request) => {
      asked.push(request.url)
      const body = objects[new URL(request.url).pathname]
      return body === undefined ? new Response('no such key', { status: 404 }) : new Response(body)
    },
  }
}

/** The Worker as a module of its own, its `fetch` the bucket's. */
export async function worker(
  request: EdgeRequest,
  bucket: FakeBucket,
): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const { text } = edgePolicy({ ...request, provider: 'r2' })
  const made = new Function('fetch', `${text.replace('export default', 'return')}`)(bucket.fetch)
  return (path, init) => made.fetch(new Request(`https://www.example.com${path}`, { redirect: 'manual', ...init }))
}

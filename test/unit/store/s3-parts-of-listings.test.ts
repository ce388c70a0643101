import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createS3Store } from '../../../src/store/s3/s3.ts'
import type { ListOptions, Store } from '../../../src/store/store.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { listInParts } from '../../../src/transfer/list-in-parts.ts'
import type { Key } from '../../../src/words/model.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'

const open = (endpoint: string, keys: { readonly accessKeyId: string; readonly secretAccessKey: string }): Store =>
  createS3Store({
    ...{ bucket: 'site', endpoint, region: 'eu-west-1', requestTimeoutMs: 5000, concurrency: 8 },
    env: { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
  })

async function listed(store: Store, options: ListOptions = {}): Promise<Key[]> {
  const keys: Key[] = []
  for await (const page of store.list('', options)) keys.push(...page.map(({ key }) => key))
  return keys
}

const NAMES = Array.from({ length: 64 }, (_, index) => `k/${String(index).padStart(2, '0')} é`)

describe('a part of an S3 listing', () => {
  let rig: StrictS3
  const start = async (): Promise<Store> => {
    rig = await startStrictS3({ bucket: 'site', maxKeys: 4 })
    const bytes = Buffer.from('x')
    const store = open(rig.endpoint, rig)
    const body = {
      size: 1,
      sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
      read: async () => bytes,
    }
    for (const name of NAMES) await store.put(name, body, { 'content-type': 'text/plain' })
    return store
  }
  const pages = (): number => rig.requests.filter(({ op }) => op === 'ListObjectsV2').length
  afterEach(async () => {
    await rig.close()
    expect(rig.violations).toEqual([])
  })

  it('is asked for by its pages alone', async () => {
    const store = await start()
    expect(await listed(store, { after: NAMES[7], until: NAMES[15] })).toEqual(NAMES.slice(8, 16))
    expect(pages()).toBe(2)
  })

  it('is tried again by itself: the others, and what it has brought, stay', async () => {
    const plain = await start()
    const retrying = withRetry(plain, { random: () => 0, sleep: async () => undefined })
    const store = { ...retrying, facts: { ...plain.facts, listPage: 4 } }
    rig.fault({ at: ({ query }) => query.has('start-after'), times: 5, do: 'status:503' })
    const keys: Key[] = []
    for await (const page of listInParts(store, '', { expected: () => NAMES })) keys.push(...page.map(({ key }) => key))
    expect(keys).toEqual(NAMES)
    expect(pages()).toBe(16 + 5)
  })
})

describe('a store that begins every listing at its first key', () => {
  let server: Server
  let pages = 0
  const start = async (): Promise<Store> => {
    server = createServer(({ url = '' }, answer) => {
      pages += 1
      const from = Number(new URL(url, 'http://x').searchParams.get('continuation-token') ?? 0)
      const rows = NAMES.slice(from, from + 4).map(
        (name) => `<Contents><Key>${name}</Key><ETag>"e"</ETag><Size>1</Size></Contents>`,
      )
      const next = from + 4
      const more = next < NAMES.length
      answer.end(
        `<ListBucketResult><Name>site</Name><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${next}</NextContinuationToken>` : ''}${rows.join('')}</ListBucketResult>`,
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    // what a server listens at, which is no pipe here
    const { port } = server.address() as AddressInfo
    return open(`http://127.0.0.1:${port}`, { accessKeyId: 'K', secretAccessKey: 's' })
  }
  afterEach(() => {
    server.close()
    server.closeAllConnections()
  })

  it('gives only what was asked for, and is seen through by its first page', async () => {
    const store = await start()
    expect(store.facts.listPage).toBe(1000)
    expect(await listed(store, { after: NAMES[9], until: NAMES[30] })).toEqual(NAMES.slice(10, 31))
    expect(store.facts.listPage).toBeUndefined()
    expect(pages).toBe(8)
  })
})

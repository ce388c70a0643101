import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { batchManifestKey, batchPrefix } from '../../../src/batch/plan/keys.ts'
import { batchNames } from '../../../src/batch/receipts/catalog.ts'
import { metered } from '../../../src/batch/verbs/meter.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { withPrefix } from '../../../src/store/wrappers/with-prefix.ts'
import { textBody } from '../../rig/faulty-store.ts'
import { startStrictS3 } from '../../rig/strict-s3.ts'
import { openAt, openPatient } from './s3-setup.ts'

it('the names of all batches in a bucket take one request for each page of them, whatever they hold', async () => {
  const rig = await startStrictS3({ bucket: 'site', maxKeys: 10 })
  onTestFinished(() => rig.close())
  const store = withPrefix(openPatient(rig).store, 'photos/')
  const names = Array.from({ length: 12 }, (_, index) => `batch-${String(index).padStart(2, '0')}`)
  const keys = names.flatMap((name) => [
    batchManifestKey(name),
    ...Array.from({ length: 10 }, (_, index) => `${batchPrefix(name)}r/${index}`),
  ])
  await Promise.all(keys.map((key) => store.put(key, textBody(key), {})))
  const before = rig.requests.length
  expect([...(await batchNames(store))].sort()).toEqual(names)
  expect(rig.requests.slice(before).map(({ op }) => op)).toEqual(['ListObjectsV2', 'ListObjectsV2'])
})

it('names that fill several pages of a bucket count as so many listings for the pace of looks', async () => {
  const names = Array.from({ length: 2500 }, (_, index) => `batch-${index}`)
  const bucket = { ...createMemoryStore(), folders: async () => names }
  const { store, listings } = metered({ ...bucket, facts: { ...bucket.facts, listPage: 1000 } })
  expect(await batchNames(store)).toHaveLength(names.length)
  expect(listings()).toBe(3)
})

it.each([false, true])('a store that ignores the delimiter is listed whole, by undici: %s', async (isUndici) => {
  const row = (key: string) => `<Contents><Key>${key}</Key><ETag>"a"</ETag><Size>1</Size></Contents>`
  const pages: Readonly<Record<string, string>> = {
    '': `${row('b/x/1')}${row('b/x/2')}<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>`,
    t: `${row('b/y/1')}${row('b/z')}<IsTruncated>false</IsTruncated>`,
  }
  const server = createServer(({ url }, response) => {
    const token = new URL(url ?? '', 'http://x').searchParams.get('continuation-token') ?? ''
    const body = `<ListBucketResult><Name>b</Name>${pages[token]}</ListBucketResult>`
    response.writeHead(200, { 'content-type': 'application/xml', 'content-length': body.length }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo // of a host and a port, no pipe
  expect(await openAt(`http://127.0.0.1:${port}`, isUndici ? 'undici' : 'fast').folders?.('b/')).toEqual(['x', 'y'])
})

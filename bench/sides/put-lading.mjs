// `node put-lading.mjs ENDPOINT AT_ONCE COUNT`: the store port with all that a deploy has around it.
import { createHash } from 'node:crypto'
import { openStore } from '../../dist/src/index.js'
import { BYTES, HEADERS, measurePuts } from './puts.mjs'

const [endpoint, atOnce, count] = process.argv.slice(2)

/** What a probe finds out about Amazon's store. */
const facts = {
  ...{ conditionalWrites: 'full', conditionalCopy: true, conditionalRemove: true },
  ...{ checksum: 'sha256', etagIsMd5: true, reheader: true, forgets: [] },
}
const target = { kind: 's3', bucket: 'bench', prefix: '', endpoint, region: 'us-east-1', label: 's3://bench/' }
let retries = 0
const store = await openStore(target, {
  concurrency: Number(atOnce),
  learnt: { facts },
  onRetry: () => {
    retries += 1
  },
})

/** Planned: its digest is known. The store hashes what it reads all the same. */
const body = {
  size: BYTES.length,
  sha256: createHash('sha256').update(BYTES).digest('hex'),
  read: async (start, end) => BYTES.subarray(start, end),
}

let done = 0
async function put(key) {
  const { status } = await store.put(key, body, HEADERS, { when: 'absent' })
  if (status !== 'stored') throw new Error(`${key}: ${status}`)
  done += BYTES.length
}

await measurePuts(put, { atOnce: Number(atOnce), count: Number(count) })
if (retries > 0 || done === 0) throw new Error(`${retries} retries; the figures are not what they should be`)

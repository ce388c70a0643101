// s3-sync-client as its page shows it: `node s3-sync.mjs HOME TREE s3://BUCKET/PREFIX ENDPOINT AT_ONCE`.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [home, tree, to, endpoint, atOnce] = process.argv.slice(2)
const fromPeers = createRequire(join(home, 'package.json'))
const { S3Client } = fromPeers('@aws-sdk/client-s3')
const { S3SyncClient } = fromPeers('s3-sync-client')

const client = new S3Client({
  endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  // The SDK's own 50 would hold it back.
  requestHandler: { httpAgent: { maxSockets: Number(atOnce), keepAlive: true } },
})
await new S3SyncClient({ client }).sync(tree, to, { maxConcurrentTransfers: Number(atOnce) })

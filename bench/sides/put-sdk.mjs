// `node put-sdk.mjs ENDPOINT AT_ONCE COUNT`: the AWS SDK as it comes, but for as many connections as requests.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { BYTES, HEADERS, measurePuts } from './puts.mjs'

const [endpoint, atOnce, count] = process.argv.slice(2)
const client = new S3Client({
  endpoint,
  region: 'us-east-1',
  forcePathStyle: true,
  requestHandler: { httpAgent: { maxSockets: Number(atOnce), keepAlive: true } },
})
const headers = { ContentType: HEADERS['content-type'], CacheControl: HEADERS['cache-control'] }

await measurePuts((Key) => client.send(new PutObjectCommand({ Bucket: 'bench', Key, Body: BYTES, ...headers })), {
  atOnce: Number(atOnce),
  count: Number(count),
})
client.destroy()

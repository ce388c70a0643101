// `node server.mjs MESSAGES LATENCY_MS`: as little of SQS as a worker needs, full of signed jobs, so that the client is
// what is measured. Says where it is and whose key signed, as JSON; `/__count` tells the requests by name.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { itemId, originalKey } from '../../src/batch/plan/keys.ts'
import { encodeMessage } from '../../src/batch/plan/messages.ts'
import { createSigner, newKeyPair } from '../../src/batch/plan/signing.ts'

const [messages, latencyMs] = process.argv.slice(2).map(Number)
const { privateKey, publicKey } = newKeyPair()
const signer = createSigner(privateKey)
const deadline = new Date(Date.now() + 86_400_000).toISOString()

function jobOf(place) {
  const sha256 = createHash('sha256').update(`original ${place}`).digest('hex')
  const src = {
    key: originalKey(sha256, 'jpg'),
    sha256,
    bytes: 1_000_000,
    type: 'image/jpeg',
    width: 4000,
    height: 3000,
  }
  const item = itemId(Math.floor(place / 1000), place % 1000)
  const job = { v: 1, kind: 'image', batch: 'bench', item, src, recipe: 'r1-9f2c41d07b6a', lane: 'std', predicted: 0.5 }
  const Body = encodeMessage({ ...job, deadline }, signer)
  const now = String(Date.now())
  return {
    ...{ Body, MessageId: `m${place}`, ReceiptHandle: `h${place}` },
    MD5OfBody: createHash('md5').update(Body).digest('hex'),
    Attributes: { ApproximateReceiveCount: '1', SentTimestamp: now, ApproximateFirstReceiveTimestamp: now },
  }
}

// Ten to an answer, each written down once: what a worker is given costs the server nothing.
const full = []
for (let place = 0; place < messages; place += 10) {
  full.push(JSON.stringify({ Messages: Array.from({ length: 10 }, (_, index) => jobOf(place + index)) }))
}

const counts = {}
const answers = {
  ReceiveMessage: ({ QueueUrl, WaitTimeSeconds = 0 }) => {
    const next = QueueUrl.endsWith('-std') ? full.shift() : undefined
    return next === undefined ? { text: '{}', afterMs: 1000 * WaitTimeSeconds } : { text: next }
  },
  DeleteMessageBatch: ({ Entries }) => ({ text: JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })) }) }),
  ChangeMessageVisibilityBatch: ({ Entries }) => ({
    text: JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })) }),
  }),
  GetQueueAttributes: () => ({ text: '{"Attributes":{"ApproximateNumberOfMessages":"1"}}' }),
}

const server = createServer((incoming, outgoing) => {
  if (incoming.url === '/__count') return void outgoing.end(JSON.stringify(counts))
  const name = String(incoming.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '')
  let body = ''
  incoming.on('data', (piece) => {
    body += piece
  })
  incoming.on('end', () => {
    counts[name] = (counts[name] ?? 0) + 1
    const { text, afterMs = 0 } = answers[name](JSON.parse(body))
    const send = () => {
      outgoing.setHeader('content-type', 'application/x-amz-json-1.0')
      outgoing.end(text)
    }
    const ms = latencyMs + afterMs
    if (ms > 0) setTimeout(send, ms)
    else send()
  })
})
server.listen(0, '127.0.0.1', () => {
  const endpoint = `http://127.0.0.1:${server.address().port}`
  process.stdout.write(`${JSON.stringify({ endpoint, publicKey })}\n`)
})

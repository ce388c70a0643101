// A store that allows so many requests a second and answers the others with 503 SlowDown: a proxy before the fast
// server, in a process of its own: `node paced.mjs UPSTREAM PORT PER_SECOND`. Without the last it allows everything.
// GET /__paced says what has been asked of it.
import { Agent, createServer, request } from 'node:http'

const REFUSAL = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>0</RequestId></Error>`

const [upstream, port, limit] = process.argv.slice(2)
const PER_SECOND = Number(limit ?? Number.POSITIVE_INFINITY)
/** What a quiet moment saves up. */
const BURST = PER_SECOND / 5

const { hostname, port: upstreamPort } = new URL(upstream)
const agent = new Agent({ keepAlive: true, maxSockets: 1_024 })
const bucket = { tokens: BURST, at: performance.now() }
const counts = { allowed: 0, refused: 0, firstPutAt: 0, lastPutAt: 0, puts: 0 }

function isAllowed() {
  if (limit === undefined) return true
  const now = performance.now()
  bucket.tokens = Math.min(BURST, bucket.tokens + ((now - bucket.at) / 1000) * PER_SECOND)
  bucket.at = now
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

function forward(asked, answer) {
  const { method, url: path, headers } = asked
  const onward = request({ agent, hostname, port: upstreamPort, method, path, headers }, (came) => {
    answer.writeHead(came.statusCode, came.headers)
    came.pipe(answer)
  })
  onward.on('error', () => answer.destroy())
  asked.pipe(onward)
}

function count({ method, url: path }) {
  counts.allowed += 1
  // What a run writes down of itself comes before the uploads, and after them.
  if (method !== 'PUT' || path.includes('.lading/')) return
  counts.puts += 1
  counts.firstPutAt ||= performance.now()
  counts.lastPutAt = performance.now()
}

createServer({ keepAliveTimeout: 60_000 }, (asked, answer) => {
  if (asked.url === '/__paced') return answer.end(JSON.stringify(counts))
  if (isAllowed()) {
    count(asked)
    return forward(asked, answer)
  }
  counts.refused += 1
  // The body is read, as a store does that wants to keep the connection.
  asked.resume().on('end', () => answer.writeHead(503, { 'content-type': 'application/xml' }).end(REFUSAL))
}).listen(Number(port), '127.0.0.1')

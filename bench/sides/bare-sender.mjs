// What any client in Node has to do for a first upload, and no more: `node bare-sender.mjs TREE BUCKET PREFIX ENDPOINT
// AT_ONCE`. It reads each file once, hashes it for the signature, signs and sends. It plans nothing, looks for no secret,
// proves nothing, waits for no lock, retries nothing and leaves no record.
import { createHmac, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'

const [tree, bucket, prefix, endpoint, atOnce] = process.argv.slice(2)
const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env
const { host } = new URL(endpoint)
/** Files of at least so many bytes have a few lanes of their own. */
const LARGE = 2 ** 20
const LARGE_LANES = 6
const SIGNED = 'content-type;host;x-amz-content-sha256;x-amz-date'

const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`
const hmac = (key, text) => createHmac('sha256', key).update(text)
const key = scope.split('/').reduce((before, word) => hmac(before, word).digest(), `AWS4${secret}`)
const pool = new Pool(endpoint, { connections: Number(atOnce), pipelining: 1 })

function put(path, body) {
  const sha256 = hash('sha256', body)
  const canonical = `PUT\n${path}\n\ncontent-type:application/octet-stream\nhost:${host}\nx-amz-content-sha256:${sha256}\nx-amz-date:${time}\n\n${SIGNED}\n${sha256}`
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`).digest('hex')
  const headers = {
    'content-type': 'application/octet-stream',
    'x-amz-content-sha256': sha256,
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${SIGNED}, Signature=${signature}`,
  }
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { method: 'PUT', path, body, headers },
      {
        onRequestStart() {},
        onResponseStart(_, status) {
          if (status !== 200) reject(new Error(`${path}: ${status}`))
        },
        onResponseData() {},
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      },
    )
  })
}

/** One buffer for all files of a lane. */
async function lane(files, bytes) {
  let buffer = Buffer.allocUnsafe(bytes)
  for (let file = files.pop(); file !== undefined; file = files.pop()) {
    const handle = openSync(join(tree, file), 'r')
    const { size } = fstatSync(handle)
    if (size > buffer.length) buffer = Buffer.allocUnsafe(size)
    readSync(handle, buffer, 0, size, 0)
    closeSync(handle)
    await put(`/${bucket}/${prefix}/${file.split('/').map(encodeURIComponent).join('/')}`, buffer.subarray(0, size))
  }
}

function sizeOf(file) {
  const handle = openSync(join(tree, file), 'r')
  const { size } = fstatSync(handle)
  closeSync(handle)
  return size
}

const files = readdirSync(tree, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name).slice(tree.length + 1))
const isLarge = new Map(files.map((file) => [file, sizeOf(file) >= LARGE]))
const large = files.filter((file) => isLarge.get(file))
const small = files.filter((file) => !isLarge.get(file))
const lanes = (queue, count, bytes) => Array.from({ length: count }, () => lane(queue, bytes))
await Promise.all([...lanes(large, LARGE_LANES, 0), ...lanes(small, Number(atOnce) - LARGE_LANES, 2 ** 15)])
await pool.close()

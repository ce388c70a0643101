// Whether a client did what it says: every file of the tree is in the bucket, with its size and, where the ETag is one,
// its MD5. Who is fast because it left something out is not fast.
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { BUCKET, PREFIX } from './peers.mjs'
import { KEYS } from './servers.mjs'

/** @returns {Promise<readonly string[]>} the files that are missing or others */
export async function notStored({ endpoint }, tree) {
  const stored = await objectsOf(endpoint)
  const isThere = ([path, { size, md5 }]) => {
    const object = stored.get(`${PREFIX}/${path}`)
    return object?.size === size && (object.etag.includes('-') || object.etag === md5)
  }
  return [...tree.files].filter((file) => !isThere(file)).map(([path]) => path)
}

async function objectsOf(endpoint) {
  const credentials = { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY }
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  const objects = new Map()
  let token
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${PREFIX}/`, ContinuationToken: token }),
    )
    for (const { Key, Size, ETag } of page.Contents ?? [])
      objects.set(Key, { size: Size, etag: ETag.replaceAll('"', '') })
    token = page.NextContinuationToken
  } while (token !== undefined)
  client.destroy()
  return objects
}

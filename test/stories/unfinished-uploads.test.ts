import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseTarget } from '../../src/config/target.ts'
import { LadingError, type Store } from '../../src/index.ts'
import { openStore } from '../../src/providers.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'

const DAY_MS = 24 * 60 * 60_000

/** A bucket in which a run of ours died while it replaced `index.html`, and uploads in parts of these keys are open. */
async function afterADeath(...keys: readonly string[]): Promise<{ s3: StrictS3; site: Project }> {
  const s3 = await startStrictS3({ bucket: 'site' })
  onTestFinished(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const to = `s3://site/?region=eu-west-1&endpoint=${encodeURIComponent(s3.endpoint)}`
  const store = await openStore(parseTarget(to, '/'), { env, retries: 2 })
  let isFull = false
  const filling: Store = {
    ...store,
    put: async (key, ...rest) => {
      if (isFull && key === 'index.html') throw new LadingError('E_STORE', 'the store is full')
      return store.put(key, ...rest)
    },
  }
  const site = createProject({ files: { 'index.html': 'one' }, config: MIRROR, store: filling, run: { env } })
  onTestFinished(site.remove)
  await site.sync()
  isFull = true
  site.write('site/index.html', 'two')
  await expect(site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
  isFull = false
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
  })
  onTestFinished(() => client.destroy())
  for (const Key of keys) await client.send(new CreateMultipartUploadCommand({ Bucket: 'site', Key }))
  return { s3, site }
}

const givenUp = (s3: StrictS3): unknown[] =>
  s3.requests.filter(({ op }) => op === 'AbortMultipartUpload').map(({ key }) => key)

describe('uploads in parts that are open when a run has died', () => {
  it('are given up under the names of its deploy, and nowhere else while they are young', async () => {
    const { s3, site } = await afterADeath('backups/db.dump', 'index.html', 'a/film.0123456789abcdef.mp4')
    await site.sync()
    expect(givenUp(s3)).toEqual(['index.html'])
  })

  it('are given up under names that only Lading gives after a day, and never those of other programs', async () => {
    const { s3, site } = await afterADeath('backups/db.dump', 'a/film.0123456789abcdef.mp4')
    s3.setClockOffset(2 * DAY_MS)
    await site.sync()
    expect(givenUp(s3)).toEqual(['a/film.0123456789abcdef.mp4'])
  })
})

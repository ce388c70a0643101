import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openQueue } from '../../../src/providers.ts'
import { openStrictSqs } from '../../rig/strict-sqs-queue.ts'

it('a folder is opened as a queue, and made when it is first used', async () => {
  const path = await mkdtemp(join(tmpdir(), 'lading-queue-'))
  const queue = await openQueue({ kind: 'folder', path: join(path, 'std') }, { env: {} })
  expect(await readdir(path)).toEqual([])
  expect(await queue.gauge()).toMatchObject({ visible: 0 })
  await queue.send([{ body: 'a' }])
  expect(await queue.receive({ max: 1, leaseSeconds: 30 })).toMatchObject([{ body: 'a' }])
  await rm(path, { recursive: true })
})

it('an address of SQS is opened as a queue, and may go elsewhere than its host says', async () => {
  const { sqs, close } = await openStrictSqs(3)
  const env = { AWS_ACCESS_KEY_ID: sqs.accessKeyId, AWS_SECRET_ACCESS_KEY: sqs.secretAccessKey }
  const target = { kind: 'sqs', url: sqs.urlOf('std'), endpoint: sqs.endpoint } as const
  const queue = await openQueue(target, { env })
  await queue.send([{ body: 'a' }])
  expect(await queue.receive({ max: 1, leaseSeconds: 30 })).toMatchObject([{ body: 'a' }])
  expect(queue.label).toBe(sqs.urlOf('std'))
  await close()
})

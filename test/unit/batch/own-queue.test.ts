import { expect, it } from 'vitest'
import { openBatch } from '../../../src/batch/verbs/open.ts'
import { resolveBatch } from '../../../src/config/batch.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { openStrictSqs } from '../../rig/strict-sqs-queue.ts'

it('the queue of an instance’s commands is there from its start to its end', async () => {
  const { sqs, close } = await openStrictSqs(3)
  const env = { AWS_ACCESS_KEY_ID: sqs.accessKeyId, AWS_SECRET_ACCESS_KEY: sqs.secretAccessKey }
  const options = resolveBatch({ to: './store' }, { queues: sqs.urlOf('app') }, { cwd: '/nowhere', env })
  const place = await openBatch(options, { env, openStore: async () => createMemoryStore() })
  const operator = await place.control('i-0abc')
  await expect(operator.gauge()).rejects.toMatchObject({ code: 'E_NO_QUEUE' })
  const own = await place.makeControl('i-0abc')
  expect(await operator.send([{ body: 'drain' }])).toEqual([])
  expect(await own.receive({ max: 1, leaseSeconds: 30 })).toMatchObject([{ body: 'drain' }])
  await place.dropControl('i-0abc')
  await expect(operator.gauge()).rejects.toMatchObject({ code: 'E_NO_QUEUE' })
  await close()
})

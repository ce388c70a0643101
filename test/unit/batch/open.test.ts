import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openBatch } from '../../../src/batch/verbs/open.ts'
import { resolveBatch } from '../../../src/config/batch.ts'
import { dropOwnQueue, makeOwnQueue, openQueue } from '../../../src/providers.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { temporaryFolder } from '../../rig/sites.ts'
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

it('an instance makes its own queue on SQS, and takes it away again, each as often as it likes', async () => {
  const { sqs, close } = await openStrictSqs(3)
  const env = { AWS_ACCESS_KEY_ID: sqs.accessKeyId, AWS_SECRET_ACCESS_KEY: sqs.secretAccessKey }
  const target = { kind: 'sqs', url: sqs.urlOf('app-ctl-i-0abc') } as const
  for (let time = 0; time < 2; time++) await makeOwnQueue(target, { env })
  const queue = await openQueue(target, { env })
  expect(await queue.send([{ body: 'a' }])).toEqual([])
  for (let time = 0; time < 2; time++) await dropOwnQueue(target, { env })
  await expect(queue.gauge()).rejects.toMatchObject({ code: 'E_NO_QUEUE' })
  await close()
})

it('an instance makes no queue in an account that is not its own', async () => {
  const { sqs, close } = await openStrictSqs(3)
  const env = { AWS_ACCESS_KEY_ID: sqs.accessKeyId, AWS_SECRET_ACCESS_KEY: sqs.secretAccessKey }
  const target = { kind: 'sqs', url: `${sqs.endpoint}/999999999999/app-ctl-i-0abc` } as const
  await expect(makeOwnQueue(target, { env })).rejects.toMatchObject({ code: 'E_QUEUE' })
  await close()
})

it("the folder of an instance's own queue goes away, with nothing of somebody else", async () => {
  const path = await mkdtemp(join(tmpdir(), 'lading-queue-'))
  const [own, shared] = [join(path, 'own'), join(path, 'shared')]
  for (const each of [own, shared]) {
    const target = { kind: 'folder', path: each } as const
    await makeOwnQueue(target, { env: {} })
    await (await openQueue(target, { env: {} })).send([{ body: 'a' }])
    if (each === shared) await writeFile(join(each, 'notes.txt'), 'mine')
    for (let time = 0; time < 2; time++) await dropOwnQueue(target, { env: {} })
  }
  expect(await readdir(path)).toEqual(['shared'])
  expect(await readdir(shared)).toEqual(['notes.txt'])
  await rm(path, { recursive: true })
})

it('a barrier of a folder is looked at for weeks: only what nobody could do is buried there', async () => {
  const folder = await temporaryFolder()
  onTestFinished(() => folder.remove())
  const config = resolveBatch({ to: folder.path }, {}, { env: {}, cwd: folder.path })
  const { assembly, lanes, dead } = await openBatch(config, { env: {}, openStore: async () => createMemoryStore() })
  await assembly.send([{ body: 'a barrier' }])
  await lanes.std.send([{ body: 'a job' }])
  for (const queue of [assembly, lanes.std]) {
    for (let look = 0; look < 1100; look++) await queue.release(await queue.receive({ max: 1, leaseSeconds: 60 }))
  }
  expect(await assembly.gauge()).toMatchObject({ visible: 1 })
  expect(await lanes.std.gauge()).toMatchObject({ visible: 0 })
  expect(await dead.receive({ max: 10, leaseSeconds: 60 })).toMatchObject([{ body: 'a job' }])
})

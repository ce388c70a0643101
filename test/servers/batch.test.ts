import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateQueueCommand, GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '../../src/index.ts'
import { temporaryFolder } from '../rig/sites.ts'
import { createBucket } from './bucket.ts'
import { homeOf, PROGRAMS, REQUIRED, type Server, startServer } from './server.ts'

/** The command as it is shipped: images render in children of the built files. */
const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')

const region = 'us-east-1'
const QUEUES = ['hi', 'std', 'bulk', 'assembly', 'dead']

/** Noise compresses badly, so that variants are worth having. */
async function photograph(width: number, height: number): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  return sharp({ create: { width, height, channels: 3, background: '#345', noise } })
    .jpeg({ quality: 95 })
    .toBuffer()
}

/** A bucket, the five queues, and a folder with two photographs and a torn one. */
async function world(server: Server) {
  const { endpoint, credentials } = server
  const { path: cwd, remove } = await temporaryFolder()
  const bucket = await createBucket(server)
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = credentials
  const sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
  const urls = new Map<string, string>()
  for (const name of QUEUES) {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `app-${name}` }))
    urls.set(name, QueueUrl)
  }
  mkdirSync(join(cwd, 'photos'))
  const first = await photograph(700, 400)
  writeFileSync(join(cwd, 'photos/first.jpg'), first)
  writeFileSync(join(cwd, 'photos/second.jpg'), await photograph(350, 300))
  writeFileSync(join(cwd, 'photos/torn.jpg'), first.subarray(0, first.length >> 1))

  const to = `s3://${bucket.name}?endpoint=${endpoint}&region=${region}`
  const queues = (urls.get('std') ?? '').replace(/-std$/, '')
  const env = { PATH: process.env.PATH, HOME: cwd, LANG: 'C', AWS_REGION: region, ...credentials }
  const lading = (...argv: readonly string[]) => {
    const child = spawn(process.execPath, [MAIN, 'batch', ...argv, '--to', to, '--queues', queues], { cwd, env })
    onTestFinished(() => void child.kill('SIGKILL'))
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk
    })
    return new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, out, err }))
    })
  }
  const target = {
    kind: 's3',
    bucket: bucket.name,
    prefix: '',
    endpoint,
    region,
    profile: undefined,
    label: to,
  } as const
  return {
    lading,
    store: await openStore(target, { env }),
    /** Of each queue, what waits and what is leased. */
    async depths() {
      const depths: Record<string, number> = {}
      for (const [name, QueueUrl] of urls) {
        const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
        depths[name] =
          Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
      }
      return depths
    },
    async names() {
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}))
      return QueueUrls.map((url) => url.split('/').at(-1)).sort()
    },
    async close() {
      sqs.destroy()
      bucket.close()
      await remove()
    },
  }
}

for (const program of PROGRAMS.filter(({ name }) => name === 'moto')) {
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`a batch on S3 and SQS of ${program.name} (not installed: scripts/servers.sh)`)
    continue
  }
  describe(`a batch on S3 and SQS of ${program.name}`, () => {
    it('is submitted, worked at by one worker, and assembled; its lanes are empty then', async () => {
      const server = await startServer(program)
      onTestFinished(() => server.stop())
      const { lading, store, depths, names, close } = await world(server)
      const submitted = await lading('submit', 'photos')
      expect(submitted).toMatchObject({ code: 0 })
      const batch = submitted.out.trim()

      const worker = lading('worker', '--instance', 'i-1', '--idle', '1', '--json')
      const watched = await lading('watch', batch, '--every', '0.5')
      expect(watched.err).toMatch(
        /Closed .*: 2 done, 1 failed\.\n {2}! torn\.jpg {2}E_IMAGE_CORRUPT {2}it is damaged.*\n$/,
      )
      const result = await store.get(`b/${batch}/images.json`)
      const { images, failures } = JSON.parse(Buffer.from(result?.bytes ?? []).toString('utf8'))
      expect(Object.keys(images).sort()).toEqual(['first.jpg', 'second.jpg'])
      expect(failures['torn.jpg']).toMatchObject({ code: 'E_IMAGE_CORRUPT' })
      for (const { key, bytes } of images['first.jpg'].variants)
        expect(await store.head(key)).toMatchObject({ size: bytes })

      expect((await lading('control', 'drain', '--instance', 'i-1')).code).toBe(0)
      const { code, out } = await worker
      expect(code).toBe(0)
      expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'summary', done: 2 })
      // The barrier may lie there still: the worker of the last image closes the batch without it.
      expect(await depths()).toMatchObject({ hi: 0, std: 0, bulk: 0, dead: 0 })
      // The worker made the queue of its commands, and took it away.
      expect(await names()).toEqual(QUEUES.map((name) => `app-${name}`).sort())
      await close()
    })
  })
}

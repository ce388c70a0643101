import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StrictS3 } from '../../rig/strict-s3.ts'
import { open } from './setting.ts'

/** Puts `a`, then `b`; each line that it writes is an answer that it has read. */
const PROGRAM = `
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
const { ENDPOINT, ID, SECRET } = process.env
const client = new S3Client({ endpoint: ENDPOINT, region: 'eu-west-1', forcePathStyle: true, maxAttempts: 1,
  requestChecksumCalculation: 'WHEN_REQUIRED', credentials: { accessKeyId: ID, secretAccessKey: SECRET } })
for (const Key of ['a', 'b']) {
  await client.send(new PutObjectCommand({ Bucket: 'site', Key, Body: Buffer.from('x') }))
  process.stdout.write(Key)
}
`

interface Client {
  readonly child: ChildProcess
  readonly said: () => string
  /** The signal that ended it, or `null`. */
  readonly ended: Promise<NodeJS.Signals | null>
}

function start(rig: StrictS3): Client {
  const { accessKeyId, secretAccessKey } = rig.credentials('child')
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: join(import.meta.dirname, '../../..'),
    env: { ...process.env, ENDPOINT: rig.endpoint, ID: accessKeyId, SECRET: secretAccessKey },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  return { child, said: () => said, ended: once(child, 'close').then(([, signal]) => signal) }
}

describe('a client in another process is killed', () => {
  it.each([
    ['before', [], [0]],
    ['after', ['a'], [0]],
    ['mid-answer', ['a'], [0]],
    ['answered', ['a'], [200]],
  ] as const)('%s the server has acted or answered', async (when, keys, statuses) => {
    const { rig } = await open()
    let client: Client | undefined
    rig.fault({
      at: { key: 'a', client: 'child' },
      do: { kill: { kill: (signal) => client?.child.kill(signal) } },
      when,
    })
    client = start(rig)
    expect(await client.ended).toBe('SIGKILL')
    expect(rig.faulted).toHaveLength(1)
    expect([...rig.objects().keys()]).toEqual(keys)
    expect(rig.requests.map(({ status }) => status)).toEqual(statuses)
    expect(rig.violations).toEqual([])
  })

  it('in the middle of its run', async () => {
    const { rig } = await open()
    let client: Client | undefined
    rig.fault({ at: { number: 2 }, do: { kill: () => client?.child.kill('SIGKILL') } })
    client = start(rig)
    expect(await client.ended).toBe('SIGKILL')
    expect(client.said()).toBe('a')
    expect([...rig.objects().keys()]).toEqual(['a'])
  })

  it.each(['before', 'after', 'mid-answer', 'answered'] as const)('or only stopped, and goes on: %s', async (when) => {
    const { rig } = await open()
    let client: Client | undefined
    const stopped = new Promise<void>((resolve) => {
      const kill = (signal: NodeJS.Signals): void => {
        client?.child.kill(signal)
        resolve()
      }
      rig.fault({ at: 2, do: { kill: { kill }, signal: 'SIGSTOP' }, when })
    })
    client = start(rig)
    await stopped
    client.child.kill('SIGCONT')
    expect(await client.ended).toBeNull()
    expect(client.said()).toBe('ab')
    expect(rig.requests.map(({ status }) => status)).toEqual([200, 200])
  })
})

import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import { recordOf } from './builds.ts'
import { COMMANDS, commandProject, type Running, startCommand } from './commands.ts'

const CDN = 'https://cdn.example.com/x/'

describe.each(COMMANDS)('an upload of $name, told to stop while the store takes its time', (command) => {
  const running = new Set<Running>()
  let s3: StrictS3
  beforeEach(async () => {
    s3 = await startStrictS3({ bucket: 'site' })
  })
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    running.clear()
    await s3.close()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with the build at %s, and the next run completes', async (signal) => {
    const to = `s3://site/p?endpoint=${s3.endpoint}&region=us-east-1`
    const options = { url: CDN, cors: true, to, upload: true, cacheDir: 'cache', config: false } as const
    const folder = commandProject(command, options)
    const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
    const start = (): Running => {
      const started = startCommand(command, folder, env)
      running.add(started)
      return started
    }
    const hold = s3.holdAt(({ op, key }) => op === 'PutObject' && key.includes('/main'))
    const stopped = start()
    // What the process ended with, if it never came there.
    expect(await Promise.race([hold.reached, stopped.ended])).toHaveProperty('op')
    const before = s3.requests.length
    stopped.child.kill(signal)
    // What a shell reports as 130 and 143.
    expect(await stopped.ended).toMatchObject({ code: null, signal })
    hold.release()
    // The one that was held.
    expect(s3.requests.length - before).toBeLessThanOrEqual(1)
    expect([...s3.objects().keys()].filter((key) => !/^p\/a\/(?:chunks\/)?[\w.-]+\.js$/.test(key))).toEqual([])

    const next = await start().ended
    expect(next.code, next.output).toBe(0)
    const { sent } = recordOf(join(folder, 'dist'))
    expect(sent.length).toBeGreaterThan(1)
    expect([...s3.objects().keys()].sort()).toEqual(sent.map((key) => `p/${key}`))
    expect(s3.openUploads()).toBe(0)
    expect(s3.violations).toEqual([])
  })
})

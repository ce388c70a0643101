import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { heedNotices } from '../../../src/batch/worker/heed.ts'
import { instanceId, type Notice, watchNotices } from '../../../src/batch/worker/imds.ts'
import { type MetadataService, startMetadataService } from '../../rig/metadata-service.ts'
import { createPatientClock } from '../../rig/patient-clock.ts'

let service: MetadataService

beforeEach(async () => {
  service = await startMetadataService()
})
afterEach(async () => {
  await service.close()
})

/** What is noticed in so many looks, with deeds between them. */
async function watch(looks: number, between: readonly (() => void)[] = []): Promise<Notice[]> {
  const notices: Notice[] = []
  const stop = new AbortController()
  const clock = createPatientClock()
  for (let look = 1; look < looks; look++) clock.duringWait(async () => between[look - 1]?.())
  clock.duringWait(async () => stop.abort())
  const { endpoint } = service
  await watchNotices({ endpoint, clock, onNotice: (notice) => void notices.push(notice), signal: stop.signal })
  return notices
}

describe('an instance', () => {
  it('knows its id, with a token', async () => {
    expect(await instanceId(service.endpoint)).toBe('i-0123456789abcdef0')
    expect(service.requests).toEqual(['PUT /latest/api/token', 'GET /latest/meta-data/instance-id'])
  })

  it('believes no other form of an id', async () => {
    service.set('instance-id', '<html>captive portal</html>')
    expect(await instanceId(service.endpoint)).toBeUndefined()
  })

  it('that is none is told nothing', async () => {
    expect(await instanceId('http://127.0.0.1:1')).toBeUndefined()
  })
})

describe('notices', () => {
  it('are none as long as there is nothing to say', async () => {
    expect(await watch(3)).toEqual([])
    expect(service.requests.filter((request) => request.startsWith('PUT'))).toHaveLength(1)
  })

  it('are given once each, as they come', async () => {
    const notices = await watch(5, [
      () => service.set('events/recommendations/rebalance', '{"noticeTime":"2026-11-23T01:00:00Z"}'),
      () => service.set('spot/instance-action', '{"action":"terminate","time":"2026-11-23T01:02:00Z"}'),
      () => service.set('autoscaling/target-lifecycle-state', 'Terminated'),
    ])
    expect(notices).toEqual(['rebalance', 'interruption', 'termination'])
  })

  it('are no matter of an instance that is to go on', async () => {
    service.set('autoscaling/target-lifecycle-state', 'InService')
    expect(await watch(2)).toEqual([])
  })

  it('come through although tokens end', async () => {
    const notices = await watch(3, [
      () => service.forgetTokens(),
      () => service.set('spot/instance-action', '{"action":"stop","time":"2026-11-23T01:02:00Z"}'),
    ])
    expect(notices).toEqual(['interruption'])
  })

  it('come through after the service was busy', async () => {
    service.refuseTokens(true)
    const notices = await watch(3, [
      () => service.refuseTokens(false),
      () => service.set('spot/instance-action', '{"action":"terminate","time":"2026-11-23T01:02:00Z"}'),
    ])
    expect(notices).toEqual(['interruption'])
  })
})

describe('a worker that heeds its notices', () => {
  async function heed(path: string, text: string): Promise<string[]> {
    const done: string[] = []
    const stop = new AbortController()
    const clock = createPatientClock()
    service.set(path, text)
    const end = (): void => {
      if (done.length >= 2) stop.abort()
    }
    const worker = {
      drain: (reason: string, isTaken?: boolean) => void done.push(`drain: ${reason}, taken: ${isTaken}`),
      stop: (reason: string, isTaken?: boolean) => {
        done.push(`stop: ${reason}, taken: ${isTaken} after ${(clock.now() - START) / 1000} s`)
        end()
      },
    }
    const START = clock.now()
    for (let wait = 0; wait < 3; wait++) clock.duringWait(async () => undefined)
    clock.duringWait(async () => stop.abort())
    await heedNotices({ worker, clock, emit: () => undefined, endpoint: service.endpoint, signal: stop.signal })
    return done
  }

  it('drains when it is to make room', async () => {
    expect(await heed('events/recommendations/rebalance', '{}')).toEqual(['drain: rebalance, taken: true'])
  })

  it('is not stopped once it has ended by itself', async () => {
    const [done, over] = [[] as string[], new AbortController()]
    const worker = { drain: () => over.abort(), stop: (reason: string) => void done.push(reason) }
    service.set('spot/instance-action', '{"action":"terminate"}')
    const clock = createPatientClock()
    await heedNotices({ worker, clock, emit: () => undefined, endpoint: service.endpoint, signal: over.signal })
    await Promise.resolve()
    expect(done).toEqual([])
  })

  it.each([
    ['spot/instance-action', '{"action":"terminate"}', 'interruption'],
    ['autoscaling/target-lifecycle-state', 'Terminated', 'termination'],
  ])('drains and then hands everything back within half a minute for %s', async (path, text, notice) => {
    const [first = '', second = ''] = await heed(path, text)
    expect(first).toBe(`drain: ${notice}, taken: true`)
    expect(second).toMatch(new RegExp(`^stop: ${notice}, taken: true after (2[0-9]|30) s$`))
  })
})

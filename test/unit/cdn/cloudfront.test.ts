import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Cdn } from '../../../src/cdn/cdn.ts'
import { type CloudFrontOptions, createCloudFrontCdn } from '../../../src/cdn/cloudfront.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { eventually } from '../../rig/eventually.ts'
import { fakeClock } from './clock.ts'
import { type Edge, type EdgeAnswer, startEdge } from './edge.ts'

const env = { AWS_ACCESS_KEY_ID: 'CANARYKEY', AWS_SECRET_ACCESS_KEY: 'canary-secret-0123456789' }

let edge: Edge
beforeEach(async () => {
  edge = await startEdge()
})
afterEach(() => edge.close())

function open(options: Partial<CloudFrontOptions> = {}): Promise<Cdn> {
  const { endpoint, distribution } = edge
  const clock = fakeClock()
  return createCloudFrontCdn({
    endpoint,
    distribution,
    env,
    requestTimeoutMs: 5000,
    budget: 100,
    wait: false,
    clock,
    ...options,
  })
}

const caught = async (promise: Promise<unknown>): Promise<LadingError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof LadingError) return error
  throw error ?? new Error('it succeeded')
}

const times = (count: number, answer: EdgeAnswer): EdgeAnswer[] => Array<EdgeAnswer>(count).fill(answer)
const TOO_MANY: EdgeAnswer = { status: 400, code: 'TooManyInvalidationsInProgress' }
const THROTTLED: EdgeAnswer = { status: 400, code: 'Throttling' }
const BROKEN: EdgeAnswer = { status: 503, code: 'ServiceUnavailable' }

describe('a purge of CloudFront', () => {
  it('sends each path once, as CloudFront writes it', async () => {
    const cdn = await open()
    const receipt = await cdn.purge(['/a%28b%29', '/~c', '/a%28b%29'])
    expect(receipt).toEqual({ asked: 2, sent: 2, ids: ['I1'], waited: false, completed: false })
    expect(edge.created.map(({ paths }) => paths)).toEqual([['/%7Ec', '/a(b)']])
    expect(cdn.label).toBe('cloudfront:EDFDVBD6EXAMPLE')
  })

  it('makes no request for no path', async () => {
    const cdn = await open({ wait: true })
    expect(await cdn.purge([])).toEqual({ asked: 0, sent: 0, ids: [], waited: false, completed: true })
    expect(edge.created).toEqual([])
  })

  it('collapses what is over the budget', async () => {
    const cdn = await open({ budget: 3 })
    const receipt = await cdn.purge(['/a/1', '/a/2', '/a/3', '/b'])
    expect(receipt).toMatchObject({ asked: 4, sent: 2 })
    expect(edge.created[0]?.paths).toEqual(['/a/*', '/b'])
  })

  it('sends batches of 3,000, each with a reference of its own', async () => {
    const cdn = await open({ budget: 10_000 })
    const receipt = await cdn.purge(Array.from({ length: 7001 }, (_, n) => `/${n}`))
    expect(receipt.ids).toHaveLength(3)
    expect(edge.created.map(({ paths }) => paths.length)).toEqual([3000, 3000, 1001])
    expect(new Set(edge.created.map(({ reference }) => reference)).size).toBe(3)
    expect(new Set(edge.created.flatMap(({ paths }) => paths)).size).toBe(7001)
  })

  it.each([
    ['too many invalidations', TOO_MANY],
    ['throttling', THROTTLED],
    ['a failure of the server', BROKEN],
    ['a broken connection', { status: 0, instead: 'reset' }],
    ['a page of a gateway', { status: 502, text: '<html>bad gateway' }],
  ] as const)('tries again after %s, under the same reference', async (_, answer) => {
    const clock = fakeClock()
    const cdn = await open({ clock })
    edge.next(...times(3, answer))
    expect((await cdn.purge(['/a'])).ids).toHaveLength(1)
    expect(edge.created).toHaveLength(4)
    expect(new Set(edge.created.map(({ reference }) => reference)).size).toBe(1)
    expect(clock.waits).toEqual([500, 1000, 2000])
  })

  it.each([
    ['E_THROTTLED', TOO_MANY, 10],
    ['E_THROTTLED', THROTTLED, 10],
    ['E_CDN', BROKEN, 6],
    ['E_UNREACHABLE', { status: 0, instead: 'reset' }, 6],
    ['E_CDN', { status: 404, code: 'NoSuchDistribution' }, 1],
    ['E_ACCESS_DENIED', { status: 403, code: 'AccessDenied' }, 1],
    ['E_CREDENTIALS', { status: 403, code: 'InvalidClientTokenId' }, 1],
    ['E_CREDENTIALS', { status: 403, code: 'ExpiredToken' }, 1],
    ['E_CDN', { status: 400, code: 'InvalidArgument' }, 1],
    ['E_CDN', { status: 200, text: '<html>sign in' }, 1],
    ['E_CDN', { status: 302, text: '', headers: { location: '/' } }, 1],
  ] as const)('ends with %s after %o in %i attempts', async (code, answer, attempts) => {
    const cdn = await open()
    edge.next(...times(20, answer))
    const error = await caught(cdn.purge(['/a']))
    expect(error).toMatchObject({ code, subject: 'EDFDVBD6EXAMPLE' })
    expect(edge.created).toHaveLength(attempts)
    expect(JSON.stringify([error, error.message, error.why, error.hint, error.cause])).not.toMatch(/canary/i)
  })

  it('says which right is missing', async () => {
    const cdn = await open()
    edge.next({ status: 403, code: 'AccessDenied' })
    const { hint } = await caught(cdn.purge(['/a']))
    expect(hint).toContain('cloudfront:CreateInvalidation on arn:aws:cloudfront::ACCOUNT:distribution/EDFDVBD6EXAMPLE')
  })

  it('gives up an answer that does not come', async () => {
    const cdn = await open({ requestTimeoutMs: 100 })
    edge.next(...times(6, { status: 0, instead: 'stall' }))
    expect(await caught(cdn.purge(['/a']))).toMatchObject({ code: 'E_TIMEOUT' })
  })

  it('ends when its signal fires, before a request, in it and between attempts', async () => {
    const before = new AbortController()
    before.abort()
    const cdn = await open()
    expect(await caught(cdn.purge(['/a'], { signal: before.signal }))).toMatchObject({ code: 'E_ABORTED' })
    expect(edge.created).toEqual([])

    const between = new AbortController()
    const waiting = await open({ clock: fakeClock(() => between.abort()), signal: between.signal })
    edge.next(BROKEN)
    expect(await caught(waiting.purge(['/a']))).toMatchObject({ code: 'E_ABORTED' })
    expect(edge.created).toHaveLength(1)

    const during = new AbortController()
    edge.next({ status: 0, instead: 'stall' })
    const stalled = cdn.purge(['/a'], { signal: during.signal })
    await eventually(() => expect(edge.created.length).toBe(2))
    during.abort()
    expect(await caught(stalled)).toMatchObject({ code: 'E_ABORTED' })
  })

  it('needs the package, and says how to install it', async () => {
    const load = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' }))
    expect(await caught(open({ load }))).toMatchObject({
      code: 'E_MISSING_PACKAGE',
      hint: 'npm install --save-dev @aws-sdk/client-cloudfront',
    })
  })
})

describe('waiting for the edge', () => {
  it('looks until all is done', async () => {
    const clock = fakeClock()
    const cdn = await open({ wait: true, clock })
    edge.doneAfter(3)
    expect(await cdn.purge(['/a'])).toMatchObject({ waited: true, completed: true })
    expect(edge.looks()).toBe(4)
    expect(clock.waits).toEqual([2000, 3000, 4500])
  })

  it('goes on when a look fails for a passing reason', async () => {
    const cdn = await open({ wait: true })
    edge.nextLooks(...times(2, BROKEN))
    expect(await cdn.purge(['/a'])).toMatchObject({ waited: true, completed: true })
    expect(edge.looks()).toBe(3)
    expect(edge.created).toHaveLength(1)
  })

  it('ends after ten minutes without a failure', async () => {
    const clock = fakeClock()
    const cdn = await open({ wait: true, clock })
    edge.doneAfter(1e9)
    const receipt = await cdn.purge(['/a'])
    expect(receipt).toEqual({
      asked: 1,
      sent: 1,
      ids: ['I1'],
      waited: true,
      completed: false,
      pending: 'it takes longer than 10 minutes',
    })
    expect(clock.now()).toBeLessThanOrEqual(600_000)
    expect(clock.now()).toBeGreaterThan(570_000)
  })

  it('is no failure when looking is not allowed', async () => {
    const cdn = await open({ wait: true })
    edge.nextLooks({ status: 403, code: 'AccessDenied' })
    expect(await cdn.purge(['/a'])).toMatchObject({
      ids: ['I1'],
      completed: false,
      pending: 'access denied: cloudfront:GetInvalidation',
    })
    expect(edge.looks()).toBe(1)
  })

  it('ends when the signal fires, and the purge was accepted all the same', async () => {
    const controller = new AbortController()
    const cdn = await open({ wait: true, clock: fakeClock(() => controller.abort()) })
    edge.doneAfter(9)
    expect(await cdn.purge(['/a'], { signal: controller.signal })).toMatchObject({
      ids: ['I1'],
      completed: false,
      pending: 'the run was stopped',
    })
    expect(edge.looks()).toBe(1)
  })
})

import { describe, expect, it } from 'vitest'
import { resolveHistory } from '../../../src/config/history.ts'
import type { LadingConfig, SyncOptions } from '../../../src/config/interface.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { ConfigSources } from '../../../src/config/sources.ts'

const BASE: LadingConfig = { root: 'dist', to: 's3://bucket/x' }

function resolved(config: LadingConfig, env: Record<string, string> = {}): SyncOptions {
  return resolveConfig({ ...BASE, ...config }, { cwd: '/project', env })
}

const flag = (key: keyof LadingConfig, name: string): ConfigSources => ({ [key]: { kind: 'flag', name } })

describe('the order of a run', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [{ GITHUB_RUN_NUMBER: '41', GITHUB_WORKFLOW: 'Deploy' }, 'github:Deploy #41'],
    [{ GITHUB_RUN_NUMBER: '41' }, 'github #41'],
    [{ CI_PIPELINE_IID: '7', CI_PROJECT_NAME: 'shop' }, 'gitlab:shop #7'],
    [{ BITBUCKET_BUILD_NUMBER: '7' }, 'bitbucket #7'],
    [{ BUILDKITE_BUILD_NUMBER: '7', BUILDKITE_PIPELINE_SLUG: 'site' }, 'buildkite:site #7'],
    [{ CIRCLE_BUILD_NUM: '7' }, 'circle #7'],
    [{ BUILD_NUMBER: '7', JOB_NAME: 'site' }, 'jenkins:site #7'],
    [{ GITHUB_RUN_NUMBER: 'seven', BUILD_NUMBER: '7' }, 'jenkins #7'],
    [{ GITHUB_RUN_NUMBER: '' }, undefined],
  ])('in a CI with %j is %s', (env, expected) => {
    const { order } = resolved({}, env)
    expect(order && `${order.counter} #${order.number}`).toBe(expected)
  })

  it.each<[string | number, string, number]>([
    [12, 'given', 12],
    ['12', 'given', 12],
    ['nightly:12', 'nightly', 12],
    ['a:b:0', 'a:b', 0],
  ])('%j counts as %s, %i, and goes before the CI’s', (order, counter, number) => {
    expect(resolved({ order }, { GITHUB_RUN_NUMBER: '41' }).order).toEqual({ counter, number })
  })

  it.each(['', 'x', '-1', '1.5', 'nightly:', ':12', 'nightly:x', '1'.repeat(16), -1, 1.5])('%j is none', (order) => {
    const context = { cwd: '/project', env: {}, sources: flag('order', '--order') }
    expect(() => resolveConfig({ ...BASE, order }, context)).toThrow(
      expect.objectContaining({ code: 'E_USAGE', message: '--order is not a number of a run' }),
    )
  })
})

describe('how long to wait for another deploy', () => {
  it.each<[Record<string, string>, number]>([
    [{}, 60_000],
    [{ CI: 'true' }, 600_000],
    [{ CI: '1' }, 600_000],
    [{ CI: 'false' }, 60_000],
    [{ CI: '0' }, 60_000],
    [{ CI: '' }, 60_000],
  ])('is with %j %i ms', (env, ms) => expect(resolved({}, env).lockTimeoutMs).toBe(ms))

  it('is what was written, nothing among it', () => {
    expect(resolved({ lockTimeoutSeconds: 5 }, { CI: 'true' }).lockTimeoutMs).toBe(5000)
    expect(resolved({ lockTimeoutSeconds: 0 }).lockTimeoutMs).toBe(0)
  })
})

describe('how much may be removed', () => {
  it.each<[LadingConfig['maxDelete'], number, number]>([
    [undefined, 0.1, 100],
    [0, 0, 0],
    [250, 0, 250],
    ['250', 0, 250],
    ['5%', 0.05, 0],
    ['100%', 1, 0],
    ['0%', 0, 0],
  ])('%j is the share %d or %i objects', (maxDelete, share, count) => {
    expect(resolved({ maxDelete }).maxDelete).toEqual({ share, count })
  })

  it.each(['', 'all', '101%', '5.5%', '-1', '5 %', -1, 0.5])('%j is neither', (maxDelete) => {
    const context = { cwd: '/project', env: {}, sources: flag('maxDelete', '--max-delete') }
    expect(() => resolveConfig({ ...BASE, maxDelete }, context)).toThrow(
      expect.objectContaining({ code: 'E_USAGE', message: '--max-delete is neither a number nor a share' }),
    )
  })
})

describe('what stays', () => {
  it('is counted in releases and days, both ends among them', () => {
    expect(resolved({ keepReleases: 1, keepDays: 0 })).toMatchObject({ keepReleases: 1, keepDays: 0 })
    expect(resolved({ keepReleases: 1000, keepDays: 3650 })).toMatchObject({ keepReleases: 1000, keepDays: 3650 })
  })

  it.each<[LadingConfig, string]>([
    [{ keepReleases: 0 }, 'keepReleases is out of range'],
    [{ keepReleases: 1001 }, 'keepReleases is out of range'],
    [{ keepDays: -1 }, 'keepDays is out of range'],
    [{ keepDays: 1.5 }, 'keepDays is out of range'],
    [{ lockTimeoutSeconds: 86_401 }, 'lockTimeoutSeconds is out of range'],
  ])('%j is refused', (config, message) => {
    expect(() => resolved(config)).toThrow(expect.objectContaining({ code: 'E_USAGE', message }))
  })
})

describe('a CDN', () => {
  it('is read from its address', () => {
    expect(resolved({ cdn: 'cloudfront:EDFDVBD6EXAMPLE' }).cdn).toMatchObject({ distribution: 'EDFDVBD6EXAMPLE' })
    expect(() => resolved({ cdn: 'akamai:x' })).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })
})

describe('what rollback, prune and channels are given', () => {
  const history = (config: LadingConfig) =>
    resolveHistory({ to: 's3://bucket', ...config }, { cwd: '/project', env: {} })

  it('needs no site', () => {
    expect(history({})).toMatchObject({ channel: 'production', keepReleases: 5, pages: undefined })
  })

  it('says where the origin’s pages lie, when that was named', () => {
    expect(history({ out: 'origin' }).pages).toEqual({ dir: '/project/origin', isOut: true })
    expect(history({ inPlace: true, root: 'dist' }).pages).toEqual({ dir: '/project/dist', isOut: false })
    expect(history({ inPlace: true }).pages).toBeUndefined()
  })
})

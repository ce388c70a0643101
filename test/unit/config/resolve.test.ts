import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LadingConfig, SyncOptions } from '../../../src/config/interface.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { ConfigSources } from '../../../src/config/sources.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { folderWith } from './folder.ts'

const OFFLOAD: LadingConfig = { root: 'dist', to: 's3://bucket/x', url: 'https://cdn.example.com', out: 'origin' }

function resolved(config: LadingConfig, env: Record<string, string> = {}, cwd = '/project'): SyncOptions {
  return resolveConfig({ root: 'dist', to: 's3://bucket/x', ...config }, { cwd, env })
}

function failure(config: LadingConfig, sources?: ConfigSources): LadingError {
  try {
    resolveConfig({ root: 'dist', to: 's3://bucket/x', ...config }, { cwd: '/project', env: {}, sources })
  } catch (error) {
    if (error instanceof LadingError) return error
    throw error
  }
  throw new Error(`${JSON.stringify(config)} was accepted`)
}

describe('defaults', () => {
  it('fills in every option', () => {
    expect(resolveConfig({ root: 'dist', to: 'store' }, { cwd: '/project', env: { HOME: '/home/me' } })).toEqual({
      root: '/project/dist',
      target: { kind: 'folder', path: '/project/store', label: 'store' },
      state: undefined,
      delivery: { mode: 'mirror' },
      site: undefined,
      base: '/',
      cors: false,
      integrity: false,
      include: [],
      exclude: [],
      keep: [],
      feeds: false,
      lazyAttributes: [],
      allow: [],
      headers: [],
      compress: [],
      channel: 'production',
      order: undefined,
      lockTimeoutMs: 60_000,
      maxDelete: { share: 0.1, count: 100 },
      keepReleases: 5,
      keepDays: 14,
      cdn: undefined,
      concurrency: 64,
      mostAtOnce: 256,
      requestTimeoutMs: 60_000,
      transport: 'fast',
      retries: 4,
      strict: false,
      force: false,
      allowControl: false,
      allowInsecure: false,
      maxFileBytes: 100_000_000,
      cacheDir: '/home/me/.cache/lading',
    })
  })

  it('finds the folder that a build tool wrote, and only in a project', () => {
    const project = folderWith({ 'package.json': '{}', 'build/index.html': '', 'public/index.html': '' })
    expect(resolveConfig({ to: 's3://bucket' }, { cwd: project, env: {} }).root).toBe(join(project, 'build'))
    const home = folderWith({ 'public/index.html': '' })
    expect(() => resolveConfig({ to: 's3://bucket' }, { cwd: home, env: {} })).toThrow('no folder to load was given')
  })

  it('keeps its cache among the caches of the project, else of the user', () => {
    const project = folderWith({ 'node_modules/x/package.json': '{}' })
    expect(resolved({}, {}, project).cacheDir).toBe(join(project, 'node_modules/.cache/lading'))
    expect(resolved({}, { XDG_CACHE_HOME: '/caches' }).cacheDir).toBe('/caches/lading')
    expect(resolved({ cacheDir: 'c' }).cacheDir).toBe('/project/c')
  })
})

describe('the folder of a store', () => {
  it('is refused where a file stands', () => {
    const cwd = folderWith({ 'package.json': '{}', 'dist/index.html': 'x' })
    const sources: ConfigSources = { to: { kind: 'flag', name: '--to' } }
    expect(() => resolveConfig({ root: 'dist', to: 'package.json' }, { cwd, env: {}, sources })).toThrow(
      expect.objectContaining({ code: 'E_USAGE', message: '--to is a file, not a folder' }),
    )
  })
})

describe('the channel', () => {
  it.each([
    [{}, 'production'],
    [{ GITHUB_REF_NAME: 'main' }, 'main'],
    [{ GITHUB_REF_NAME: '12/merge', GITHUB_HEAD_REF: 'feature/new look' }, 'feature-new-look'],
    [{ GITHUB_REF_NAME: 'v1.2.0', GITHUB_REF_TYPE: 'tag' }, 'production'],
    [{ CI_COMMIT_REF_NAME: 'main', CI_ENVIRONMENT_NAME: 'review/1' }, 'review-1'],
    [{ GITHUB_REF_NAME: '../..' }, 'production'],
    [{ GITHUB_REF_NAME: 'x'.repeat(80) }, 'x'.repeat(64)],
  ])('of a CI with %j is %s', (env, channel) => {
    expect(resolved({}, env).channel).toBe(channel)
  })

  it('is refused when a person wrote one that no key can carry, with a name that can', () => {
    expect(failure({ channel: 'feature/x' })).toMatchObject({ code: 'E_USAGE', hint: 'Write feature-x.' })
    expect(resolved({ channel: 'staging' }, { GITHUB_REF_NAME: 'main' }).channel).toBe('staging')
  })
})

describe('where pages go', () => {
  it('is mirror without a URL', () => {
    expect(resolved({}).delivery).toEqual({ mode: 'mirror' })
  })

  it('is one of three with a URL', () => {
    const url = { href: 'https://cdn.example.com/', kind: 'host' }
    expect(resolved(OFFLOAD).delivery).toEqual({ mode: 'offload', url, pages: 'out', dir: '/project/origin' })
    expect(resolved({ url: 'https://cdn.example.com', inPlace: true }).delivery).toEqual({
      mode: 'offload',
      url,
      pages: 'in-place',
    })
    expect(resolved({ url: 'https://cdn.example.com', host: true, inPlace: false }).delivery).toEqual({
      mode: 'host',
      url,
    })
  })

  it('must be said, and the message names the three', () => {
    const error = failure({ url: 'https://cdn.example.com' })
    expect(error.code).toBe('E_USAGE')
    expect(error.details.join('\n')).toMatch(/--in-place.*--out DIR.*--host/s)
  })

  it('must be said once', () => {
    expect(failure({ ...OFFLOAD, host: true }).message).toBe('--out and --host exclude each other')
  })

  it('needs a URL', () => {
    expect(failure({ inPlace: true })).toMatchObject({
      code: 'E_USAGE',
      message: '--in-place needs the public address of the store',
    })
  })
})

describe('public addresses', () => {
  it.each([
    ['https://cdn.example.com', 'https://cdn.example.com/', 'host'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x/', 'host'],
    ['/_a', '/_a/', 'path'],
    ['/_a/é/', '/_a/%C3%A9/', 'path'],
  ])('%s is %s', (url, href, kind) => {
    expect(resolved({ url, inPlace: true }).delivery).toMatchObject({ url: { href, kind } })
  })

  it.each([
    'cdn.example.com',
    'cdn.example.com:8080',
    '//cdn.example.com/',
    'ftp://cdn.example.com/',
    'https://cdn.example.com/?v=1',
    'https://cdn.example.com/#a',
    'https://me:pw@cdn.example.com/',
    '/',
    '/_a/?x',
    '/a/../b/',
    '/a//b/',
    '_a/',
    '',
  ])('refuses "%s"', (url) => {
    const error = failure({ url, inPlace: true })
    expect(error).toMatchObject({ code: 'E_URL', exitCode: 2 })
    expect(error.hint).toBeTruthy()
    expect(`${error.message} ${error.hint}`).not.toContain('pw')
  })

  it('takes the path of the site from site or base', () => {
    expect(resolved({ site: 'https://example.com/shop' })).toMatchObject({
      site: 'https://example.com/shop/',
      base: '/shop/',
    })
    expect(resolved({ site: 'https://example.com', base: 'shop' })).toMatchObject({
      site: 'https://example.com/shop/',
      base: '/shop/',
    })
    expect(failure({ site: 'https://example.com/a/', base: '/b/' }).code).toBe('E_URL')
    expect(failure({ site: 'example.com' }).hint).toContain('https://example.com/')
    expect(failure({ base: '/a/../b' }).code).toBe('E_URL')
  })

  it('is never https where its assets are http: browsers block what pages load so', () => {
    const out = { out: 'out' }
    const mixed = failure({ ...out, site: 'https://www.example.com', url: 'http://cdn.example.com/x/' })
    expect(mixed).toMatchObject({ code: 'E_URL', hint: expect.stringContaining('https://cdn.example.com/x/') })
    expect(mixed.hint).toContain('`site` as http://www.example.com')
    const port = failure({ ...out, site: 'https://www.example.com', url: 'http://cdn.test:9000/x/' })
    expect(port.hint).not.toContain('https://cdn.test')
    expect(port.hint).toContain('`site` as http://www.example.com')
    const loopback = { ...out, site: 'https://www.example.com', url: 'http://127.0.0.1:8080/' }
    const plain = { ...out, site: 'http://www.example.com', url: 'http://cdn.example.com/' }
    for (const config of [loopback, plain]) expect(resolved(config).delivery).toMatchObject({ mode: 'offload' })
  })
})

describe('folders inside each other', () => {
  it.each(['dist', 'dist/out', '.', '..'])('refuses --out %s for the root dist', (out) => {
    expect(failure({ url: '/_a/', out })).toMatchObject({ code: 'E_OUT', exitCode: 3 })
  })

  it('does not mistake a common beginning for a parent', () => {
    expect(resolved({ url: '/_a/', out: 'dist-out' }).delivery).toMatchObject({ dir: '/project/dist-out' })
  })

  it('refuses a store inside the site and a store inside --out', () => {
    expect(failure({ to: 'dist/store' }).code).toBe('E_ROOT_DANGEROUS')
    expect(failure({ state: '.' }).code).toBe('E_ROOT_DANGEROUS')
    expect(failure({ to: 'origin/store', url: '/_a/', out: 'origin' }).code).toBe('E_OUT')
  })

  it.each([
    ['s3://bucket/site', 's3://bucket/site/'],
    ['s3://bucket/site?region=eu-west-1', 's3://bucket/site?profile=state'],
    ['s3://bucket/site', 's3://bucket/site?endpoint=https://s3.eu-west-1.amazonaws.com'],
    ['store', './store'],
  ])('refuses records of releases among the objects of the site: --to %s --state %s', (to, state) => {
    expect(failure({ to, state })).toMatchObject({
      code: 'E_USAGE',
      message: 'the state has the place of the store itself',
    })
  })

  it('a state below the store, in another bucket or at another provider is none of that', () => {
    for (const state of [
      's3://bucket/site/.own',
      's3://other/site',
      's3://bucket/site?endpoint=https://s3.example.com',
    ]) {
      expect(resolved({ to: 's3://bucket/site', state }).state).toBeDefined()
    }
  })

  it('sees through links', () => {
    const cwd = folderWith({ 'dist/index.html': '' })
    symlinkSync(join(cwd, 'dist'), join(cwd, 'link'))
    const config: LadingConfig = { root: 'dist', to: 's3://bucket', url: '/_a/', out: 'link/out' }
    expect(() => resolveConfig(config, { cwd, env: {} })).toThrow('lie inside each other')
  })
})

describe('numbers', () => {
  it.each([0, -1, 1e9, Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
    'refuses concurrency %d with the allowed range',
    (concurrency) => {
      const sources: ConfigSources = { concurrency: { kind: 'flag', name: '--concurrency' } }
      const error = failure({ concurrency }, sources)
      expect(error).toMatchObject({ code: 'E_USAGE', message: '--concurrency is out of range' })
      expect(error.why).toContain('from 1 to 1024')
    },
  )

  it('names the file when the file said it', () => {
    const sources: ConfigSources = { retries: { kind: 'file', name: 'lading.config.ts' } }
    expect(failure({ retries: 21 }, sources)).toMatchObject({
      code: 'E_CONFIG',
      message: 'retries in lading.config.ts is out of range',
    })
  })

  it('takes both ends', () => {
    expect(resolved({ concurrency: 1024, retries: 0 })).toMatchObject({ concurrency: 1024, retries: 0 })
    expect(resolved({ concurrency: 64 })).toMatchObject({ concurrency: 64, mostAtOnce: 64 })
  })
})

describe('header rules', () => {
  it('are named by their place and keep their order', () => {
    const rules = resolved({
      headers: [
        { match: '**/*.pdf', contentDisposition: ' attachment ' },
        { match: ['a/**', 'b/**'], cacheControl: 'no-store', contentType: 'text/plain; charset=utf-8' },
      ],
    }).headers
    expect(rules).toEqual([
      { match: ['**/*.pdf'], headers: { 'content-disposition': 'attachment' }, name: 'headers[0]' },
      {
        match: ['a/**', 'b/**'],
        headers: { 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' },
        name: 'headers[1]',
      },
    ])
  })

  it.each([
    ['a\r\nSet-Cookie: x', 'line break'],
    ['naïve', 'U+00EF'],
    ['', 'empty'],
    ['x'.repeat(9000), '8192'],
  ])('refuse the value %j', (cacheControl, why) => {
    const error = failure({
      headers: [
        { match: '**', contentType: 'text/css' },
        { match: '**', cacheControl },
      ],
    })
    expect(error).toMatchObject({ code: 'E_HEADER_INVALID', exitCode: 2 })
    expect(error.subject).toContain('headers[1]')
    expect(error.why).toContain(why)
  })

  it('refuse a rule that does nothing and a type that is none', () => {
    expect(failure({ headers: [{ match: '**' }] })).toMatchObject({
      code: 'E_CONFIG',
      message: 'headers[0] sets no header',
    })
    expect(failure({ headers: [{ match: [], cacheControl: 'x' }] }).message).toBe('headers[0].match is empty')
    expect(failure({ headers: [{ match: '**', contentType: 'css' }] }).code).toBe('E_HEADER_INVALID')
  })
})

describe('stores', () => {
  it('are required', () => {
    expect(() => resolveConfig({ root: 'dist' }, { cwd: '/project', env: {} })).toThrow('no store was given')
  })

  it('are not spoken to over plain http, but on this machine or where it is allowed', () => {
    const to = 's3://bucket?endpoint=http://minio.example'
    expect(failure({ to })).toMatchObject({ code: 'E_ENDPOINT', exitCode: 2 })
    expect(resolved({ to, allowInsecure: true }).target).toMatchObject({ endpoint: 'http://minio.example' })
    expect(resolved({ to: 's3://bucket?endpoint=http://localhost:9000' }).target).toMatchObject({
      endpoint: 'http://localhost:9000',
    })
  })
})

import { describe, expect, it } from 'vitest'
import { maskAddress } from '../../../src/config/mask.ts'
import { parseTarget } from '../../../src/config/target.ts'
import { LadingError } from '../../../src/words/errors.ts'

const s3 = (text: string): unknown => parseTarget(text, '/project')

function failure(text: string): LadingError {
  try {
    parseTarget(text, '/project')
  } catch (error) {
    if (error instanceof LadingError) return error
    throw error
  }
  throw new Error(`"${text}" was accepted`)
}

describe('addresses of stores', () => {
  it('reads bucket, prefix and parameters', () => {
    expect(s3('s3://site-assets/assets/?region=eu-west-1&profile=site&endpoint=https://minio.example:9000')).toEqual({
      kind: 's3',
      bucket: 'site-assets',
      prefix: 'assets/',
      endpoint: 'https://minio.example:9000',
      region: 'eu-west-1',
      profile: 'site',
      label: 's3://site-assets/assets/',
    })
  })

  it('resolves a folder against the working folder and keeps its name for people', () => {
    expect(s3('./store')).toEqual({ kind: 'folder', path: '/project/store', label: './store' })
    expect(s3('file:///srv/store')).toEqual({ kind: 'folder', path: '/srv/store', label: '/srv/store' })
  })

  it.each([
    ['s3://bucket', ''],
    ['s3://bucket/', ''],
    ['s3://bucket//assets/', 'assets/'],
    ['s3://bucket/assets', 'assets/'],
    ['s3://bucket/./assets', 'assets/'],
    ['s3://bucket/a b/ü%20/', 'a b/ü%20/'],
    ['s3://bucket/a#b', 'a#b/'],
  ])('normalises the prefix of %s', (text, prefix) => {
    expect(parseTarget(text, '/')).toMatchObject({ bucket: 'bucket', prefix })
  })

  it.each([
    's3://bucket/assets//x',
    's3://bucket/../other',
    's3://bucket/a/../b',
    's3://bucket/a\u0001b',
    's3://bucket/\ud800',
  ])('refuses the prefix of %s', (text) => {
    expect(failure(text)).toMatchObject({ code: 'E_PREFIX', exitCode: 2 })
  })

  it.each(['My_Bucket', '192.168.0.1', 'ab', 'a..b', 'a.-b', '-abc', 'abc-', 'x'.repeat(64), ''])(
    'refuses the bucket "%s"',
    (bucket) => {
      expect(failure(`s3://${bucket}/x`)).toMatchObject({ code: 'E_BUCKET_NAME', exitCode: 2 })
    },
  )

  it('takes dots, access point aliases and ARNs', () => {
    expect(s3('s3://www.example.com/x')).toMatchObject({ bucket: 'www.example.com' })
    expect(s3('s3://site-a1b2c3-s3alias')).toMatchObject({ bucket: 'site-a1b2c3-s3alias' })
    expect(s3('arn:aws:s3:::site-assets/x')).toMatchObject({ bucket: 'site-assets', prefix: 'x/' })
    expect(s3('s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/site/x')).toMatchObject({
      bucket: 'arn:aws:s3:eu-west-1:111122223333:accesspoint/site',
      prefix: 'x/',
    })
  })

  it.each([
    ['localhost:9000', 'http://localhost:9000'],
    ['minio.example', 'https://minio.example'],
    ['https://minio.example/', 'https://minio.example'],
    ['http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['[::1]:9000', 'http://[::1]:9000'],
  ])('writes the endpoint %s as %s', (endpoint, origin) => {
    expect(s3(`s3://bucket/?endpoint=${endpoint}`)).toMatchObject({ endpoint: origin })
  })

  it.each(['https://minio.example/bucket', 'ftp://minio.example', 'https://', 'https://minio.example/#x'])(
    'refuses the endpoint %s',
    (endpoint) => {
      expect(failure(`s3://bucket/?endpoint=${encodeURIComponent(endpoint)}`)).toMatchObject({ code: 'E_ENDPOINT' })
    },
  )

  it('refuses user-info in an endpoint and does not repeat it', () => {
    const error = failure('s3://bucket/?endpoint=https://kate:hunter2@minio.example')
    expect(error.code).toBe('E_ENDPOINT')
    expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/hunter2|kate/)
  })

  it.each([
    's3://AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI@bucket/x',
    's3://bucket/x?secretAccessKey=wJalrXUtnFEMI',
    's3://bucket/x?access_key=wJalrXUtnFEMI',
    's3://bucket/AKIAIOSFODNN7EXAMPLE',
  ])('refuses the credentials in %s and does not repeat them', (text) => {
    const error = failure(text)
    expect(error.code).toBe('E_CONFIG_SECRET')
    expect(JSON.stringify({ ...error, message: error.message })).not.toMatch(/wJalr|AKIAIOSF/)
  })

  it('names the parameter that was meant', () => {
    expect(failure('s3://bucket/?regoin=eu-west-1')).toMatchObject({ code: 'E_USAGE', hint: 'Did you mean "region"?' })
  })

  it('turns a web address into the line to write', () => {
    expect(failure('https://site-assets.s3.eu-west-1.amazonaws.com/x').hint).toBe(
      'Write s3://site-assets/x?region=eu-west-1',
    )
    expect(failure('https://s3.eu-west-1.amazonaws.com/site-assets/x').hint).toBe(
      'Write s3://site-assets/x?region=eu-west-1',
    )
    expect(failure('https://site-assets.s3.amazonaws.com/x').hint).toBe('Write s3://site-assets/x')
    expect(failure('https://s3.amazonaws.com/site-assets/x').hint).toBe('Write s3://site-assets/x')
    expect(failure('https://cdn.example.com/x').hint).toBe('Write s3://BUCKET/PREFIX?endpoint=https://cdn.example.com')
  })

  it.each(['s3//bucket/x', 'S3//bucket/x', 's3:/bucket/x', 's3:bucket/x'])(
    'takes "%s" for a mistyped address, and makes no folder of that name',
    (text) => {
      expect(failure(text)).toMatchObject({ code: 'E_USAGE', hint: expect.stringContaining('Write s3://bucket/x;') })
    },
  )

  it.each(['gs://bucket/x', 'sftp://host/x', '', ' '])('knows no store at "%s"', (text) => {
    expect(failure(text).code).toBe('E_USAGE')
  })

  it.each([
    ['s3:/foo/x', 'Write s3://foo/x; for a folder with a colon: ./s3:/foo/x'],
    ['s3:foo', 'Write s3://foo; for a folder with a colon: ./s3:foo'],
    ['foo:bar', 'Write s3://BUCKET/PREFIX; for a folder with a colon: ./foo:bar'],
  ])('makes no folder of the slip %s', (text, hint) => {
    expect(failure(text)).toMatchObject({ code: 'E_USAGE', hint })
    expect(s3(`./${text}`)).toMatchObject({ kind: 'folder' })
  })

  it.each(['s3://bucket/pkg@1.2/x', 's3://bucket/@scope/x', './pkg@1.2', 'arn:aws:s3:::bucket/pkg@1'])(
    'takes the "@" in %s for a part of the name',
    (text) => {
      expect(parseTarget(text, '/project').kind).toMatch(/s3|folder/)
      expect(maskAddress(text)).toBe(text)
    },
  )

  it('masks what looks secret and nothing else', () => {
    expect(maskAddress('s3://a:b@bucket/x?region=r&token=t')).toBe('s3://***@bucket/x?region=r&token=***')
    expect(maskAddress('s3://bucket/?endpoint=https%3A%2F%2Fk%3As%40host')).toBe(
      's3://bucket/?endpoint=https%3A%2F%2F***@host',
    )
    expect(maskAddress('/srv/store')).toBe('/srv/store')
  })
})

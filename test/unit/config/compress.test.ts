import { describe, expect, it } from 'vitest'
import { type LadingConfig, LadingError, resolveConfig } from '../../../src/index.ts'

const resolved = (compress: LadingConfig['compress']) =>
  resolveConfig({ root: 'dist', to: 'store', compress }, { cwd: '/project', env: {} }).compress

function refused(compress: LadingConfig['compress']): LadingError {
  try {
    resolved(compress)
  } catch (error) {
    if (error instanceof LadingError) return error
    throw error
  }
  throw new Error(`${JSON.stringify(compress)} was accepted`)
}

describe('compress', () => {
  it('is off unless it is asked for', () => {
    expect(resolved(undefined)).toEqual([])
    expect(resolved('none')).toEqual([])
  })

  it('gzip is two rules: nothing well-known, and text at the level that makes it smallest', () => {
    expect(resolved('gzip')).toEqual([
      expect.objectContaining({ match: ['.well-known/**'], encoding: 'identity', name: 'compress' }),
      expect.objectContaining({ encoding: 'gzip', level: 9, minBytes: 1024, name: 'compress' }),
    ])
  })

  it('rules keep their place as their name, and get their defaults', () => {
    expect(
      resolved([
        { match: '*.js', encoding: 'br' },
        { match: ['*.css'], encoding: 'gzip', level: 6, minBytes: 0 },
      ]),
    ).toEqual([
      { match: ['*.js'], encoding: 'br', level: 11, minBytes: 0, name: 'compress[0]' },
      { match: ['*.css'], encoding: 'gzip', level: 6, minBytes: 0, name: 'compress[1]' },
    ])
  })

  it('another word is refused with those that there are', () => {
    expect(refused('brotli')).toMatchObject({ code: 'E_USAGE', subject: 'brotli', hint: expect.stringMatching('gzip') })
  })

  it.each<[string, LadingConfig['compress'], RegExp]>([
    ['a glob that is empty', [{ match: '', encoding: 'gzip' }], /^compress\[0\]\.match is empty$/],
    ['no glob at all', [{ match: [], encoding: 'gzip' }], /^compress\[0\]\.match is empty$/],
    ['a level that gzip does not have', [{ match: '*', encoding: 'gzip', level: 11 }], /^compress\[0\]\.level/],
    ['a size that is none', [{ match: '*', encoding: 'gzip', minBytes: -1 }], /^compress\[0\]\.minBytes/],
  ])('refuses %s', (_what, compress, message) => {
    expect(refused(compress)).toMatchObject({ code: 'E_CONFIG', message: expect.stringMatching(message) })
  })

  it('refuses an encoding that nobody knows, by its place', () => {
    const rules = [{ match: '*', encoding: 'zstd' }] as unknown as LadingConfig['compress'] // as a file may hold it
    expect(refused(rules)).toMatchObject({
      code: 'E_CONFIG',
      message: expect.stringMatching(/^compress\[0\]\.encoding: expected "gzip" or "br" or "identity"/),
    })
  })
})

import { describe, expect, it } from 'vitest'
import type { ResolvedCompressRule } from '../../../src/config/interface.ts'
import { resolveConfig } from '../../../src/index.ts'
import { compressionRules, isWorthPacking, MOST_PACKED_BYTES } from '../../../src/plan/compression.ts'

const rule = (match: string, encoding: ResolvedCompressRule['encoding']): ResolvedCompressRule => ({
  match: [match],
  encoding,
  level: 9,
  minBytes: 100,
  name: match,
})

const subject = { path: 'app.js', size: 5000, magic: undefined, headers: {} }

describe('which files are compressed', () => {
  it('the first rule that matches decides, and without one a file stays as it is', () => {
    const decide = compressionRules([rule('vendor/**', 'identity'), rule('*.js', 'gzip'), rule('**', 'br')])
    expect(decide({ ...subject, path: 'vendor/app.js' })).toBeUndefined()
    expect(decide(subject)).toEqual({ encoding: 'gzip', level: 9, rule: '*.js' })
    expect(decide({ ...subject, path: 'a.bin' })).toMatchObject({ encoding: 'br' })
    expect(compressionRules([])(subject)).toBeUndefined()
  })

  it('a file that is too small, or too large to be held in memory, stays as it is', () => {
    const decide = compressionRules([rule('*', 'gzip')])
    expect(decide({ ...subject, size: 99 })).toBeUndefined()
    expect(decide({ ...subject, size: 100 })).toBeDefined()
    expect(decide({ ...subject, size: MOST_PACKED_BYTES + 1 })).toBeUndefined()
  })

  it.each(['gzip', 'png', 'woff2', 'zip'])('bytes that are %s are not compressed again, whatever the name', (magic) => {
    expect(compressionRules([rule('*', 'gzip')])({ ...subject, magic })).toBeUndefined()
  })

  it('what a rule for headers gives an encoding to is left alone', () => {
    const headers = { 'content-encoding': 'zstd' }
    expect(compressionRules([rule('*', 'gzip')])({ ...subject, headers })).toBeUndefined()
  })

  it('a saving below a tenth is none, but a second object is always made', () => {
    const [gzip, br] = [
      { encoding: 'gzip', level: 9, rule: '' },
      { encoding: 'br', level: 11, rule: '' },
    ] as const
    expect(isWorthPacking(gzip, 1000, 900)).toBe(true)
    expect(isWorthPacking(gzip, 1000, 901)).toBe(false)
    expect(isWorthPacking(br, 1000, 1001)).toBe(true)
  })

  it.each<[string, boolean]>([
    ['index.html', true],
    ['a/b.css', true],
    ['a/b.mjs', true],
    ['data.json', true],
    ['i.svg', true],
    ['site.webmanifest', true],
    ['app.wasm', true],
    ['f.ttf', true],
    ['favicon.ico', true],
    ['photo.png', false],
    ['f.woff2', false],
    ['d.tar.gz', false],
    ['film.mp4', false],
    ['.well-known/assetlinks.json', false],
  ])('the word gzip compresses %s: %s', (path, isPacked) => {
    const { compress } = resolveConfig({ root: 'd', to: 's', compress: 'gzip' }, { cwd: '/', env: {} })
    expect(compressionRules(compress)({ ...subject, path }) !== undefined).toBe(isPacked)
  })
})

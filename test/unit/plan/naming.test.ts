import { describe, expect, it } from 'vitest'
import { assetKey, base32, bundleKey, bundlePath, unhashedPath } from '../../../src/plan/naming.ts'

const TYPE = { 'content-type': 'image/png' }
const ONE = '1'.repeat(64)

describe('asset keys', () => {
  it('keep the folder, the stem and the extension around sixteen characters of hash', () => {
    expect(assetKey('img/logo.png', { sha256: ONE, headers: TYPE })).toMatch(/^a\/img\/logo\.[a-z2-7]{16}\.png$/)
    expect(assetKey('LICENSE', { sha256: ONE, headers: TYPE })).toMatch(/^a\/LICENSE\.[a-z2-7]{16}$/)
    expect(assetKey('a.b/c', { sha256: ONE, headers: TYPE })).toMatch(/^a\/a\.b\/c\.[a-z2-7]{16}$/)
  })

  it('change with the bytes, the type and the encoding, and with nothing else', () => {
    const key = (sha256: string, headers: Record<string, string>): string => assetKey('x.css', { sha256, headers })
    const keys = [
      key(ONE, TYPE),
      key('2'.repeat(64), TYPE),
      key(ONE, { 'content-type': 'image/gif' }),
      key(ONE, { ...TYPE, 'content-encoding': 'gzip' }),
    ]
    expect(new Set(keys).size).toBe(4)
    expect(key(ONE, { ...TYPE, 'cache-control': 'no-store' })).toBe(keys[0])
  })

  it.each(['img/logo.png', 'LICENSE', 'a.b/c', 'archive.tar.gz', '.well-known/x.svg'])('lead back to %s', (path) => {
    expect(unhashedPath(assetKey(path, { sha256: ONE, headers: TYPE }))).toBe(path)
  })

  it('of bundles are their own names and lead back to them', () => {
    expect(bundleKey('assets/index-B1x9aQ.js')).toBe('a/assets/index-B1x9aQ.js')
    expect(bundlePath('a/assets/index-B1x9aQ.js')).toBe('assets/index-B1x9aQ.js')
    expect(bundlePath('img/logo.png')).toBeUndefined()
  })

  it('that carry no hash of ours lead back to no file', () => {
    expect(unhashedPath('a/img/logo.png')).toBeUndefined()
    expect(unhashedPath('img/logo.abcdefghijklmnop.png')).toBeUndefined()
  })
})

/** RFC 4648, section 10, in lower case and without padding. */
it.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
])('base32 of %j is %j, as the standard has it', (text, expected) => {
  expect(base32(Buffer.from(text))).toBe(expected)
})

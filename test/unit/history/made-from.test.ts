import { describe, expect, it } from 'vitest'
import { isMadeFrom, mayBeMadeFrom } from '../../../src/history/made-from.ts'

const HASH = 'mzxw6ytboi4dqmrq'

describe('what was made from a file', () => {
  it.each<[string, string, 'br' | 'gzip' | undefined]>([
    ['its own path', 'img/x.svg', undefined],
    ['its hashed name', `a/img/x.${HASH}.svg`, undefined],
    ['that in a folder of its own', `a/_t/${HASH}/img/x.svg`, undefined],
    ["its bundler's name", 'a/img/x.svg', undefined],
    ['its hashed name, packed in place', `a/img/x.${HASH}.svg`, 'gzip'],
    ['packed beside its hashed name', `a/img/x.${HASH}.svg.br`, 'br'],
    ['packed beside that in a folder of its own', `a/_t/${HASH}/img/x.svg.br`, 'br'],
    ["packed beside its bundler's name", 'a/img/x.svg.br', 'br'],
    ['packed by the site, at its own path', 'img/x.svg.gz', 'gzip'],
    ['packed by the site, under a hashed name', `a/img/x.svg.${HASH}.gz`, 'gzip'],
  ])('%s', (_what, key, encoding) => {
    const headers = encoding === undefined ? {} : { 'content-encoding': encoding }
    expect(isMadeFrom({ key, headers }, 'img/x.svg')).toBe(true)
    expect(mayBeMadeFrom(key, 'img/x.svg')).toBe(true)
  })

  it.each<[string, string, string, 'br' | 'gzip' | undefined]>([
    ['a file without an ending', 'LICENSE', `a/LICENSE.${HASH}.br`, undefined],
    ['a download', 'data.tar', 'data.tar.gz', undefined],
    ['a bundle', 'app.js', 'a/app.js.br', 'gzip'],
  ])('not what only has such a name and does not say that it is packed so: %s', (_what, path, key, encoding) => {
    const headers = encoding === undefined ? {} : { 'content-encoding': encoding }
    expect(mayBeMadeFrom(key, path)).toBe(true)
    expect(isMadeFrom({ key, headers }, path)).toBe(false)
  })

  it('not what another file has become', () => {
    for (const key of ['img/xy.svg', 'x.svg.br', `a/img/xy.${HASH}.svg.br`, `a/img/x.${HASH}.png`])
      expect(isMadeFrom({ key, headers: { 'content-encoding': 'br' } }, 'img/x.svg')).toBe(false)
  })
})

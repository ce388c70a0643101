import { describe, expect, it } from 'vitest'
import { checkCaching } from '../../../src/plan/headers.ts'
import type { FileClass } from '../../../src/words/model.ts'

const cached = (fileClass: FileClass, cacheControl: string) => [
  {
    path: 'index.html',
    fileClass,
    hashed: false,
    headers: { 'content-type': 'text/html', 'cache-control': cacheControl },
  },
]

describe('how long a name without a hash is cached', () => {
  it.each([
    's-maxage=60, max-age=31536000',
    'max-age=31536000, s-maxage=60',
    'max-age=60, s-maxage=31536000',
    'public, max-age=60, max-age=31536000',
    'S-MaxAge = "31536000"',
  ])('is what the longest of its lifetimes says: %s', (cacheControl) => {
    expect(() => checkCaching(cached('page', cacheControl), false)).toThrow(
      expect.objectContaining({ code: 'E_HEADER_UNSAFE', details: [`index.html: ${cacheControl}`] }),
    )
    expect(checkCaching(cached('other', cacheControl), false)).toEqual(['index.html'])
  })

  it.each(['max-age=60, s-maxage=300', 'no-store', 'stale-if-error=31536000, max-age=60'])(
    'is short when all of them are short: %s',
    (cacheControl) => {
      expect(checkCaching(cached('page', cacheControl), false)).toEqual([])
    },
  )
})

import { describe, expect, it } from 'vitest'
import { cloudFrontPath } from '../../../src/cdn/cloudfront-path.ts'

describe('a path as CloudFront wants it', () => {
  it.each([
    ['/a/b.html', '/a/b.html'],
    ['/a%20b.html', '/a%20b.html'],
    ['/gr%c3%bcn', '/gr%C3%BCn'],
    ['/logo%402x.png', '/logo@2x.png'],
    ['/a%281%29%2B%2c.png', '/a(1)+,.png'],
    ['/~user/%7euser', '/%7Euser/%7Euser'],
    ['/a[1]%5B2%5D', '/a%5B1%5D%5B2%5D'],
    ['/what%3F%23%25%2F', '/what%3F%23%25%2F'],
    ['/grün', '/gr%C3%BCn'],
  ])('%s is %s', (path, sent) => {
    expect(cloudFrontPath(path)).toBe(sent)
    expect(cloudFrontPath(sent)).toBe(sent)
  })

  it('ends at a star, which stands for what follows', () => {
    expect(cloudFrontPath('/a%2Ab/c.html')).toBe('/a*')
    expect(cloudFrontPath('/a*')).toBe('/a*')
  })
})

import { describe, expect, it } from 'vitest'
import { visitedPaths } from '../../../src/cdn/aliases.ts'

describe('the paths a visitor may have used', () => {
  it.each([
    ['about/index.html', '/', ['/about/index.html', '/about/', '/about']],
    ['index.html', '/', ['/index.html', '/']],
    ['index.html', '/docs/', ['/docs/index.html', '/docs/', '/docs']],
    ['about/index.html', '/docs/', ['/docs/about/index.html', '/docs/about/', '/docs/about']],
    ['a.html', '/', ['/a.html', '/a']],
    ['blog/a.b.html', '/', ['/blog/a.b.html', '/blog/a.b']],
    ['404.html', '/', ['/404.html']],
    ['en/404.html', '/', ['/en/404.html']],
    ['x/.html', '/', ['/x/.html']],
    ['my-index.html', '/', ['/my-index.html', '/my-index']],
    ['favicon.ico', '/', ['/favicon.ico']],
    ['page.htm', '/', ['/page.htm', '/page']],
    ['Index.XHTML', '/x/', ['/x/Index.XHTML', '/x/', '/x']],
    ['feed.xml', '/', ['/feed.xml']],
  ])('%s below %s', (key, base, paths) => {
    expect(visitedPaths(key, base)).toEqual(paths)
  })

  it('are percent-encoded, in both spellings where browsers and Lading differ', () => {
    expect(visitedPaths('grün/a b.html')).toEqual(['/gr%C3%BCn/a%20b.html', '/gr%C3%BCn/a%20b'])
    expect(visitedPaths('img/a (1).png')).toEqual(['/img/a%20%281%29.png', '/img/a%20(1).png'])
    expect(visitedPaths('100%?#.txt')).toEqual(['/100%25%3F%23.txt'])
    expect(visitedPaths('😀.txt')).toEqual(['/%F0%9F%98%80.txt'])
  })

  it('are the ones that a browser asks for', () => {
    for (const key of ["it's [a] {b} (c) ~d.txt", 'a+b,c;d=e&f!g*h@i:j$k.txt', 'a"b<c>d^e`f|g.txt', 'a\\b%41.txt']) {
      const typed = key.replace(/[%?#\\]/g, encodeURIComponent)
      expect(visitedPaths(key)).toContain(new URL(typed.replace(/\^/g, '%5E'), 'https://www.example.com/x').pathname)
    }
  })
})

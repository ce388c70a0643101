import { describe, expect, it } from 'vitest'
import { encodePath, relativeUrl, urlOfKey } from '../../../src/rewrite/index.ts'

describe('urlOfKey', () => {
  it.each([
    ['a/img/logo@2x.png', 'a/img/logo@2x.png'],
    ['a b.png', 'a%20b.png'],
    ['a+b.png', 'a%2Bb.png'],
    ['100%.png', '100%25.png'],
    ['a%20b.png', 'a%2520b.png'],
    ['q?x=1.png', 'q%3Fx%3D1.png'],
    ['h#f.png', 'h%23f.png'],
    ["it's(1)!*.png", 'it%27s%281%29%21%2A.png'],
    ['a&b<c>.png', 'a%26b%3Cc%3E.png'],
    ['"q".png', '%22q%22.png'],
    ['semi;colon=,:@$~.png', 'semi%3Bcolon%3D%2C:@%24~.png'],
    ['back\\slash.png', 'back%5Cslash.png'],
    ['café.png', 'caf%C3%A9.png'],
    ['🚢.png', '%F0%9F%9A%A2.png'],
    ['__proto__', '__proto__'],
  ])('%s', (key, expected) => {
    expect(urlOfKey({ href: 'https://cdn.example.com/x/', kind: 'host' }, key)).toBe(
      `https://cdn.example.com/x/${expected}`,
    )
    expect(urlOfKey({ href: '/_a/', kind: 'path' }, key)).toBe(`/_a/${expected}`)
    expect(decodeURIComponent(encodePath(key))).toBe(key)
  })
})

describe('relativeUrl', () => {
  it.each([
    ['a/css/s.css', 'a/img/l.png', '../img/l.png'],
    ['a/css/s.css', 'a/css/l.png', 'l.png'],
    ['a/css/s.css', 'a/css/x/l.png', 'x/l.png'],
    ['a/s.css', 'a/l.png', 'l.png'],
    ['s.css', 'a/b/l.png', 'a/b/l.png'],
    ['a/b/c/s.css', 'l.png', '../../../l.png'],
    ['a/b/s.css', 'a/bc/l.png', '../bc/l.png'],
    ['a/l.png/s.css', 'a/l.png', '../l.png'],
    ['a/s.css', 'a/s.css', 's.css'],
    ['a/s.css', 'a/x:y.png', './x:y.png'],
    ['a/s.css', 'a/x/y:z.png', 'x/y:z.png'],
    ['a/b/s.css', 'a/x:y.png', '../x:y.png'],
    ['a/s.css', 'a/b c/d#.png', 'b%20c/d%23.png'],
  ])('from %s to %s', (from, to, expected) => {
    expect(relativeUrl(from, to)).toBe(expected)
    const url = new URL(relativeUrl(from, to), `https://cdn.example.com/${encodePath(from)}`)
    expect(url.href).toBe(`https://cdn.example.com/${encodePath(to)}`)
  })
})

import { describe, expect, it } from 'vitest'
import type { PublicUrl } from '../../../src/model.ts'
import { createResolver, type Resolved } from '../../../src/rewrite/index.ts'

interface Setting {
  readonly site?: string
  readonly base?: string
  readonly url?: PublicUrl
  readonly files?: readonly string[]
  readonly keys?: Readonly<Record<string, string>>
}

const FILES = ['index.html', 'img/logo.png', 'about/index.html', 'css/s.css', 'a b.png']

function resolver({ site, base = '/', url, files = FILES, keys = {} }: Setting = {}) {
  const made = new Map(Object.entries(keys))
  const all = new Set(files)
  return createResolver({ site, base, url, has: (path) => all.has(path), pathOfKey: (key) => made.get(key) })
}

/** `file img/logo.png ?q #f` */
function short(resolved: Resolved): string {
  const { kind } = resolved
  if (kind === 'missing') return `missing ${resolved.path}`
  if (kind === 'key') return `key ${resolved.key} ${resolved.path ?? '-'} ${resolved.query}${resolved.fragment}`.trim()
  return kind === 'file' ? `file ${resolved.path} ${resolved.query}${resolved.fragment}`.trim() : kind
}

describe('local references', () => {
  const { resolve } = resolver()

  it.each([
    ['img/logo.png', 'index.html', 'file img/logo.png'],
    ['./img/../img/logo.png', 'index.html', 'file img/logo.png'],
    ['../img/logo.png', 'css/s.css', 'file img/logo.png'],
    ['/img/logo.png', 'about/index.html', 'file img/logo.png'],
    ['img\\logo.png', 'index.html', 'file img/logo.png'],
    [' img/lo\ngo.png\t', 'index.html', 'file img/logo.png'],
    ['img/logo.png?v=1#a', 'index.html', 'file img/logo.png ?v=1#a'],
    ['img/logo.png?#iefix', 'index.html', 'file img/logo.png ?#iefix'],
    ['img/logo.png#a?b', 'index.html', 'file img/logo.png #a?b'],
    ['img/logo.png?a=é b', 'index.html', 'file img/logo.png ?a=é b'],
    ['a%20b.png', 'index.html', 'file a b.png'],
    ['a b.png', 'index.html', 'file a b.png'],
    ['/about/', 'index.html', 'file about/index.html'],
    ['/', 'about/index.html', 'file index.html'],
    ['.', 'about/index.html', 'file about/index.html'],
    ['/none/', 'index.html', 'other'],
    ['none.png', 'index.html', 'missing none.png'],
    ['logo%20x.png', 'css/s.css', 'missing css/logo x.png'],
    ['IMG/logo.png', 'index.html', 'missing IMG/logo.png'],
    ['img%2Flogo.png', 'index.html', 'missing img%2Flogo.png'],
    ['/etc/passwd', 'index.html', 'missing etc/passwd'],
  ])('%j in %s', (reference, page, expected) => expect(short(resolve(reference, page))).toBe(expected))

  it.each([
    ['../../secret.txt', 'index.html'],
    ['../secret.txt', 'index.html'],
    ['../../../secret.txt', 'css/s.css'],
    ['%2e%2e/secret.txt', 'index.html'],
    ['.%2E\\secret.txt', 'index.html'],
    ['x/../../secret.txt', 'index.html'],
    ['file:///etc/passwd', 'index.html'],
    ['FILE:/etc/passwd', 'index.html'],
  ])('%j in %s leads outside', (reference, page) => expect(short(resolve(reference, page))).toBe('outside'))

  it('follows a climb that a browser clamps to a file at the root', () => {
    expect(short(resolve('../../img/logo.png', 'index.html'))).toBe('file img/logo.png')
  })

  it.each([
    '',
    ' ',
    '#x',
    '?x',
    '?x#y',
    'data:image/png;base64,AA==',
    'DATA:,x',
    'blob:https://x/1',
    'mailto:a@b',
    'tel:1',
    'javascript:void 0',
    'about:blank',
    '//cdn.example.net/img/logo.png',
    'https://example.net/img/logo.png',
    'http://',
    'https://[',
    'https://site.invalid:1/img/logo.png',
  ])('%j is not ours', (reference) => expect(short(resolve(reference, 'index.html'))).toBe('other'))
})

describe('odd names', () => {
  it.each([
    ['100%.png', '100%.png'],
    ['100%25.png', '100%.png'],
    ['a%20b.png', 'a b.png'],
    ['a%2520b.png', 'a%20b.png'],
    ['a+b.png', 'a+b.png'],
    ['a%2Bb.png', 'a+b.png'],
    ['q%3Fx=1.png', 'q?x=1.png'],
    ['h%23f.png', 'h#f.png'],
    ['back%5Cslash.png', 'back\\slash.png'],
    ['100% caf\u00e9.png', '100% caf\u00e9.png'],
    ['cafe\u0301.png', 'caf\u00e9.png'],
    ['cafe%CC%81.png', 'caf\u00e9.png'],
    ['%F0%9F%9A%A2.png', '🚢.png'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['x:y.png', undefined],
    ['./x:y.png', 'x:y.png'],
  ])('%j names %j', (reference, path) => {
    const { resolve } = resolver({ files: path === undefined ? ['x:y.png'] : [path] })
    const expected = path === undefined ? { kind: 'other' } : { kind: 'file', path, query: '', fragment: '' }
    expect(resolve(reference, 'index.html')).toEqual(expected)
  })

  it('takes the decoded name before the raw one, and the raw one when only that is there', () => {
    const both = resolver({ files: ['a b.png', 'a%20b.png'] })
    expect(short(both.resolve('a%20b.png', 'index.html'))).toBe('file a b.png')
    const raw = resolver({ files: ['a%20b.png'] })
    expect(short(raw.resolve('a%20b.png', 'index.html'))).toBe('file a%20b.png')
  })

  it('never decodes twice', () => {
    expect(short(resolver({ files: ['a b.png'] }).resolve('a%2520b.png', 'index.html'))).toBe('missing a%20b.png')
  })

  it.each(['%', '%%', '%zz.png', '%E0%A4%A.png', '%C3.png', '\ud800.png'])('%j does not throw', (reference) => {
    expect(resolver().resolve(reference, 'index.html').kind).toBe('missing')
  })

  it('keeps a no-break space, which is part of a name', () => {
    const { resolve } = resolver({ files: ['a.png\u00a0'] })
    expect(resolve(' a.png\u00a0\n', 'index.html')).toMatchObject({ kind: 'file', path: 'a.png\u00a0' })
  })

  it('resolves against pages with odd names', () => {
    expect(short(resolver({ files: ['b.png'] }).resolve('b.png', 'x:y.html'))).toBe('file b.png')
    const { resolve } = resolver({ files: ['a ?#%20/b.png'] })
    expect(short(resolve('b.png', 'a ?#%20/index.html'))).toBe('file a ?#%20/b.png')
  })
})

describe('<base href>', () => {
  const { resolve } = resolver()

  it.each([
    ['logo.png', '/img/', 'file img/logo.png'],
    ['logo.png', '../img/x.html', 'file img/logo.png'],
    ['logo.png', '../img/', 'file img/logo.png'],
    ['/img/logo.png', '/nowhere/', 'file img/logo.png'],
    ['img/logo.png', 'https://example.net/', 'other'],
    ['/img/logo.png', 'https://example.net/x/', 'other'],
    ['img/logo.png', 'data:text/html,x', 'other'],
    ['img/logo.png', 'https://[', 'missing about/img/logo.png'],
    ['../../x.png', 'https://example.net/', 'other'],
  ])('%j against %j', (reference, base, expected) =>
    expect(short(resolve(reference, 'about/index.html', base))).toBe(expected),
  )
})

describe('a site below a path of its host', () => {
  it.each<[string, Setting, string]>([
    ['/app/img/logo.png', { base: '/app/' }, 'file img/logo.png'],
    ['img/logo.png', { base: '/app/' }, 'file img/logo.png'],
    ['/img/logo.png', { base: '/app/' }, 'other'],
    ['../img/logo.png', { base: '/app/' }, 'outside'],
    ['../../app/img/logo.png', { base: '/app/' }, 'file img/logo.png'],
    ['/app', { base: '/app/' }, 'other'],
    ['https://www.example.com/img/logo.png', { site: 'https://www.example.com/' }, 'file img/logo.png'],
    ['http://www.example.com/img/none.png', { site: 'https://www.example.com/' }, 'missing img/none.png'],
    ['//www.example.com/img/logo.png', { site: 'https://www.example.com/' }, 'file img/logo.png'],
    [
      'https://www.example.com/app/img/logo.png',
      { site: 'https://www.example.com/app/', base: '/app/' },
      'file img/logo.png',
    ],
    [
      'https://www.example.com/app/img/logo.png',
      { site: 'https://www.example.com/', base: '/app/' },
      'file img/logo.png',
    ],
    ['https://example.com/img/logo.png', { site: 'https://www.example.com/' }, 'other'],
    ['https://www.example.com:8443/img/logo.png', { site: 'https://www.example.com/' }, 'other'],
  ])('%j with %j', (reference, setting, expected) =>
    expect(short(resolver(setting).resolve(reference, 'index.html'))).toBe(expected),
  )
})

describe('URLs under the public address', () => {
  const keys = { 'a/img/logo.abc.png': 'img/logo.png', 'a/a b.abc.png': 'a b.png' }
  const host: Setting = { url: { href: 'https://cdn.example.com/x/', kind: 'host' }, keys }
  const path: Setting = { url: { href: '/_a/', kind: 'path' }, keys }

  it.each<[string, Setting, string]>([
    ['https://cdn.example.com/x/a/img/logo.abc.png?v#f', host, 'key a/img/logo.abc.png img/logo.png ?v#f'],
    ['http://cdn.example.com/x/a/img/logo.abc.png', host, 'key a/img/logo.abc.png img/logo.png'],
    ['//cdn.example.com/x/a/img/logo.abc.png', host, 'key a/img/logo.abc.png img/logo.png'],
    ['https://cdn.example.com/x/a/a%20b.abc.png', host, 'key a/a b.abc.png a b.png'],
    ['https://cdn.example.com/x/a/gone.abc.png', host, 'key a/gone.abc.png -'],
    ['https://cdn.example.com/a/img/logo.abc.png', host, 'other'],
    ['https://cdn.example.com/x/', host, 'other'],
    ['/_a/a/img/logo.abc.png', path, 'key a/img/logo.abc.png img/logo.png'],
    ['../_a/a/img/logo.abc.png', { ...path, base: '/app/' }, 'key a/img/logo.abc.png img/logo.png'],
    ['https://www.example.com/_a/a/gone.png', { ...path, site: 'https://www.example.com/' }, 'key a/gone.png -'],
    ['/img/logo.png', path, 'file img/logo.png'],
  ])('%j', (reference, setting, expected) =>
    expect(short(resolver(setting).resolve(reference, 'index.html'))).toBe(expected),
  )

  it('still finds files where the public address is the site itself', () => {
    const { resolve } = resolver({ url: { href: '/', kind: 'path' }, keys })
    expect(short(resolve('img/logo.png', 'index.html'))).toBe('file img/logo.png')
    expect(short(resolve('/a/img/logo.abc.png', 'index.html'))).toBe('key a/img/logo.abc.png img/logo.png')
  })
})

import { describe, expect, it, vi } from 'vitest'
import { createResolver, type Resolved } from '../../../src/rewrite/index.ts'
import type { PublicUrl } from '../../../src/words/model.ts'

interface Setting {
  readonly site?: string
  readonly base?: string
  readonly url?: PublicUrl
  readonly files?: readonly string[]
  readonly keys?: Readonly<Record<string, string>>
  /** Keys of earlier releases whose files are gone. */
  readonly former?: readonly string[]
}

const FILES = ['index.html', 'img/logo.png', 'about/index.html', 'css/s.css', 'a b.png']

function resolver({ site, base = '/', url, files = FILES, keys = {}, former = [] }: Setting = {}) {
  const made = new Map(Object.entries(keys))
  const all = new Set(files)
  return createResolver({
    site,
    base,
    url,
    has: (path) => all.has(path),
    pathOfKey: (key) => made.get(key),
    formerKey: (key) => (former.includes(key) ? { path: undefined } : undefined),
  })
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
    ['/none/', 'index.html', 'host'],
    ['none.png', 'index.html', 'missing none.png'],
    ['logo%20x.png', 'css/s.css', 'missing css/logo x.png'],
    ['IMG/logo.png', 'index.html', 'missing IMG/logo.png'],
    ['img%2Flogo.png', 'index.html', 'missing img%2Flogo.png'],
    ['/etc/passwd', 'index.html', 'missing etc/passwd'],
    ['?x', 'index.html', 'host'],
    ['?x#y', 'css/s.css', 'host'],
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
    ['img/logo.png', 'data:text/html,x', 'missing about/img/logo.png'],
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
    ['/img/logo.png', { base: '/app/' }, 'host'],
    ['../img/logo.png', { base: '/app/' }, 'outside'],
    ['../../app/img/logo.png', { base: '/app/' }, 'file img/logo.png'],
    ['/app', { base: '/app/' }, 'host'],
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
    ['https://www.example.com/_a/a/gone.png', { ...path, site: 'https://www.example.com/' }, 'missing _a/a/gone.png'],
    [
      'https://www.example.com/_a/a/gone.png',
      { ...path, site: 'https://www.example.com/', former: ['a/gone.png'] },
      'key a/gone.png -',
    ],
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

describe('a public address within the site', () => {
  const url: PublicUrl = { href: 'https://www.example.com/', kind: 'host' }
  const site = 'https://www.example.com/'

  it('never takes a file of the site for a key of earlier, but for one that is made now', () => {
    const { resolve } = resolver({
      url,
      site,
      files: ['a/x.png', 'a/y.png'],
      former: ['a/x.png'],
      keys: { 'a/y.png': 'y' },
    })
    expect(short(resolve('a/x.png', 'index.html'))).toBe('file a/x.png')
    expect(short(resolve('a/y.png', 'index.html'))).toBe('key a/y.png y')
  })

  it('misses what is neither', () => {
    const { resolve } = resolver({ url, site })
    expect(short(resolve('gone.png', 'index.html'))).toBe('missing gone.png')
    expect(short(resolve('a/gone.png', 'index.html'))).toBe('missing a/gone.png')
  })
})

describe('the address on the site’s own host', () => {
  const address = (reference: string, setting: Setting = {}): string | undefined => {
    const resolved = resolver(setting).resolve(reference, 'css/s.css')
    return 'address' in resolved ? resolved.address : undefined
  }

  it.each<[string, Setting, string | undefined]>([
    ['../none.png?x#y', {}, '/none.png'],
    ['../none.png', { base: '/app/' }, '/app/none.png'],
    ['../../shared/x.png', { base: '/app/' }, '/shared/x.png'],
    ['/shared/x.png', { base: '/app/' }, '/shared/x.png'],
    ['?x', {}, '/css/s.css'],
    ['/none/', { site: 'https://www.example.com/' }, '/none/'],
    // These mean the same in a sheet of another host.
    ['https://www.example.com/none.png', { site: 'https://www.example.com/' }, undefined],
    ['//www.example.com/none.png', { site: 'https://www.example.com/' }, undefined],
    ['https://example.net/none.png', {}, undefined],
    ['file:///etc/passwd', {}, undefined],
    ['data:,x', {}, undefined],
    ['#x', {}, undefined],
  ])('of %j with %j is %j', (reference, setting, expected) => expect(address(reference, setting)).toBe(expected))
})

describe('a resolver that is asked often', () => {
  it('parses a URL once, and still sees what has changed since', () => {
    const keys = new Map<string, string>()
    const files = new Set<string>()
    const { resolve } = createResolver({
      base: '/',
      url: { href: 'https://cdn.example.com/', kind: 'host' },
      has: (path) => files.has(path),
      pathOfKey: (key) => keys.get(key),
    })
    expect(short(resolve('x.png', 'index.html'))).toBe('missing x.png')
    expect(short(resolve('https://cdn.example.com/k', 'index.html'))).toBe('key k -')
    files.add('x.png')
    keys.set('k', 'x.png')
    expect(short(resolve('x.png', 'index.html'))).toBe('file x.png')
    expect(short(resolve('https://cdn.example.com/k', 'index.html'))).toBe('key k x.png')
  })

  it('tells documents, folders and bases apart', () => {
    const { resolve } = resolver({ files: ['x.png', 'a/x.png', 'b/x.png'] })
    expect(short(resolve('x.png', 'index.html'))).toBe('file x.png')
    expect(short(resolve('x.png', 'a/index.html'))).toBe('file a/x.png')
    expect(short(resolve('x.png', 'a/other.html'))).toBe('file a/x.png')
    expect(short(resolve('x.png', 'a/index.html', '../b/'))).toBe('file b/x.png')
    expect(short(resolve('/x.png', 'a/index.html', 'https://example.net/'))).toBe('other')
    expect(short(resolve('/x.png', 'a/index.html'))).toBe('file x.png')
    expect(resolve('?q', 'a/index.html')).toMatchObject({ address: '/a/index.html' })
    expect(resolve('?q', 'a/other.html')).toMatchObject({ address: '/a/other.html' })
  })

  it('asks the platform’s parser once for the same URL in the same folder', () => {
    const { resolve } = resolver()
    resolve('img/logo.png', 'one.html')
    const parser = vi.spyOn(URL, 'canParse')
    try {
      expect(short(resolve('img/logo.png', 'two.html'))).toBe('file img/logo.png')
      expect(parser).not.toHaveBeenCalled()
      expect(short(resolve('img/logo.png', 'about/three.html'))).toBe('missing about/img/logo.png')
      expect(parser).toHaveBeenCalled()
    } finally {
      parser.mockRestore()
    }
  })
})

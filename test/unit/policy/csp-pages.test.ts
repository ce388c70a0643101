import { describe, expect, it } from 'vitest'
import type { HostFile, PageCsp } from '../../../src/index.ts'
import { cspWarnings, readHostFiles } from '../../../src/index.ts'

const url = { href: 'https://cdn.example.com/', kind: 'host' } as const

const page = (...policies: string[]): PageCsp => ({ policies, uses: new Set(['image', 'font']) })

/** The policies that a host's file sends with a page. */
const sent = (path: string, text: string, address: string): readonly string[] =>
  readHostFiles([{ path, text }]).hosts.flatMap(({ policiesFor }) => policiesFor(address))

describe('the headers of a host', () => {
  it('are those of every block of `_headers` that covers the path', () => {
    const text = [
      '# all of it',
      '/*',
      '  X-Frame-Options: DENY',
      "  Content-Security-Policy: img-src 'self', font-src 'self'",
      '',
      '/blog/:slug',
      "\tcontent-security-policy: default-src 'none'",
      'https://www.example.com/a.b/',
      '  Content-Security-Policy: media-src *',
    ].join('\r\n')
    expect(sent('_headers', text, '/')).toEqual(["img-src 'self'", "font-src 'self'"])
    expect(sent('_headers', text, '/blog/x')).toEqual(["img-src 'self'", "font-src 'self'", "default-src 'none'"])
    expect(sent('_headers', text, '/blog/x/y')).toHaveLength(2)
    expect(sent('_headers', text, '/a.b/')).toContain('media-src *')
    expect(sent('_headers', text, '/axb/')).toHaveLength(2)
  })

  it('are gone where a later block of `_headers` takes them away, and only reports count for nothing', () => {
    const text = "/*\n  Content-Security-Policy: img-src 'self'\n/open/*\n  ! Content-Security-Policy\n"
    expect(sent('_headers', text, '/open/x')).toEqual([])
    expect(sent('_headers', "/*\n  Content-Security-Policy-Report-Only: img-src 'self'\n", '/')).toEqual([])
  })

  it('are read from vercel.json', () => {
    const header = { key: 'Content-Security-Policy', value: "img-src 'self'" }
    const text = (source: string) => JSON.stringify({ headers: [{ source, headers: [header] }] })
    const covered: [string, string, number][] = [
      ['/(.*)', '/a/b', 1],
      ['/:path*', '/a/b', 1],
      ['/blog/:slug', '/blog/x', 1],
      ['/blog/:slug', '/blog/x/y', 0],
      ['/blog/:n(\\d+)', '/blog/12', 1],
      ['/blog/:n(\\d+)', '/blog/x', 0],
      ['/a.html', '/a.html', 1],
      ['/a.html', '/axhtml', 0],
    ]
    for (const [source, address, count] of covered) {
      expect(sent('vercel.json', text(source), address), `${source} ${address}`).toHaveLength(count)
    }
  })

  it('are read from staticwebapp.config.json, the first route before the rest', () => {
    const text = JSON.stringify({
      globalHeaders: { 'Content-Security-Policy': "img-src 'self'" },
      routes: [
        { route: '/open/*', headers: { 'content-security-policy': 'img-src *' } },
        { route: '/open/x', headers: { 'content-security-policy': "img-src 'none'" } },
        { route: '/plain' },
      ],
    })
    expect(sent('staticwebapp.config.json', text, '/')).toEqual(["img-src 'self'"])
    expect(sent('staticwebapp.config.json', text, '/plain')).toEqual(["img-src 'self'"])
    expect(sent('staticwebapp.config.json', text, '/open/x')).toEqual(['img-src *'])
  })

  it('are said to be unread where nobody here can read them', () => {
    const files: HostFile[] = [
      { path: 'netlify.toml', text: '' },
      { path: 'docs/.htaccess', text: '' },
      { path: 'vercel.json', text: '{ not json' },
      { path: '_headers', text: '' },
    ]
    const read = readHostFiles(files)
    expect(read.unread).toEqual(['netlify.toml', 'docs/.htaccess', 'vercel.json'])
    expect(read.hosts.map(({ name }) => name)).toEqual(['_headers'])
  })
})

describe('the warning W_CSP', () => {
  it('has the directives to write as its fix, and is one for all pages that need the same', () => {
    const pages = new Map([
      ['index.html', page("img-src 'self'")],
      ['about/index.html', page("img-src 'self'")],
      ['free.html', page()],
      ['open.html', page('default-src https:')],
      ['strict.html', page("default-src 'none'")],
    ])
    expect(cspWarnings({ pages, hosts: [], url })).toEqual([
      {
        code: 'W_CSP',
        message: 'content security policies keep pages from their files at https://cdn.example.com/',
        items: ["index.html (<meta>): img-src 'self'", "about/index.html (<meta>): img-src 'self'"],
        fix: "img-src 'self' https://cdn.example.com",
      },
      {
        code: 'W_CSP',
        message: 'content security policies keep pages from their files at https://cdn.example.com/',
        items: ["strict.html (<meta>): default-src 'none'"],
        fix: 'font-src https://cdn.example.com; img-src https://cdn.example.com',
      },
    ])
  })

  it('hears the host too, under every address of a page and below the base', () => {
    const text = "/shop/about/\n  Content-Security-Policy: img-src 'self'\n"
    const { hosts } = readHostFiles([{ path: '_headers', text }])
    const pages = new Map([
      ['about/index.html', page()],
      ['index.html', page()],
    ])
    expect(cspWarnings({ pages, hosts, url, base: '/shop/' })).toMatchObject([
      { items: ["about/index.html (_headers): img-src 'self'"], fix: "img-src 'self' https://cdn.example.com" },
    ])
    expect(cspWarnings({ pages, hosts, url })).toEqual([])
  })

  it("is not given for scripts below 'strict-dynamic': moving changes nothing there", () => {
    const pages = new Map([
      ['index.html', { policies: ["script-src 'strict-dynamic' 'nonce-x'"], uses: new Set(['script'] as const) }],
    ])
    expect(cspWarnings({ pages, hosts: [], url })).toEqual([])
  })
})

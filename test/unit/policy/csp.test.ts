import { describe, expect, it } from 'vitest'
import type { ReferenceUse } from '../../../src/index.ts'
import { missingSources } from '../../../src/index.ts'

const CDN = { href: 'https://cdn.example.com/', kind: 'host' } as const

interface Asked {
  readonly uses?: readonly ReferenceUse[]
  readonly href?: string
  readonly site?: string
}

/** The directives to write before a page with this policy can load its files. */
const writes = (policy: string, { uses = ['image'], href = CDN.href, site }: Asked = {}): string[] =>
  missingSources({
    policies: [policy],
    uses,
    url: { href, kind: href.startsWith('/') ? 'path' : 'host' },
    site,
  }).map(({ write }) => write)

describe('what a content security policy lacks', () => {
  it.each<[string, ReferenceUse, string]>([
    ["img-src 'self'", 'image', "img-src 'self' https://cdn.example.com"],
    ["img-src 'self'", 'css-image', "img-src 'self' https://cdn.example.com"],
    ["img-src 'self'", 'icon', "img-src 'self' https://cdn.example.com"],
    ["font-src 'self' data:", 'font', "font-src 'self' data: https://cdn.example.com"],
    ["media-src 'self'", 'track', "media-src 'self' https://cdn.example.com"],
    ["object-src 'none'", 'embed', 'object-src https://cdn.example.com'],
    ["style-src 'self' 'unsafe-inline'", 'css-import', "style-src 'self' 'unsafe-inline' https://cdn.example.com"],
    ["script-src 'self'", 'module', "script-src 'self' https://cdn.example.com"],
    ["connect-src 'self'", 'import-url', "connect-src 'self' https://cdn.example.com"],
  ])('is the source in the directive that decides: %s, %s', (policy, use, write) => {
    expect(writes(policy, { uses: [use] })).toEqual([write])
  })

  it('is nothing where no directive decides, or where the page itself loads nothing', () => {
    expect(writes("font-src 'self'")).toEqual([])
    expect(writes('')).toEqual([])
    expect(writes("default-src 'none'", { uses: ['meta', 'structured-data', 'preload'] })).toEqual([])
    expect(writes("default-src 'none'", { uses: [] })).toEqual([])
  })

  it('is asked along the chain of fallbacks, the nearest first', () => {
    const uses: ReferenceUse[] = ['script', 'stylesheet']
    expect(writes("script-src-elem 'self'; script-src *; style-src 'self'; default-src *", { uses })).toEqual([
      "script-src-elem 'self' https://cdn.example.com",
      "style-src 'self' https://cdn.example.com",
    ])
    expect(writes("script-src-elem *; script-src 'none'; style-src-elem *; style-src 'none'", { uses })).toEqual([])
  })

  it('adds a narrow directive beside `default-src` and leaves that as it is', () => {
    expect(missingSources({ policies: ["default-src 'self'"], uses: ['image', 'script'], url: CDN })).toEqual([
      {
        directive: 'img-src',
        source: 'https://cdn.example.com',
        was: "default-src 'self'",
        write: "img-src 'self' https://cdn.example.com",
        needsNonce: false,
      },
      {
        directive: 'script-src',
        source: 'https://cdn.example.com',
        was: "default-src 'self'",
        write: "script-src 'self' https://cdn.example.com",
        needsNonce: false,
      },
    ])
  })

  it("drops 'none', which means nothing beside a source", () => {
    expect(writes("default-src 'NONE'")).toEqual(['img-src https://cdn.example.com'])
  })

  it('is asked of every policy: one that allows does not outvote one that forbids', () => {
    const policies = ['img-src *', "img-src 'self'", "default-src 'none'"]
    expect(missingSources({ policies, uses: ['image'], url: CDN }).map(({ write }) => write)).toEqual([
      "img-src 'self' https://cdn.example.com",
      'img-src https://cdn.example.com',
    ])
  })

  it('takes the first of a directive given twice, in any case and spacing', () => {
    expect(writes(" IMG-SRC\t'self' ;; img-src *")).toEqual(["img-src 'self' https://cdn.example.com"])
  })

  it('names the path where others share the host, with the separators of policies encoded', () => {
    const href = 'https://storage.example.com/our;bucket,1/'
    expect(writes("img-src 'self'", { href })).toEqual(["img-src 'self' https://storage.example.com/our%3Bbucket%2C1/"])
    expect(writes('img-src https://storage.example.com/our%3Bbucket%2C1/', { href })).toEqual([])
  })

  it("says of 'strict-dynamic' that hosts count for nothing beside it", () => {
    const policy = "script-src 'nonce-abc' 'strict-dynamic' https:; img-src *"
    expect(missingSources({ policies: [policy], uses: ['script', 'image'], url: CDN })).toMatchObject([
      { directive: 'script-src', write: "script-src 'nonce-abc' 'strict-dynamic' https:", needsNonce: true },
    ])
  })

  it('takes neither nonces nor hashes nor keywords for an address', () => {
    const policy = "script-src 'nonce-cdn.example.com' 'sha256-x' 'unsafe-inline' 'unsafe-eval'"
    expect(writes(policy, { uses: ['script'] })).toHaveLength(1)
  })
})

describe('a source', () => {
  it.each<[string, string]>([
    ['*', 'https://cdn.example.com/'],
    ['https:', 'https://cdn.example.com/'],
    ['http:', 'https://cdn.example.com/'],
    ['cdn.example.com', 'https://cdn.example.com/'],
    ['CDN.Example.COM', 'https://cdn.example.com/'],
    ['http://cdn.example.com', 'https://cdn.example.com/'],
    ['*.example.com', 'https://cdn.example.com/'],
    ['*.example.com', 'https://a.b.example.com/'],
    ['https://*:*', 'https://cdn.example.com:8443/'],
    ['https://cdn.example.com:443', 'https://cdn.example.com/'],
    ['https://cdn.example.com:*', 'https://cdn.example.com:8443/'],
    ['cdn.example.com:8443', 'https://cdn.example.com:8443/'],
    ['http://127.0.0.1:8102', 'http://127.0.0.1:8102/'],
    ['http://[::1]:8102', 'http://[::1]:8102/'],
    ['https://cdn.example.com/', 'https://cdn.example.com/x/'],
    ['https://cdn.example.com/x/', 'https://cdn.example.com/x/'],
    ['https://cdn.example.com/%78/', 'https://cdn.example.com/x/'],
    ['https://cdn.example.com/x/a/', 'https://cdn.example.com/x/'],
  ])('%s covers %s', (source, href) => {
    expect(writes(`img-src ${source}`, { href })).toEqual([])
  })

  it.each<[string, string]>([
    ['data:', 'https://cdn.example.com/'],
    ['https:', 'http://cdn.example.com/'],
    ['https://cdn.example.com', 'http://cdn.example.com/'],
    ['*.cdn.example.com', 'https://cdn.example.com/'],
    ['*.ample.com', 'https://cdn.example.com/'],
    ['example.com', 'https://cdn.example.com/'],
    ['https://cdn.example.com', 'https://cdn.example.com:8443/'],
    ['https://cdn.example.com:8443', 'https://cdn.example.com/'],
    ['https://cdn.example.com/x', 'https://cdn.example.com/x/'],
    ['https://cdn.example.com/x/logo.png', 'https://cdn.example.com/x/'],
    ['https://cdn.example.com/y/', 'https://cdn.example.com/x/'],
    ['https://cdn.example.com/x/y/z/w/', 'https://cdn.example.com/x/'],
    ["'self'", 'https://cdn.example.com/'],
    ['cdn.example.com', 'https://cdn.example.com.evil.test/'],
    ['cdn-example.com', 'https://cdn.example.com/'],
  ])('%s does not cover %s', (source, href) => {
    expect(writes(`img-src ${source}`, { href })).toHaveLength(1)
  })

  it("'self' covers the site's own host, over https also from an http page, and no other port", () => {
    const from = (site: string, href: string) => writes("img-src 'self'", { href, site })
    expect(from('https://www.example.com/', 'https://www.example.com/cdn/')).toEqual([])
    expect(from('http://www.example.com/', 'https://www.example.com/cdn/')).toEqual([])
    expect(from('https://www.example.com/', 'https://www.example.com:8443/')).toHaveLength(1)
    expect(from('https://www.example.com/', 'http://www.example.com/')).toHaveLength(1)
    expect(from('https://www.example.com/', 'https://cdn.example.com/')).toHaveLength(1)
  })

  it('a path of the site is covered by whatever covers the site there', () => {
    const site = 'https://www.example.com/'
    expect(writes("img-src 'self'", { href: '/_a/', site })).toEqual([])
    expect(writes('img-src https://www.example.com/img/', { href: '/_a/', site })).toEqual([
      'img-src https://www.example.com/img/ https://www.example.com/_a/',
    ])
    expect(writes("img-src 'self'", { href: '/_a/' })).toEqual([])
  })

  it('without a scheme it takes the one of the page', () => {
    expect(
      writes('img-src cdn.example.com', { href: 'http://cdn.example.com/', site: 'https://x.test/' }),
    ).toHaveLength(1)
    expect(writes('img-src cdn.example.com', { site: 'http://x.test/' })).toEqual([])
  })
})

import type { CacheBehavior, CustomErrorResponses } from '@aws-sdk/client-cloudfront'
import { describe, expect, it } from 'vitest'
import { type EdgeRequest, edgePolicy, parseRedirects } from '../../../src/index.ts'
import { cloudfront, fakeBucket, SITE, worker } from './edges.ts'

/** What a path comes to, where pages are in the store below `site/`. */
const ROUTES: readonly (readonly [path: string, outcome: string])[] = [
  ['/', 'ask /site/index.html'],
  ['/about/', 'ask /site/about/index.html'],
  ['/about', '301 /about/'],
  ['/about?a=1&b=2', '301 /about/?a=1&b=2'],
  ['/about?a=1&a=2&flag&x=%20%26', '301 /about/?a=1&a=2&flag&x=%20%26'],
  ['/index.html', '301 /'],
  ['/about/index.html/', 'ask /site/about/index.html/index.html'],
  ['/team/index.html?q=1', '301 /team/?q=1'],
  ['/myindex.html', 'ask /site/myindex.html'],
  ['/img/logo.png', 'ask /site/img/logo.png'],
  ['/a/app.3f2a.js?v=1', 'ask /site/a/app.3f2a.js'],
  ['/404.html', 'ask /site/404.html'],
  ['/v1.2', '301 /v1.2/'],
  ['/v1.2/guide', '301 /v1.2/guide/'],
  ['/v1.2/', 'ask /site/v1.2/index.html'],
  ['/archive.7z', 'ask /site/archive.7z'],
  ['/docs/next.js', '301 /docs/next.js/'],
  ['/docs/next.js/', 'ask /site/docs/next.js/index.html'],
  ['/CNAME', 'ask /site/CNAME'],
  ['/docs/LICENSE', 'ask /site/docs/LICENSE'],
  ['/LICENSE', '301 /LICENSE/'],
  ['/.well-known/apple-app-site-association', 'ask /site/.well-known/apple-app-site-association'],
  ['/caf%C3%A9/menu', '301 /caf%C3%A9/menu/'],
  ['/caf%C3%A9/menu/', 'ask /site/caf%C3%A9/menu/index.html'],
  ['/a%20b.png', 'ask /site/a%20b.png'],
  ['/100%', '301 /100%/'],
  ['/old', '301 /new/'],
  ['/old?utm=x', '301 /new/?utm=x'],
  ['/old/', 'ask /site/old/index.html'],
  ['/caf%C3%A9?q', '302 https://other.example.com/x?a=1'],
  ['/part?q=1', '308 /new/?q=1#part'],
  ['/about/index.html', '307 /team/'],
  ['/constructor', '301 /constructor/'],
  ['/__proto__', '301 /__proto__/'],
  ['//evil.example.com/x', '301 /evil.example.com/x/'],
  ['/\\evil', '301 /evil/'],
  ['/\\evil.example.com/x', '301 /evil.example.com/x/'],
  ['//evil.example.com/index.html', '301 /evil.example.com/'],
  ['/.lading/pointer.json', '404'],
  ['/.lading', '404'],
  ['/%2elading/pointer.json', '404'],
  ['/x/.lading/pointer.json', '404'],
  ['/.lading-notes/', 'ask /site/.lading-notes/index.html'],
]

describe('the function for CloudFront', () => {
  it.each(ROUTES)('%s: %s', async (path, outcome) => {
    expect(await cloudfront(SITE)(path)).toBe(outcome)
  })

  it('knows a file or folder with an unusual name as browsers ask for it, and as pages of ours do', async () => {
    const files = ['/wiki/C%2B%2B_%28language%29', '/100%25']
    const edge = cloudfront({ ...SITE, files, folders: ['/d%C3%A9mo%21/it%27s.new'] })
    expect(await edge('/wiki/C++_(language)')).toBe('ask /site/wiki/C%2B%2B_(language)')
    expect(await edge('/wiki/C%2B%2B_%28language%29')).toBe('ask /site/wiki/C%2B%2B_%28language%29')
    expect(await edge('/100%25')).toBe('ask /site/100%25')
    expect(await edge("/d%C3%A9mo!/it's.new")).toBe("301 /d%C3%A9mo!/it's.new/")
  })

  it('asks for a plus sign encoded, because S3 reads a bare one as a space', async () => {
    expect(await cloudfront(SITE)('/c++/a+b.html')).toBe('ask /site/c%2B%2B/a%2Bb.html')
    expect(await cloudfront(SITE)('/c++/')).toBe('ask /site/c%2B%2B/index.html')
    expect(await cloudfront(SITE)('/c++')).toBe('301 /c++/')
    expect(await cloudfront(SITE)('/a%2Bb.html')).toBe('ask /site/a%2Bb.html')
  })

  it('redirects a path however it is spelled, and two that are spelled otherwise each to its own', async () => {
    const lines = ['/b/%281%29 /one 301', '/it(s) /two 301', '/c%28 /three 301', '/c( /four 301', '/x%2Fb /five 301']
    const edge = cloudfront({ ...SITE, redirects: parseRedirects(lines.join('\n')).redirects })
    for (const path of ['/b/%281%29', '/b/(1)']) expect(await edge(path)).toBe('301 /one')
    for (const path of ['/it(s)', '/it%28s%29']) expect(await edge(path)).toBe('301 /two')
    expect(await edge('/c%28')).toBe('301 /three')
    expect(await edge('/c(')).toBe('301 /four')
    expect(await edge('/x%2Fb')).toBe('301 /five')
    for (const path of ['/x/b', '/x%252Fb']) expect(await edge(path)).toBe(`301 ${path}/`)
  })

  it('redirects from one spelling of a path to another, and never a path to itself', async () => {
    const lines = ['/%7Eann/ /~ann/ 301', '/b%20%281%29 /b%20(1) 301', '/cafe%CC%81/ /caf%C3%A9/ 301']
    const edge = cloudfront({ ...SITE, redirects: parseRedirects(lines.join('\n')).redirects })
    expect(await edge('/%7Eann/')).toBe('301 /~ann/')
    expect(await edge('/~ann/')).toBe('ask /site/~ann/index.html')
    expect(await edge('/caf%C3%A9/')).toBe('ask /site/caf%C3%A9/index.html')
    expect(await edge('/b%20(1)')).not.toBe('301 /b%20(1)')
  })

  it('adds nothing for a store without a prefix, and takes off the path of an address', async () => {
    expect(await cloudfront({ ...SITE, prefix: '' })('/about/')).toBe('ask /about/index.html')
    const below = cloudfront({ ...SITE, url: { href: 'https://www.example.com/shop/', kind: 'host' } })
    expect(await below('/shop/about/')).toBe('ask /site/about/index.html')
    expect(await below('/shop')).toBe('301 /shop/')
    expect(await below('/shop/about')).toBe('301 /shop/about/')
    expect(await below('/other/about')).toBe('ask /other/about')
  })

  it('knows nothing of pages where they are elsewhere, and hides the state', async () => {
    const assets = cloudfront({
      ...SITE,
      part: 'function',
      hasPages: false,
      url: { href: '/_a/', kind: 'path' },
      prefix: '_a/',
    })
    expect(await assets('/_a/a/x.png')).toBe('ask /_a/a/x.png')
    expect(await assets('/_a/a/x')).toBe('ask /_a/a/x')
    expect(await assets('/_a/.lading/pointer.json')).toBe('404')
  })

  it('asks for brotli where that lies beside a text and the browser takes it', async () => {
    const edge = cloudfront({ ...SITE, brotli: true })
    const takes = { 'accept-encoding': 'gzip, deflate, br, zstd' }
    expect(await edge('/a/site.x.css', takes)).toBe('ask /site/a/site.x.css.br')
    expect(await edge('/a/site.x.css', { 'accept-encoding': 'br;q=0.5' })).toBe('ask /site/a/site.x.css.br')
    expect(await edge('/a/site.x.css', { 'accept-encoding': 'gzip, br;q=0, *' })).toBe('ask /site/a/site.x.css')
    expect(await edge('/a/site.x.css', { 'accept-encoding': 'gzip' })).toBe('ask /site/a/site.x.css')
    expect(await edge('/a/site.x.css')).toBe('ask /site/a/site.x.css')
    expect(await edge('/a/logo.x.png', takes)).toBe('ask /site/a/logo.x.png')
    expect(await edge('/about/', takes)).toBe('ask /site/about/index.html')
    expect(edgePolicy({ ...SITE, brotli: true }).notes.join(' ')).toContain('use this only where every text file')
  })

  it('is written in words that its runtime knows, and fits into it', () => {
    const { text, commands } = edgePolicy({ ...SITE, brotli: true })
    expect(text).not.toMatch(/=>|\b(?:let|const|class|import|export|async)\b|\?\.|\?\?|`|\(\?<|URL\(/)
    expect(commands[0]).toContain('Runtime=cloudfront-js-2.0')
    const redirects = Array.from({ length: 300 }, (_, index) => ({
      from: `/old-${index}`,
      to: `/new-${index}/`,
      status: 301 as const,
    }))
    expect(() => edgePolicy({ ...SITE, redirects })).toThrow(/CloudFront takes 10240/)
  })
})

describe('the Worker for R2', () => {
  // a URL parser has made plain paths of `\` and `%2e` before the Worker sees them
  it.each(ROUTES.filter(([path]) => !/\\|%2e/.test(path)))('%s: %s', async (path, outcome) => {
    const bucket = fakeBucket({})
    const response = await (await worker(SITE, bucket))(path)
    if (outcome.startsWith('ask ')) {
      expect(new URL(bucket.asked[0] ?? '').pathname).toBe(outcome.slice(4))
      return
    }
    expect([response.status, response.headers.get('location')].filter(Boolean).join(' ')).toBe(outcome)
    expect(bucket.asked).toEqual([])
  })

  it('shows the page for what is missing, with its status', async () => {
    const bucket = fakeBucket({ '/site/404.html': 'nothing here', '/site/about/index.html': 'about' })
    const edge = await worker(SITE, bucket)
    const missing = await edge('/none.png')
    expect([missing.status, await missing.text()]).toEqual([404, 'nothing here'])
    const about = await edge('/about/?q=1')
    expect([about.status, await about.text()]).toEqual([200, 'about'])
    expect(bucket.asked.at(-1)).toBe('https://www.example.com/site/about/index.html?q=1')
  })

  it('hands on what the bucket says where the site has no such page', async () => {
    const missing = await (await worker(SITE, fakeBucket({})))('/none.png')
    expect([missing.status, await missing.text()]).toEqual([404, 'no such key'])
  })

  it('reads and never writes', async () => {
    const bucket = fakeBucket({})
    const edge = await worker(SITE, bucket)
    for (const method of ['PUT', 'POST', 'DELETE']) expect((await edge('/x.png', { method })).status).toBe(405)
    expect(bucket.asked).toEqual([])
  })

  it('asks the bucket’s own domain where the site only lends a path', async () => {
    const bucket = fakeBucket({ '/_a/a/x.png': 'pixels' })
    const edge = await worker({ ...SITE, hasPages: false, url: { href: '/_a/', kind: 'path' }, prefix: '_a/' }, bucket)
    expect(await (await edge('/_a/a/x.png')).text()).toBe('pixels')
    expect(bucket.asked).toEqual(['https://bucket-domain/_a/a/x.png'])
  })

  it('asks for brotli first, and for the file where there is none', async () => {
    const bucket = fakeBucket({ '/site/a/site.x.css.br': 'small', '/site/a/print.x.css': 'plain' })
    const edge = await worker({ ...SITE, brotli: true }, bucket)
    const init = { headers: { 'accept-encoding': 'gzip, br' } }
    expect(await (await edge('/a/site.x.css', init)).text()).toBe('small')
    expect(await (await edge('/a/print.x.css', init)).text()).toBe('plain')
  })
})

describe('the other documents of an edge', () => {
  const PATH: EdgeRequest = { ...SITE, hasPages: false, url: { href: '/_a/', kind: 'path' }, prefix: '_a/' }

  it('at CloudFront show 404.html for what a private bucket forbids or lacks', () => {
    const expected: CustomErrorResponses = {
      Quantity: 2,
      Items: [403, 404].map((ErrorCode) => ({
        ErrorCode,
        ResponsePagePath: '/site/404.html',
        ResponseCode: '404',
        ErrorCachingMinTTL: 10,
      })),
    }
    expect(JSON.parse(edgePolicy({ ...SITE, part: 'errors' }).text)).toEqual(expected)
  })

  it('at CloudFront route a path of the site to the bucket, for reading only', () => {
    const expected: CacheBehavior = {
      PathPattern: '/_a/*',
      TargetOriginId: 'lading-site-assets-assets',
      ViewerProtocolPolicy: 'redirect-to-https',
      AllowedMethods: { Quantity: 2, Items: ['GET', 'HEAD'], CachedMethods: { Quantity: 2, Items: ['GET', 'HEAD'] } },
      Compress: true,
      CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
      TrustedSigners: { Enabled: false, Quantity: 0 },
      TrustedKeyGroups: { Enabled: false, Quantity: 0 },
      LambdaFunctionAssociations: { Quantity: 0 },
      FunctionAssociations: { Quantity: 0 },
      FieldLevelEncryptionId: '',
      SmoothStreaming: false,
    }
    expect(JSON.parse(edgePolicy(PATH).text)).toEqual(expected)
  })

  it('are refused where CloudFront would ask for keys that are not there', () => {
    expect(() => edgePolicy({ ...PATH, prefix: 'assets/' })).toThrow('the path /_a/ and the prefix "assets/" differ')
  })

  it('for nginx send pages, files and redirects their way, and hide the state', () => {
    const { text } = edgePolicy({ ...SITE, provider: 'minio', endpoint: 'http://minio:9000' })
    expect(text).toContain('location = "/old" { return 301 "/new/$is_args$args"; }')
    expect(text).toContain('location = "/café" { return 302 "https://other.example.com/x?a=1"; }')
    expect(text).toContain('location = "/part" { return 308 "/new/$is_args$args#part"; }')
    expect(text).toContain('rewrite ^/(.*)$ "/site-assets/site/$1index.html" break;')
    expect(text).toContain('error_page 403 404 =404 /404.html;')
    expect(text).toContain('location ~ ^/(?:.*/)?\\.lading(?:/|$) { return 404; }')
    expect(text).toContain('if ($request_method !~ ^(GET|HEAD)$) { return 405; }')
    expect(text).not.toMatch(/(?:return|rewrite)[^;]*\$uri/)
    const path = edgePolicy({ ...PATH, provider: 'minio' }).text
    expect(path).toContain(
      'location /_a/ {\n  if ($request_method !~ ^(GET|HEAD)$) { return 405; }\n  rewrite ^/_a/(.*)$ "/site-assets/_a/$1" break;',
    )
    expect(path).not.toContain('index.html')
  })

  it('for nginx hold each path once, as nginx compares them, and none that leads to itself', () => {
    const lines = ['/%7Eann/ /~ann/ 301', '/%7Ebob /x 301', '/~bob /y 301', '/cafe%CC%81 /caf%C3%A9?a=1 301']
    const { redirects } = parseRedirects(lines.join('\n'))
    const { text } = edgePolicy({ ...SITE, redirects, provider: 'minio' })
    expect(text).not.toContain('"/~ann/"')
    expect(text).toContain('location = "/~bob" { return 301 "/x$is_args$args"; }')
    expect(text).not.toContain('"/y')
    expect(text).toContain('return 301 "/caf%C3%A9?a=1"')
  })

  it('are only those that the provider has', () => {
    expect(() => edgePolicy({ ...SITE, provider: 'r2', part: 'errors' })).toThrow('--part errors is for CloudFront')
    expect(() => edgePolicy({ ...SITE, provider: 'minio', brotli: true })).toThrow('--brotli is not made for nginx')
  })
})

describe('_redirects', () => {
  it('gives its plain lines, the first of a path, and says which it cannot give', () => {
    const text = [
      '# moved',
      '/old /new 301',
      '/old /newer 301',
      '/café  https://other.example.com/ü  308  # with a remark',
      '/soon /later',
      '/forced /x 302!',
      '/blog/* /news/:splat 301',
      '/u/:id /users/:id 301',
      '/app /index.html 200',
      '/gone /404.html 404',
      '/uk /gb 302 Country=gb',
      '/away //evil.example.com 301',
      '/script javascript:alert(1) 301',
    ].join('\r\n')
    expect(parseRedirects(text)).toEqual({
      redirects: [
        { from: '/old', to: '/new', status: 301 },
        { from: '/caf%C3%A9', to: 'https://other.example.com/%C3%BC', status: 308 },
        { from: '/soon', to: '/later', status: 302 },
        { from: '/forced', to: '/x', status: 302 },
      ],
      unsupported: [
        '/blog/* /news/:splat 301',
        '/u/:id /users/:id 301',
        '/app /index.html 200',
        '/gone /404.html 404',
        '/uk /gb 302 Country=gb',
        '/away //evil.example.com 301',
        '/script javascript:alert(1) 301',
      ],
    })
  })
})

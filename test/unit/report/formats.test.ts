import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { resolveReport, trafficReport, type WarningEvent } from '../../../src/index.ts'
import { folderWith } from '../config/folder.ts'
import { combined, lines, reportOn } from './logs.ts'

const tabs = (...cells: readonly (string | number)[]): string => `${cells.join('\t')}\n`

/** A standard log of CloudFront, with the fields that stand first in all of them. */
const CLOUDFRONT = `#Version: 1.0
#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id
${tabs('2026-10-01', '00:00:01', 'FRA50-P1', 15086, '192.0.2.1', 'GET', 'd1.cloudfront.net', '/favicon.ico', 200, '-', 'Mozilla/5.0%20x', 'v=1', '-', 'Hit', 'id1')}${tabs('2026-10-31', '23:59:59', 'FRA50-P1', 400, '192.0.2.1', 'GET', 'd1.cloudfront.net', '/favicon.ico', 304, '-', '-', '-', '-', 'Miss', 'id2')}`

const OWNER = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be'
const s3 = (operation: string, key: string, request: string, rest: string): string =>
  `${OWNER} site-assets [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 3E57427F3EXAMPLE ${operation} ${key} ${request} ${rest} "-" "S3Console/0.4 "quoted"" - id= SigV4 - - host TLSV1.2 - -\n`
const S3 = [
  s3('REST.GET.OBJECT', 'img/a%2520b.png', '"GET /img/a%20b.png HTTP/1.1"', '200 - 3462 3462 7 6'),
  s3('WEBSITE.GET.OBJECT', 'index.html', '"GET / HTTP/1.1"', '304 - - 900 7 6'),
  s3('REST.PUT.OBJECT', 'index.html', '"PUT /index.html HTTP/1.1"', '200 - - 900 7 6'),
  s3('REST.GET.BUCKET', '-', '"GET /?list-type=2 HTTP/1.1"', '200 - 500 - 7 6'),
  s3('S3.EXPIRE.OBJECT', 'old.png', '-', '- - - 900 - -'),
].join('')

const json = (fields: Readonly<Record<string, string | number>>): string =>
  `${JSON.stringify({ date: '2026-10-05', time: '10:00:00', 'cs(Host)': 'd1.cloudfront.net', ...fields })}\n`

const FIX = 'What was read of them is counted; unpack them, or fetch them again, then run the same command.'
const PAGE = { 'cs-uri-stem': '/', 'sc-status': '200', 'sc-bytes': '10' }

describe('the format of a log is told from its lines', () => {
  it('Apache’s and nginx’s common format, with and without a virtual host, a referrer and a user agent', async () => {
    const bare = '192.0.2.1 - - [10/Oct/2026:13:55:36 -0700] "GET /a.png HTTP/1.0" 200 2326\n'
    const spaced = '2001:db8::1 - jane doe [10/Oct/2026:13:55:36 +0000] "GET /a.png HTTP/2.0" 200 -\r\n'
    const { report, warnings } = await reportOn({ 'access.log': bare + spaced + combined({ path: '/b.png?x=1' }) })
    expect(lines(report)).toEqual(['/a.png 2 2326', '/b.png 1 100'])
    expect(report.period).toEqual({ first: '2026-10-10T13:55:36.000Z', last: '2026-10-10T20:55:36.000Z' })
    expect(warnings).toEqual([])
  })

  it('files of two virtual hosts stay two', async () => {
    const line = (host: string): string => `${host}:443 ${combined({ path: '/a.png' })}`
    const { report } = await reportOn({ 'access.log': line('a.example') + line('b.example') + line('b.example') })
    expect(lines(report)).toEqual(['b.example:443/a.png 2 200', 'a.example:443/a.png 1 100'])
  })

  it('nginx’s $host in front is a virtual host, too', async () => {
    const from = (address: string): string => combined({ path: '/a.png' }).replace(/^\S+/, address)
    const log = `a.example ${from('192.0.2.1')}b.example ${from('2001:db8::1')}b.example ${from('::ffff:192.0.2.1')}`
    const { report, warnings } = await reportOn({ 'access.log': log })
    expect(lines(report)).toEqual(['b.example/a.png 2 200', 'a.example/a.png 1 100'])
    expect(warnings).toEqual([])
  })

  it('an address in brackets in front is a virtual host, with a port and without', async () => {
    const line = combined({ path: '/a.png' })
    const log = `[2001:db8::1]:443 ${line}[::1] ${line}[::1] ${line}`
    const { report, warnings } = await reportOn({ 'access.log': log })
    expect(lines(report)).toEqual(['[::1]/a.png 2 200', '[2001:db8::1]:443/a.png 1 100'])
    expect(warnings).toEqual([])
  })

  it('the logs of Amazon’s Application Load Balancer', async () => {
    const line = (request: string, rest = '200 200 34 366'): string =>
      `https 2026-10-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.0.2.39:2817 10.0.0.1:80 0.086 0.048 0.037 ${rest} "${request}" "curl/7.46 \\x22x\\x22" ECDHE TLSv1.2 arn:aws:x "Root=1-58" "a.example" "arn" 1 2026-10-02T22:22:48Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1\n`
    const { report, warnings } = await reportOn({
      'alb.log':
        line('GET https://a.example:443/logo.png?v=1 HTTP/1.1') +
        line('GET https://A.example:443/logo.png HTTP/2.0', '304 304 34 66') +
        line('GET https://jane:canary@a.example:443/logo.png HTTP/1.1', '200 200 34 2') +
        line('GET http://b.example:8080/ HTTP/1.1', '460 - 0 0').replace(/^https/, 'h2') +
        line('- http://a.example:80- -', '400 - 0 272').replace(' 10.0.0.1:80 0.086 0.048 0.037', ' - -1 -1 -1'),
    })
    expect(lines(report)).toEqual(['a.example/logo.png 3 434', 'b.example:8080/ 1 0', '(no file) 1 272'])
    expect(report.period?.first).toBe('2026-10-02T22:23:00.186Z')
    expect(warnings).toEqual([])
  })

  it('Cloudflare’s Logpush of requests, however times are written and whatever other fields there are', async () => {
    const record = (fields: object): string =>
      `${JSON.stringify({ ClientIP: '192.0.2.1', ClientRequestHost: 'a.example', ...fields })}\n`
    const logo = { ClientRequestURI: '/logo.png?v=1', EdgeResponseStatus: 200, EdgeResponseBytes: 900 }
    const { report, warnings } = await reportOn({
      'push.log':
        record({ ...logo, EdgeStartTimestamp: '2026-10-01T00:00:00Z', CacheCacheStatus: 'hit' }) +
        record({ ...logo, EdgeStartTimestamp: 1_790_899_200, CacheCacheStatus: 'expired' }) +
        record({ ...logo, EdgeStartTimestamp: 1_790_985_600_000_000_000, CacheCacheStatus: 'revalidated' }) +
        record({ ClientRequestPath: '/é', EdgeResponseStatus: 404, EdgeResponseBytes: 5, CacheCacheStatus: 'dynamic' }),
    })
    expect(lines(report)).toEqual(['/logo.png 3 2700', '/é 1 5'])
    expect(report.period).toEqual({ first: '2026-10-01T00:00:00.000Z', last: '2026-10-03T00:00:00.000Z' })
    expect(warnings).toEqual([])
  })

  it('a request of Logpush whose time is none counts without one', async () => {
    const far = { EdgeStartTimestamp: '9'.repeat(26) }
    const log = `${JSON.stringify({ ClientRequestURI: '/a', EdgeResponseStatus: 200, EdgeResponseBytes: 5, ...far })}\n`
    const { report } = await reportOn({ 'push.log': log })
    expect(lines(report)).toEqual(['/a 1 5'])
    expect(report.period).toBeUndefined()
  })

  it('CloudFront’s standard logs, by the names of their fields', async () => {
    const swapped = `#Fields: sc-status cs-uri-stem sc-bytes\n${tabs(200, '/b.css', 7)}`
    const { report } = await reportOn({ 'E1.log': CLOUDFRONT + swapped })
    expect(lines(report)).toEqual(['d1.cloudfront.net/favicon.ico 2 15486', '/b.css 1 7'])
    expect(report.lines).toEqual({ requests: 3, notes: 3, unreadable: 0 })
    expect(report.period).toEqual({ first: '2026-10-01T00:00:01.000Z', last: '2026-10-31T23:59:59.000Z' })
  })

  it('CloudFront’s logs as JSON', async () => {
    const stem = { 'cs-uri-stem': '/café.png', 'sc-status': '200', 'sc-bytes': '10' }
    const number = { 'cs-uri-stem': '/caf%C3%A9.png', 'sc-status': 200, 'sc-bytes': 5 }
    const { report } = await reportOn({ 'E1.json': json(stem) + json(number) })
    expect(lines(report)).toEqual(['/café.png 2 15'])
  })

  it('S3’s server access logs: what visitors read by its key, the rest together, what the store does by itself not', async () => {
    const { report } = await reportOn({ 'log-1': S3 })
    expect(lines(report)).toEqual(['/img/a%2520b.png 1 3462', '/index.html 1 0', '(no file) 2 500'])
    expect(report.lines).toEqual({ requests: 4, notes: 1, unreadable: 0 })
  })

  it('each file has its own, compressed or not, whatever it is called', async () => {
    const packed = gzipSync(combined({ path: '/a.png' }))
    const { report, warnings } = await reportOn({
      'a.txt': Buffer.concat([packed, packed]), // as logs that were joined
      'b.gz': combined({ path: '/a.png' }),
      'c/E1.gz': gzipSync(CLOUDFRONT),
      '.hidden': 'x',
    })
    expect(warnings).toEqual([])
    expect(report.files).toBe(3)
    expect(lines(report)).toEqual(['d1.cloudfront.net/favicon.ico 2 15486', '/a.png 3 300'])
  })

  it('--format says what a log is that does not tell', async () => {
    const headless = CLOUDFRONT.replace(/^#.*\n/gm, '')
    await expect(reportOn({ 'E1.log': headless })).rejects.toMatchObject({ code: 'E_LOGS', exitCode: 6 })
    const { report } = await reportOn({ 'E1.log': headless }, { format: 'cloudfront' })
    expect(report.requests).toBe(2)
  })
})

describe('what cannot be read', () => {
  it('is counted and told by line, never by its content', async () => {
    const { report, warnings } = await reportOn({
      'access.log': `junk 198.51.100.9\n${combined({ times: 2 })}${combined({ path: `/${'x'.repeat(70_000)}` })}${combined({})}\nGET / 200\nmore\n`,
    })
    expect(report.lines).toEqual({ requests: 3, notes: 1, unreadable: 4 })
    expect(warnings).toEqual([
      {
        type: 'warning',
        code: 'W_LOG_LINES',
        message: '4 lines could not be read and are not counted',
        items: ['access.log: lines 1, 4, 7, ... (4)'],
        fix: 'Look at those lines; --format says what the files are where it was not told from them.',
      },
    ])
  })

  it('of a damaged archive, what came before counts, and the rest is told', async () => {
    const packed = gzipSync(combined({ path: '/a.png', times: 50_000 }), { level: 0 })
    const { report, warnings } = await reportOn({ 'a.gz': packed.subarray(0, packed.length / 2) })
    expect(report.requests).toBeGreaterThan(20_000)
    expect(report.requests).toBeLessThan(30_000)
    expect(report.lines.unreadable).toBe(0)
    expect(warnings).toMatchObject([
      { code: 'W_LOG_FILE', items: [`a.gz: the compressed data is damaged or cut off after line ${report.requests}`] },
    ])
  })

  it('zeros behind an archive, as tapes and block devices leave them, are nothing', async () => {
    const packed = gzipSync(combined({ path: '/a.png' }))
    const { report, warnings } = await reportOn({ 'a.gz': Buffer.concat([packed, packed, Buffer.alloc(512)]) })
    expect(lines(report)).toEqual(['/a.png 2 200'])
    expect(warnings).toEqual([])
  })

  it('a mark of UTF-8 at the beginning is no part of the first line', async () => {
    const { report } = await reportOn({ 'a.log': `\uFEFF${CLOUDFRONT}`, 'b.json': `\uFEFF${json(PAGE)}` })
    expect(report.lines).toEqual({ requests: 3, notes: 2, unreadable: 0 })
  })

  it.each([
    ['zstd', [0x28, 0xb5, 0x2f, 0xfd, 0, 10, 10], 'it is compressed by zstd: unpack it first, for only gzip is read'],
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 10], 'it is compressed by xz: unpack it first, for only gzip is read'],
    ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 10], 'it is compressed by bzip2: unpack it first'],
    ['zip', [0x50, 0x4b, 3, 4, 20, 0, 10], 'it is compressed by zip: unpack it first, for only gzip is read'],
    ['UTF-16', [...Buffer.from(`\uFEFF${combined({})}`, 'utf16le')], 'it is UTF-16: save it as UTF-8 first'],
  ])('what is packed as %s is told, and its bytes are no lines', async (_, bytes, why) => {
    const { report, warnings } = await reportOn({ 'a.log': combined({}), 'b.log': Buffer.from(bytes) })
    expect(report.lines).toEqual({ requests: 1, notes: 0, unreadable: 0 })
    expect(warnings).toMatchObject([
      { code: 'W_LOG_FILE', items: [expect.stringContaining(`b.log: ${why}`)], fix: FIX },
    ])
  })

  it('one file that is not there stops no other', async () => {
    const { report, warnings } = await reportOn({ 'a.log': combined({}) }, { files: ['a.log', 'nosuch.log'] })
    expect(report).toMatchObject({ ok: true, exit: 0, files: 1, requests: 1 })
    expect(warnings).toMatchObject([{ code: 'W_LOG_FILE', items: ['nosuch.log: there is no such file'] }])
  })

  it.each([
    [{}, { files: ['nosuch.log'] }, 'none of the logs could be read'],
    [{ 'a.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 10, 26, 10]) }, {}, 'none of the logs could be read'],
    [{ 'a.gz': Buffer.from([0x1f, 0x8b, 0, 0, 0]) }, {}, 'none of the logs could be read'],
    // headers as CloudFront's, and not one request
    [
      { 'iis.log': '#Version: 1.0\n#Fields: date time\n\n2026-10-01 00:00:01 GET /\n' },
      {},
      'none of the logs could be read',
    ],
    [{}, {}, 'there are no logs'],
  ])('nothing readable at all is a failure: %j', async (files, asked, message) => {
    await expect(reportOn(files, asked)).rejects.toMatchObject({ code: 'E_LOGS', message })
  })

  it('an empty log is a log without requests', async () => {
    const { report } = await reportOn({ 'access.log': '' })
    expect(report).toMatchObject({ files: 1, requests: 0, bytes: 0, rows: [], remarks: [] })
    expect(report.period).toBeUndefined()
  })
})

it('links to logs are read, links to folders are not, and what leads nowhere is told', async () => {
  const folder = folderWith({ 'logs/a.log': combined({}), 'real/b.log': combined({}), 'logs/in/c.log': combined({}) })
  symlinkSync('../real/b.log', join(folder, 'logs/b.log'))
  symlinkSync('..', join(folder, 'logs/round'))
  symlinkSync('nowhere', join(folder, 'logs/dangling'))
  const warnings: WarningEvent[] = []
  const options = resolveReport({ files: ['logs'] }, { cwd: folder })
  const report = await trafficReport(options, {
    emit: (event) => void (event.type === 'warning' && warnings.push(event)),
  })
  expect(report).toMatchObject({ files: 3, requests: 3 })
  expect(warnings).toMatchObject([{ code: 'W_LOG_FILE', items: [`${folder}/logs/dangling: there is no such file`] }])
})

it('a reader that is told to stop stops, for the reason that it is given', async () => {
  const cwd = folderWith({ 'a.log': combined({}), 'b.log.gz': gzipSync(combined({})) })
  for (const file of ['a.log', 'b.log.gz']) {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(trafficReport(resolveReport({ files: [file] }, { cwd }), { signal })).rejects.toThrow('enough')
  }
})

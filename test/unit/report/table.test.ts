import { describe, expect, it } from 'vitest'
import { combined, lines, reportOn } from './logs.ts'

const namesOf = async (...requests: readonly string[]): Promise<string[]> => {
  const { report } = await reportOn({ 'a.log': combined(...requests.map((request) => ({ request }))) })
  return report.rows.map(({ what, requests: count }) => `${what} ${count}`).sort()
}

describe('the name of a file', () => {
  it('has no query', async () => {
    expect(await namesOf('GET /a?b=/c HTTP/1.1', 'GET /a#x HTTP/1.1', 'HEAD /a HTTP/2.0')).toEqual(['/a 3'])
  })

  it('is one for what means the same, encoded or not', async () => {
    const snowman = 'GET /%e2%98%83.png HTTP/1.1'
    expect(await namesOf(snowman, 'GET /\\xE2\\x98\\x83.png HTTP/1.1', 'GET /☃.png HTTP/1.1')).toEqual(['/☃.png 3'])
    expect(await namesOf('GET /%7Ea%2Db HTTP/1.1', 'GET /~a-b HTTP/1.1')).toEqual(['/~a-b 2'])
    expect(await namesOf('GET http://www.example.com/a HTTP/1.1', 'GET /a HTTP/1.1')).toEqual(['/a 2'])
  })

  it.each([
    ['/a%2Fb', '/a/b'],
    ['/a%3Fb', '/a%253Fb'],
    ['/a/', '/a'],
    ['/A', '/a'],
    ['/a%00', '/a'],
    ['/\\xE9.png', '/\\xC3\\xA9.png'],
    ['/a%FF', '/a%FE'],
    ['/e%CC%81', '/%C3%A9'], // the same to the eye; two files on most disks
    ['//a', '/a'],
  ])('%s is not %s', async (one, other) => {
    expect(await namesOf(`GET ${one} HTTP/1.1`, `GET ${other} HTTP/1.1`)).toHaveLength(2)
  })

  it('has nothing in it that steers a terminal', async () => {
    expect(await namesOf('GET /\\x1b[31m%1b]0;x%07%E2%80%AE%C2%9B HTTP/1.1')).toEqual([
      '/%1B%5B31m%1B%5D0;x%07%E2%80%AE%C2%9B 1',
    ])
  })

  it.each(['\\x16\\x03\\x01', '-', '', 'OPTIONS * HTTP/1.1', 'CONNECT a:443 HTTP/1.1'])(
    '%j asks for no file',
    async (request) => {
      expect(await namesOf(request)).toEqual(['(no file) 1'])
    },
  )
})

describe('the rows', () => {
  it('have most bytes first, then what is no single file, and add up to all', async () => {
    const log = combined(
      { path: '/a.png', bytes: 500 },
      { path: '/b.png', bytes: 900 },
      { path: '/c.png', bytes: 100, times: 3 },
      { path: '/favicon.ico', status: 404, bytes: 50 },
      { path: '/apple-touch-icon-120x120-precomposed.png', status: 403, bytes: 70 },
      { path: '/favicon.ico', status: 200, bytes: 10 },
      { request: '-', status: 400, bytes: 1 },
    )
    const { report } = await reportOn({ 'a.log': log }, { top: 2 })
    expect(lines(report)).toEqual([
      '/b.png 1 900',
      '/a.png 1 500',
      '(missing icons) 2 120',
      '(no file) 1 1',
      '(others) 4 310',
    ])
    expect(report.rows.at(-1)).toMatchObject({ kind: 'others', files: 2 })
    expect(report.rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(report.bytes)
    expect(report.rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect(report.kinds).toEqual([
      { kind: 'image', requests: 5, bytes: 1700 },
      { kind: 'icon', requests: 3, bytes: 130 },
    ])
    expect(report.statuses).toEqual([
      { status: '2xx', requests: 6, bytes: 1710 },
      { status: '4xx', requests: 3, bytes: 121 },
    ])
  })

  it('more files than are kept: the heavy ones stay exact, the rest is added up and told', async () => {
    const few = Array.from({ length: 5 }, (_, at) => ({ path: `/heavy-${at}.png`, bytes: 1000 * (at + 1), times: 20 }))
    const many = Array.from({ length: 3000 }, (_, at) => ({ path: `/light-${at}?${at}`, bytes: 3 }))
    const mixed = Array.from({ length: 20 }, (_, at) => [
      ...few.map((hit) => ({ ...hit, times: 1 })),
      ...many.slice(150 * at, 150 * at + 150),
    ]).flat()
    const { report, warnings } = await reportOn({ 'a.log': combined(...mixed) }, { top: 5 }, { maxFiles: 50 })
    expect(lines(report).slice(0, 5)).toEqual(few.map(({ path, bytes }) => `${path} 20 ${20 * bytes}`).reverse())
    expect(lines(report).slice(5)).toEqual(['(others) 3000 9000'])
    expect(report).toMatchObject({ requests: 3100, bytes: 309_000 })
    const [{ code, message } = { code: '', message: '' }] = warnings
    expect(code).toBe('W_LOG_NAMES')
    expect(message).toMatch(/^there are too many different files: .* no row lacks more than \d+ B$/)
  })

  it('a name without end is no row', async () => {
    const { report, warnings } = await reportOn({
      'a.log': combined({ path: `/data:image/png;base64,${'A'.repeat(5000)}`, times: 2 }, { path: '/a.png' }),
    })
    expect(lines(report)).toEqual(['/a.png 1 100', '(others) 2 200'])
    expect(warnings.map(({ code }) => code)).toEqual(['W_LOG_NAMES'])
  })
})

describe('what stands out', () => {
  const kinds = async (log: string): Promise<string[]> => {
    const { report } = await reportOn({ 'a.log': log })
    return report.remarks.map(({ kind, what, message }) => `${kind}: ${what === undefined ? '' : `${what} `}${message}`)
  }

  it('an icon that is a good part of all bytes', async () => {
    const log = combined({ path: '/favicon.ico', bytes: 15_086, times: 10 }, { path: '/', bytes: 9000, times: 10 })
    expect(await kinds(log)).toEqual(['icon: /favicon.ico is 62.6 % of all bytes: 15.1 kB, sent 10 times'])
  })

  it('a few files that are half of all bytes', async () => {
    const small = Array.from({ length: 20 }, (_, at) => ({ path: `/${at}.css`, bytes: 50 }))
    expect(await kinds(combined({ path: '/hero.png', bytes: 1100 }, ...small))).toEqual([
      'few: 1 file of 21 is 52.4 % of all bytes',
    ])
  })

  it('what is asked about again and again, but not pages', async () => {
    const asked = (path: string) => [
      { path, status: 200 },
      { path, status: 304, bytes: 0, times: 150 },
    ]
    expect(await kinds(combined(...asked('/app.js'), ...asked('/about/'), ...asked('/x.html')))).toEqual([
      'revalidated: /app.js was only asked about and not sent (304) for 99.3 % of 151 requests',
    ])
  })

  it('what the cache in front does not keep', async () => {
    const line = (result: string): string =>
      `2026-10-01\t00:00:01\tF\t10\t-\tGET\td1\t/a.js\t200\t-\t-\t-\t-\t${result}\n`
    const fields =
      '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status a b c d x-edge-result-type\n'
    const log = (hits: number, misses: number): string =>
      fields + line('RefreshHit').repeat(hits) + line('Miss').repeat(misses)
    expect(await kinds(log(50, 150))).toEqual(['uncached: /a.js was not in the cache for 75.0 % of 200 requests'])
    expect(await kinds(log(160, 150))).toEqual([])
  })

  it('icons that are not there, other files that are not there, and errors', async () => {
    const log = combined(
      { path: '/', times: 70 },
      { path: '/favicon.ico', status: 404, times: 10 },
      { path: '/x.php', status: 404, times: 10 },
      { path: '/y', status: 502, times: 10 },
    )
    expect(await kinds(log)).toEqual([
      'missing-icon: Icons that are not there were asked for 10 times (10.0 % of all requests, 1.0 kB)',
      'not-found: 10 answers (10.0 %) are 4xx',
      'errors: 10 answers (10.0 %) are 5xx',
    ])
  })

  it('nothing, where nothing does', async () => {
    expect(await kinds(combined({ path: '/', times: 100 }, { path: '/logo.svg', times: 100 }))).toEqual([])
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CliIo } from '../../../src/cli/io.ts'
import { runCli } from '../../../src/cli/run.ts'
import { folderWith } from '../config/folder.ts'
import { combined, VISITOR } from '../report/logs.ts'
import { createScreen } from './screen.ts'

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly folder: string
}

const UTF8 = { LANG: 'C.UTF-8' }

async function report(
  argv: readonly string[],
  files: Readonly<Record<string, string>> = { 'access.log': LOG },
  env: CliIo['env'] = UTF8,
): Promise<Result> {
  const [stdout, stderr] = [createScreen(), createScreen()]
  const folder = folderWith(files)
  const code = await runCli(['report', ...argv], { stdout, stderr, env, cwd: folder })
  const plain = (text: string): string => text.replaceAll(`${folder}/`, '')
  return { code, out: plain(stdout.text), err: plain(stderr.text), folder }
}

const LOG = combined(
  { path: '/favicon.ico', bytes: 15_086, times: 4000 },
  { path: '/img/hero.png', bytes: 131_700, times: 900 },
  { path: '/', bytes: 9800, times: 1200, time: '31/Oct/2026:23:59:59 +0100' },
  { path: '/apple-touch-icon-precomposed.png', status: 404, bytes: 1260, times: 300 },
  { path: `/blog/${'a-very-long-title-'.repeat(6)}end/index.html`, times: 3 },
  { request: 'GET /%E7%94%BB%E5%83%8F/%E7%94%BB%E5%83%8F%E7%94%BB%E5%83%8F.png HTTP/1.1', times: 2 },
  { path: '/\\x1b[31mred', times: 1 },
)

describe('lading report', () => {
  it('prints the table on stdout, within 80 columns', async () => {
    const { code, out, err } = await report(['access.log'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toBe(`2026-10-10 13:55 to 2026-10-31 22:59 UTC
6406 requests, 191.0 MB  (1 log, 6406 lines)
2xx 95.3 %  4xx 4.7 %

requests     bytes   share  CloudFront  what
     900  118.5 MB  62.1 %       $0.01  /img/hero.png
    4000   60.3 MB  31.6 %       $0.01  /favicon.ico
    1200   11.8 MB   6.2 %      <$0.01  /
       3     300 B  <0.1 %      <$0.01  /blog/a-very-long-ti…itle-end/index.html
       2     200 B  <0.1 %      <$0.01  /画像/画像画像.png
       1     100 B  <0.1 %      <$0.01  /%1B%5B31mred
     300  378.0 kB   0.2 %      <$0.01  (missing icons)

pay as you go, list prices
  CloudFront     $0.02, $0.00 after each month's free allowance
                 visitors in North America, HTTPS; 2026-06,
                 https://aws.amazon.com/cloudfront/pricing/
  S3 alone       $0.02, <$0.01 after each month's free allowance
                 us-east-1, to the internet; 2026-06,
                 https://aws.amazon.com/s3/pricing/
  Cloudflare R2  <$0.01, $0.00 after each month's free allowance
                 Standard storage; 2026-08,
                 https://developers.cloudflare.com/r2/pricing/

  ! /favicon.ico is 31.6 % of all bytes: 15.1 kB, sent 4000 times.
    An icon of 1 to 2 kB that browsers keep for days is all that they need.
  ! 1 file of 6 is 62.1 % of all bytes.
    Begin with these: smaller, elsewhere, or kept by browsers for longer.
  ! Icons that are not there were asked for 300 times (4.7 % of all requests,
    378.0 kB).
    Put a small favicon.ico and apple-touch-icon.png at the root of the site.
`)
  })

  it('keeps to 80 columns, whatever is in the logs, also where no Unicode can be shown', async () => {
    const wide = { path: `/${'%E7%94%BB'.repeat(90)}.ico`, bytes: 1e14, times: 200 }
    const log = LOG + combined(wide, { ...wide, status: 304 }, { path: `/${'x'.repeat(900)}` }) + 'junk\n'.repeat(9)
    for (const env of [UTF8, {}]) {
      const { out } = await report(['access.log', '--tariff', 's3'], { 'access.log': log }, env)
      // signs of East Asia take two columns
      const widths = out.split('\n').map((line) => line.replace(/\u753b/g, 'xx').length)
      expect(Math.max(...widths)).toBeLessThanOrEqual(80)
      expect(out).toContain('S3 alone  what')
    }
  })

  it('shows so many rows as it is told', async () => {
    const { out } = await report(['access.log', '--top', '1'])
    expect(out).toContain('/img/hero.png\n')
    expect(out).toContain('    5206   72.1 MB  37.7 %       $0.01  (others) 5 files\n')
    expect(out).not.toContain('       /favicon.ico\n')
  })

  it('says beside it what could not be read, and with -q nothing beside it', async () => {
    const files = { 'a.log': `junk\n${LOG}`, 'b.log': LOG }
    const loud = await report(['a.log', 'b.log', 'c.log'], files)
    expect(loud.code).toBe(0)
    expect(loud.err).toBe(`2 warnings
  ! W_LOG_FILE  1 log could not be read, or not to the end
      c.log: there is no such file
      fix  What was read of them is counted; unpack them, or fetch them again, then run the same command.
  ! W_LOG_LINES  1 line could not be read and is not counted
      a.log: line 1
      fix  Look at those lines; --format says what the files are where it was not told from them.
`)
    expect(await report(['a.log', 'b.log', 'c.log', '-q'], files)).toMatchObject({ code: 0, out: loud.out, err: '' })
  })

  it('counts them beside the others, also with -q', async () => {
    const { out } = await report(['access.log', '-q'], { 'access.log': `junk\n${combined({})}` })
    expect(out.split('\n')[1]).toBe('1 request, 100 B  (1 log, 2 lines, 1 of them unreadable)')
  })

  it('says so where there are no requests', async () => {
    expect(await report(['access.log'], { 'access.log': '' })).toMatchObject({
      code: 0,
      out: '0 requests, 0 B  (1 log, 0 lines)\n',
      err: '',
    })
  })

  it('fails where nothing can be read, and says why of each file', async () => {
    const { code, out, err } = await report(['a.txt', 'b.log'], { 'a.txt': `${VISITOR.address}\n` })
    expect({ code, out }).toEqual({ code: 6, out: '' })
    expect(err).toContain('E_LOGS  none of the logs could be read')
    expect(err).toContain('a.txt: no line is of a format that is read (1 line)')
    expect(err).toContain('b.log: there is no such file')
    expect(err).not.toContain(VISITOR.address)
  })

  it('draws on a terminal how far it is, and takes that away again', async () => {
    const [stdout, stderr] = [createScreen(), createScreen({ isTTY: true, columns: 80 })]
    const cwd = folderWith({ 'a.log': LOG, 'b.log': LOG })
    expect(await runCli(['report', 'a.log', 'b.log'], { stdout, stderr, env: UTF8, cwd })).toBe(0)
    expect(stderr.text.replace(/\d\.\d MB/g, 'N MB')).toBe('\rread 2 of 2 logs, N MB of N MB\x1b[K\r\x1b[K')
  })

  it('writes a page beside it', async () => {
    const { code, err, out, folder } = await report(['access.log', '--html', 'report.html'])
    expect({ code, err }).toEqual({ code: 0, err: 'wrote report.html\n' })
    expect(out).toContain('/favicon.ico')
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('/favicon.ico')
  })

  it('answers with records, the rows first and the summary last', async () => {
    const { code, out, err } = await report(['access.log', '--json', '--top', '1'], { 'access.log': `junk\n${LOG}` })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const records = out
      .trimEnd()
      .split('\n')
      .map((line): { type: string } => JSON.parse(line))
    expect(records.map(({ type }) => type)).toEqual([
      ...['progress', 'warning', 'traffic', 'traffic', 'traffic', 'remark', 'remark', 'remark'],
      ...['cost', 'cost', 'cost', 'summary'],
    ])
    expect(records.find(({ type }) => type === 'traffic')).toMatchObject({
      what: '/img/hero.png',
      kind: 'file',
      requests: 900,
      bytes: 118_530_000,
    })
    expect(records.at(-1)).toMatchObject({ ok: true, exit: 0, requests: 6406, lines: { unreadable: 1 } })
  })

  it('with the folder of the site says which files it has, and what would move to a store', async () => {
    const log = combined(
      { path: '/', bytes: 900, times: 100 },
      { path: '/index.html', bytes: 900, times: 20 },
      { path: '/favicon.ico', bytes: 15_000, times: 200 },
      { path: '/img/hero.png', bytes: 5000, times: 10 },
      { path: '/fonts/a.woff2', bytes: 700, times: 10 },
      { path: '/wp-login.php', status: 404, bytes: 100, times: 60 },
    )
    const site = {
      'dist/index.html': '<link rel=icon href=favicon.ico><img src=img/hero.png>',
      'dist/favicon.ico': 'x'.repeat(1900),
      'dist/img/hero.png': 'x'.repeat(5000),
      'dist/fonts/a.woff2': 'x'.repeat(700),
      'dist/unasked.png': 'x',
    }
    const { code, out, err } = await report(['access.log', '--site', 'dist'], { ...site, 'access.log': log })
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n\n').slice(1, 3).join('\n\n')).toBe(`requests    bytes   share  CloudFront  in folder  what
     200   3.0 MB  94.6 %      <$0.01   1.9 kB *  /favicon.ico
     100  90.0 kB   2.8 %      <$0.01     54 B    /
      10  50.0 kB   1.6 %      <$0.01   5.0 kB *  /img/hero.png
      20  18.0 kB   0.6 %      <$0.01     54 B    /index.html
      10   7.0 kB   0.2 %      <$0.01    700 B    /fonts/a.woff2
      60   6.0 kB   0.2 %      <$0.01       no    /wp-login.php

  4 of the folder's 5 files were asked for: 85.0 % of the requests, 99.8 % of
  the bytes
  * of these, lading sync would move 2 to a store: 52.5 % of the requests, 96.2
  % of the bytes, which are, at list prices, CloudFront <$0.01, S3 alone <$0.01,
  Cloudflare R2 <$0.01
  2 files are smaller in the folder than they were sent: 2.7 MB would have been
  saved`)
    const { out: json } = await report(['access.log', '--site', 'dist', '--json'], { ...site, 'access.log': log })
    const records = json
      .trimEnd()
      .split('\n')
      .map((line): { type: string; what?: string; file?: unknown } => JSON.parse(line))
    expect(records.find(({ what }) => what === '/favicon.ico')?.file).toEqual({
      ...{ path: 'favicon.ico', bytes: 1900, moves: true },
    })
    expect(records.at(-1)).toMatchObject({
      site: {
        files: 5,
        found: { files: 4, requests: 340, bytes: 3_165_000 },
        moves: { files: 2, requests: 210, bytes: 3_050_000 },
        smaller: { files: 2, bytes: 200 * 13_100 + 120 * 846 },
      },
    })
  })

  it('speaks of one file as of one', async () => {
    const log = combined({ path: '/a.png', bytes: 5000, times: 10 })
    const { out } = await report(['access.log', '--site', 'dist'], { 'access.log': log, 'dist/a.png': 'smaller' })
    expect(out.replace(/\s+/g, ' ')).toContain("1 of the folder's 1 file was asked for: 100.0 % of the requests")
    expect(out.replace(/\s+/g, ' ')).toContain('1 file is smaller in the folder than it was sent: 49.9 kB would')
  })

  it('leaves out what the configuration of the site keeps', async () => {
    const files = {
      'access.log': combined({ path: '/a.png', times: 3 }, { path: '/b.png', times: 4 }),
      'dist/index.html': '<img src=a.png><img src=b.png>',
      ...{ 'dist/a.png': 'a', 'dist/b.png': 'b' },
      'lading.config.json': '{ "keep": ["a.png"], "host": true, "url": "https://cdn.example.com/" }',
    }
    const { out } = await report(['access.log', '--site', 'dist', '--json'], files)
    expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      site: { moves: { files: 1, requests: 4 } },
    })
  })

  it.each([
    [['access.log', '--config', 'x.json'], '--config does nothing', 'Add --site'],
    [
      ['access.log', '--format', 'iis'],
      'there is no such format',
      'Write common, cloudfront, cloudfront-json, s3, alb, logpush;',
    ],
    [['access.log', '--top', '0'], '--top is no number of rows', 'Write a whole number'],
    [['access.log', '--top', 'many'], '--top is no number of rows', 'Write a whole number'],
    [['access.log', '--tariff', 'x'], 'there is no such tariff', 'Write --tariff cloudfront'],
    [['access.log', '--html', 'access.log'], 'the page would replace', 'Write --html report.html'],
    [[], "missing required argument 'file'", 'lading report [options] <file...>'],
  ])('refuses %j', async (argv, what, fix) => {
    const { code, out, err } = await report(argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`E_USAGE  ${what}`)
    expect(err).toContain(fix)
  })
})

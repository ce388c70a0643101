import { describe, expect, it } from 'vitest'
import { runCli } from '../../../src/cli/run.ts'
import { folderWith } from '../config/folder.ts'
import { combined } from '../report/logs.ts'
import { createScreen } from './screen.ts'

const SITE = {
  'site/index.html': '<link rel=icon href=favicon.ico><img src=logo.png loading=lazy>',
  'site/favicon.ico': 'x'.repeat(15_086),
  'site/logo.png': 'x'.repeat(2_000_000),
}

async function estimate(argv: readonly string[], files: Readonly<Record<string, string>> = SITE) {
  const [stdout, stderr] = [createScreen(), createScreen()]
  const cwd = folderWith(files)
  const env = { LANG: 'C.UTF-8', XDG_CACHE_HOME: `${cwd}/.cache` }
  const code = await runCli(['estimate', ...argv], { stdout, stderr, env, cwd })
  return { code, out: stdout.text, err: stderr.text.replaceAll(`${cwd}/`, '') }
}

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

describe('lading estimate', () => {
  it('prints what a view weighs, what a month asks for and costs, and what is assumed, within 80 columns', async () => {
    const { code, out, err } = await estimate(['site', '--views', '2000000'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(widest(out)).toBeLessThanOrEqual(80)
    expect(out).toBe(`3 files, 2.0 MB, 1 page  (mirror)
the store gets 3 objects, 2.0 MB: 0.2 s at 100 Mbit/s, 64 at once

index.html loads 15.1 kB to 2.0 MB in 2 to 3 files:
    2.0 MB  logo.png  (not by every browser)
   15.1 kB  favicon.ico
      63 B  index.html

a month of 2.00 M visits, 2.00 M views of pages:
  4.00 M to 6.00 M requests, 24.3 GB to 3.2 TB
  icon: favicon.ico, 15.1 kB: 2.00 M requests, 24.2 GB; at list prices
  CloudFront $3.92, S3 alone $2.83, Cloudflare R2 $0.72

dollars          storage  uploads  requests  transfer  paths  a month    first
CloudFront        <$0.01   <$0.01     $0.81   $169.21  $0.00  $170.02  $170.02
  nothing free    <$0.01   <$0.01     $6.81   $256.25  $0.02  $263.08  $263.08
S3 alone          <$0.01   <$0.01     $2.40   $262.32      -  $264.72  $264.72
  nothing free    <$0.01   <$0.01     $2.40   $271.32      -  $273.72  $273.72
Cloudflare R2      $0.00    $0.00     $0.00     $0.00      -    $0.00    $0.00
  nothing free    <$0.01   <$0.01     $2.16     $0.00      -    $2.16    $2.16

list prices
  CloudFront: visitors in North America, HTTPS; 2026-06,
  https://aws.amazon.com/cloudfront/pricing/, https://aws.amazon.com/s3/pricing/
  S3 alone: us-east-1, to the internet; 2026-06,
  https://aws.amazon.com/s3/pricing/
  Cloudflare R2: Standard storage; 2026-08,
  https://developers.cloudflare.com/r2/pricing/

assumed
  - Each page is viewed as often as every other.
  - 30.0 % of the visits are by browsers that were there a month ago and have
    kept what Cache-Control lets them keep; 34.4 % of the files have changed
    since.
  - Where browsers choose (srcset, lazy images, media, fonts, backgrounds,
    icons), the table counts the largest and all of them. With the smallest, and
    without what may not be loaded: CloudFront $0.80, S3 alone $1.60, Cloudflare
    R2 $0.00.
  - 4 deploys a month, each changing 10.0 % of the files; former contents stay
    for 14 days and 5 releases, if lading prune is run.
  - One cache of a CDN asks the store when Cache-Control says so: each time for
    what has max-age=0, as pages have. Caches in several places ask more often.
  - Free allowances are used by nothing else. Headers, what scripts load by
    themselves, robots, taxes, discounts and plans at a flat rate are left out.
`)
  })

  it('keeps to 80 columns, whatever the numbers and names are', async () => {
    const tiers = [{ dollars: 100 }]
    const perMillion = { free: 0, dollarsPerMillion: 10_000 }
    const source = `https://example.com/`
    const own = {
      ...{ id: 'own', name: 'A contract of a very long name indeed', where: 'Europe', source, date: '2026-11' },
      ...{ gigabyte: 1e9, transfer: { freeGigabytes: 0, tiers }, requests: perMillion },
      store: { source, storage: { freeGigabytes: 0, tiers }, writes: perMillion },
      invalidations: { free: 0, dollars: 1e5 },
    }
    const folder = `site/${'long/'.repeat(30)}`
    const name = `${'long-'.repeat(40)}.png`
    const { code, out } = await estimate(['site', '--views', '900000000000', '--prices', 'p.json'], {
      ...SITE,
      'site/index.html': `<img src="${folder.slice(5)}${name}">`,
      [`${folder}index.html`]: `<img src="${name}">`,
      [`${folder}${name}`]: 'x'.repeat(3_000_000),
      'p.json': JSON.stringify({ tariffs: [own] }),
    })
    expect(code).toBe(0)
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(out).toMatch(/^A contr… indeed +\$\d/m)
  })

  it('counts one as one, and beyond what has a letter of its own', async () => {
    const one = await estimate(['site', '--views', '1'])
    expect(one.out).toContain('a month of 1 visit, 1 view of pages:')
    expect(one.out).toContain('favicon.ico, 15.1 kB: 1 request, ')
    const most = await estimate(['site', '--views', '1000000000000'])
    expect(most.out).toContain('a month of 1.00 T visits, 1.00 T views of pages:\n  2.00 T to 3.00 T requests, ')
  })

  it('reads logs instead', async () => {
    const log = combined({ path: '/favicon.ico', times: 50, bytes: 15_086 }, { path: '/x', status: 404, times: 50 })
    const { code, out } = await estimate(['site', '--traffic', 'access.log'], { ...SITE, 'access.log': log })
    expect(code).toBe(0)
    expect(widest(out)).toBeLessThanOrEqual(80)
    expect(out).toContain('a month of 30 days as in the logs:\n  1500 requests, 22.6 MB\n')
    expect(out).toContain('The logs cover 1 day; a month is 30 times that.')
    expect(out).toContain('50.0 % of their requests')
  })

  it('draws on a terminal how far it has read the logs, and takes that away again', async () => {
    const [stdout, stderr] = [createScreen(), createScreen({ isTTY: true, columns: 80 })]
    const cwd = folderWith({ ...SITE, 'access.log': combined({ path: '/favicon.ico' }) })
    const env = { LANG: 'C.UTF-8', TERM: 'xterm', XDG_CACHE_HOME: `${cwd}/.cache` }
    expect(await runCli(['estimate', 'site', '--traffic', 'access.log'], { stdout, stderr, env, cwd })).toBe(0)
    expect(stderr.text.replace(/\d+ B/g, 'N B')).toBe('\rread 1 of 1 log, N B of N B\x1b[K\r\x1b[K')
  })

  it('says that it knows nothing of visitors where there is no page', async () => {
    const { code, out } = await estimate(['site'], { 'site/logo.png': 'x' })
    expect(code).toBe(0)
    expect(out).toContain('0 pages  (mirror)')
    expect(out).toContain('There is no page: what visitors load is not known. --traffic LOGS reads it')
    expect(widest(out)).toBeLessThanOrEqual(80)
  })

  it('says what it does not know', async () => {
    const own = {
      id: 'own',
      name: 'Own',
      where: 'here',
      source: 'https://example.com/',
      date: '2026-11',
      gigabyte: 1e9,
    }
    const prices = {
      ...own,
      transfer: { freeGigabytes: 0, tiers: [{ dollars: 1 }] },
      requests: { free: 0, dollarsPerMillion: 0 },
    }
    const { out } = await estimate(['site', '--prices', 'p.json'], {
      ...SITE,
      'p.json': JSON.stringify({ tariffs: [prices] }),
    })
    expect(out).toMatch(/^Own +- +- /m)
    expect(out).toContain('storage and uploads: not known')
  })

  it('writes records with --json: the site, each bill, the end', async () => {
    const { code, out, err } = await estimate(['site', '--json', '--provider', 'r2', '--provider', 's3'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const records = out
      .trimEnd()
      .split('\n')
      .map((line): { type: string; tariff?: { id: string } } => JSON.parse(line))
    expect(records.map(({ type, tariff }) => tariff?.id ?? type)).toEqual(['site-estimate', 's3', 'r2', 'summary'])
    expect(records[0]).toMatchObject({
      mode: 'mirror',
      pages: 1,
      assumed: { visits: { views: 10_000, visits: 10_000 } },
    })
  })

  it('takes no address of a page’s place for an answer: nothing is written', async () => {
    const { code, out } = await estimate(['site', '--url', 'https://cdn.example.com/'])
    expect(code).toBe(0)
    expect(out).toContain('1 page  (offload)')
    expect(out).toContain('Pages, and what stays beside them, come from your own server')
  })

  it.each([
    [['site', '--views', '-1'], '--views cannot be read', 'Write --views 10000.'],
    [['site', '--views', 'many'], '--views cannot be read', 'Write --views 10000.'],
    [
      ['site', '--visits', '10', '--views', '5'],
      'there are fewer views of pages than visits',
      'leave one of the two out',
    ],
    [
      ['site', '--visits', '0', '--views', '5'],
      'there are fewer views of pages than visits',
      'leave one of the two out',
    ],
    [['site', '--visits', '9', '--traffic', 'a.log'], '--traffic and a number of visitors', 'Leave --visits out.'],
    [
      ['site', '--returning', '0.5', '--traffic', 'a.log'],
      '--returning does nothing with --traffic',
      'Leave one of them out.',
    ],
    [['site', '--returning', '130%'], '--returning cannot be read', 'Write --returning 30%.'],
    [['site', '--changed', '10'], '--changed cannot be read', 'Write --changed 10%.'],
    [['site', '--deploys', '1.5'], '--deploys cannot be read', 'Write --deploys 4.'],
    [['site', '--uplink', '100'], '--uplink cannot be read', 'Write --uplink 100Mbit.'],
    [['site', '--uplink', '0Mbit'], '--uplink cannot be read', 'Write --uplink 100Mbit.'],
    [
      ['site', '--provider', 'b2'],
      'no price of this provider is known',
      'Write --provider cloudfront, or --provider s3',
    ],
  ])('refuses %j', async (argv, what, fix) => {
    const { code, out, err } = await estimate(argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`E_USAGE  ${what}`)
    expect(err).toContain(fix)
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { TrafficReport } from '../../../src/index.ts'
import { combined, type Hit, reportOn } from './logs.ts'

const GIB = 2 ** 30
const TIB = 1024 * GIB

const report = async (hits: readonly Hit[], prices?: object): Promise<TrafficReport> => {
  const files = { 'a.log': combined(...hits), ...(prices !== undefined && { 'prices.json': JSON.stringify(prices) }) }
  const asked = { files: ['a.log'], prices: prices && 'prices.json' }
  return (await reportOn(files, asked)).report
}

const costsOf = ({ costs }: TrafficReport) =>
  Object.fromEntries(
    costs.map(({ tariff, transfer, requests, list, due }) => [
      tariff.id,
      [transfer, requests, list, due].map((amount) => Number(amount.toFixed(4))),
    ]),
  )

/** A list with one tariff of round numbers: 10 GB at $1, 10 at $0.50, then $0.10; 2 GB and 1000 requests free. */
const ROUND = {
  id: 'round',
  name: 'Round',
  where: 'anywhere',
  source: 'https://example.com/prices',
  date: '2026-11',
  gigabyte: 1e9,
  transfer: {
    freeGigabytes: 2,
    tiers: [{ upToGigabytes: 10, dollars: 1 }, { upToGigabytes: 20, dollars: 0.5 }, { dollars: 0.1 }],
  },
  requests: { free: 1000, dollarsPerMillion: 1000 },
}

describe('the money', () => {
  // Worked by hand, from the lists of 2026.
  it.each([
    // 100 GB: CloudFront 100 x 0.085, all of it free; S3 100 x 0.09, all of it free; R2 has no price for transfer
    [100 * GIB, { cloudfront: [8.5, 0, 8.5, 0], s3: [9, 0, 9, 0], r2: [0, 0, 0, 0] }],
    // 2 TB = 2048 GB: 2048 x 0.085 = 174.08, less 1024 x 0.085 = 87.04; 2048 x 0.09 = 184.32, less 9
    [2 * TIB, { cloudfront: [174.08, 0, 174.08, 87.04], s3: [184.32, 0, 184.32, 175.32], r2: [0, 0, 0, 0] }],
    // 60 TB: 10240 x 0.085 + 40960 x 0.08 + 10240 x 0.06 = 870.40 + 3276.80 + 614.40 = 4761.60
    //        10240 x 0.09 + 40960 x 0.085 + 10240 x 0.07 = 921.60 + 3481.60 + 716.80 = 5120.00
    [60 * TIB, { cloudfront: [4761.6, 0, 4761.6, 4674.56], s3: [5120, 0, 5120, 5111], r2: [0, 0, 0, 0] }],
  ])('of %i bytes in a month goes by tiers', async (bytes, expected) => {
    const costs = costsOf(await report([{ path: '/a.bin', bytes }]))
    expect(costs).toEqual(expected)
  })

  it('of requests is by the million, the free ones of each month taken off', async () => {
    const time = '10/Nov/2026:00:00:00 +0000'
    const costs = costsOf(
      await report(
        [
          { times: 1500, bytes: 0 },
          { times: 700, bytes: 0, time },
        ],
        { tariffs: [ROUND] },
      ),
    )
    // 2200 requests at $0.001; of October's 1500 the first 1000 are free, of November's 700 all
    expect(costs).toEqual({ round: [0, 2.2, 2.2, 0.5] })
  })

  it('of a part of a million requests is that of a whole one, where the provider bills so', async () => {
    const rounding = { tariffs: [{ ...ROUND, roundsUp: true }] }
    const [october, november] = ['10/Oct/2026:00:00:00 +0000', '10/Nov/2026:00:00:00 +0000']
    const found = await report(
      [
        { times: 1500, bytes: 0, time: october },
        { times: 700, bytes: 0, time: november },
      ],
      rounding,
    )
    // a million at $1000 each month, less 1000 that are free: $999 twice
    expect(costsOf(found)).toEqual({ round: [0, 2.2, 2.2, 1998] })
  })

  it('begins at the first tier in each month', async () => {
    const [october, november] = ['10/Oct/2026:00:00:00 +0000', '10/Nov/2026:00:00:00 +0000']
    const one = await report([{ bytes: 25e9, time: october }], { tariffs: [ROUND] })
    // 10 x 1 + 10 x 0.5 + 5 x 0.1 = 15.50, less 2 x 1
    expect(costsOf(one)).toEqual({ round: [15.5, 0.001, 15.501, 13.5] })
    const two = await report(
      [
        { bytes: 15e9, time: october },
        { bytes: 10e9, time: november },
      ],
      { tariffs: [ROUND] },
    )
    // 10 x 1 + 5 x 0.5 and 10 x 1, less 2 x 1 each
    expect(costsOf(two)).toEqual({ round: [22.5, 0.002, 22.502, 18.5] })
  })

  it('of the rows adds up to that of all', async () => {
    const found = await report([
      { path: '/a.png', bytes: 300 * GIB },
      { path: '/b.png', bytes: 100 * GIB, times: 3 },
      { path: '/favicon.ico', status: 404 },
    ])
    for (const { tariff, list } of found.costs) {
      expect(found.rows.reduce((sum, { dollars }) => sum + (dollars[tariff.id] ?? 0), 0)).toBeCloseTo(list, 8)
    }
    expect(found.rows[0]?.dollars.cloudfront).toBeCloseTo(300 * 0.085, 4)
  })

  it('stands in the table by the tariff that is asked for', async () => {
    const { report: found } = await reportOn({ 'a.log': combined({}) }, { tariff: 'r2' })
    expect(found.costs.map(({ tariff }) => tariff.id)).toEqual(['r2', 'cloudfront', 's3'])
    await expect(reportOn({ 'a.log': combined({}) }, { tariff: 'nosuch' })).rejects.toMatchObject({
      code: 'E_USAGE',
      hint: 'Write --tariff cloudfront, or --tariff s3, or --tariff r2.',
    })
  })

  it('names for each tariff where the price is from, and of when', async () => {
    for (const { tariff } of (await report([])).costs) {
      expect(tariff.source).toMatch(/^https:\/\//)
      expect(tariff.date).toMatch(/^20\d\d-\d\d/)
    }
  })
})

describe('a price list of one’s own', () => {
  it('has the form that the documentation shows', async () => {
    const page = readFileSync(new URL('../../../docs/report.md', import.meta.url), 'utf8')
    const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? []
    const files = { 'a.log': combined({ bytes: 12e12 }), 'p.json': example }
    const { report: found } = await reportOn(files, { files: ['a.log'], prices: 'p.json' })
    // 10,000 x 0.05 + 2000 x 0.03 = 560, less 100 x 0.05
    expect(found.costs.map(({ tariff, transfer, due }) => [tariff.id, transfer, Math.round(due)])).toEqual([
      ['contract', 560, 555],
    ])
  })

  const STORE = {
    source: 'https://example.com/store',
    storage: { freeGigabytes: 0, tiers: [{ dollars: 1 }] },
    writes: { free: 0, dollarsPerMillion: 1 },
  }
  const tier = (...tiers: readonly object[]) => ({ ...ROUND, transfer: { freeGigabytes: 0, tiers } })

  it.each([
    [
      { tariffs: [{ ...ROUND, gigabyte: 1000 }] },
      'tariffs[0].gigabyte: Write 1000000000, or 1073741824 as Amazon counts',
    ],
    [{ tariffs: [{ ...ROUND, note: 1 }] }, 'tariffs[0].note: Invalid type: Expected string but received 1'],
    [{ tariffs: [{ ...ROUND, price: 1 }] }, 'tariffs[0].price: Invalid key: Expected never but received "price"'],
    [{ tariffs: [{ ...ROUND, source: 'javascript:alert(1)' }] }, 'tariffs[0].source: Write an address, https://...'],
    [{ tariffs: [{ ...ROUND, id: 'A b' }] }, 'tariffs[0].id: Write small letters, digits and hyphens'],
    [{ tariffs: [] }, 'tariffs: Invalid length: Expected >=1 but received 0'],
    [{}, 'tariffs: Invalid key: Expected "tariffs" but received undefined'],
    [[], 'tariffs: Invalid key: Expected "tariffs" but received undefined'],
    [null, 'the list: Invalid type: Expected Object but received null'],
    [
      { tariffs: [{ ...ROUND, store: { ...STORE, source: 'x' } }] },
      'tariffs[0].store.source: Write an address, https://...',
    ],
    [
      { tariffs: [{ ...ROUND, store: { ...STORE, storage: tier({ upToGigabytes: 5, dollars: 1 }).transfer } }] },
      'tariffs[0].store.storage.tiers[0].upToGigabytes: the last tier has no end; leave it out',
    ],
    [{ tariffs: [ROUND, ROUND] }, 'tariffs[1].id: "round" is there twice'],
    [
      { tariffs: [tier({ upToGigabytes: 5, dollars: -1 }, { dollars: 1 })] },
      'tariffs[0].transfer.tiers[0].dollars: Invalid value: Expected >=0 but received -1',
    ],
    [
      { tariffs: [tier({ upToGigabytes: 5, dollars: 1 }, { upToGigabytes: 5, dollars: 2 }, { dollars: 3 })] },
      'tariffs[0].transfer.tiers[1].upToGigabytes: must be above 5, where the tier before ends',
    ],
    [
      { tariffs: [tier({ dollars: 1 }, { dollars: 3 })] },
      'tariffs[0].transfer.tiers[0].upToGigabytes: only the last tier has no end',
    ],
    [
      { tariffs: [tier({ upToGigabytes: 5, dollars: 1 })] },
      'tariffs[0].transfer.tiers[0].upToGigabytes: the last tier has no end; leave it out',
    ],
  ])('%j is refused', async (prices, detail) => {
    const files = { 'a.log': combined({}), 'p.json': JSON.stringify(prices) }
    await expect(reportOn(files, { files: ['a.log'], prices: 'p.json' })).rejects.toMatchObject({
      code: 'E_PRICES',
      exitCode: 2,
      details: [detail],
    })
  })

  it.each([
    [{ 'p.json': '{' }, 'the price list is no JSON'],
    [{}, 'the price list cannot be read'],
  ])('%j is refused', async (files, message) => {
    const all = { 'a.log': combined({}), ...files }
    await expect(reportOn(all, { files: ['a.log'], prices: 'p.json' })).rejects.toMatchObject({
      code: 'E_PRICES',
      message,
    })
  })
})

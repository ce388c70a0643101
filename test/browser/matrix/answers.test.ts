import { afterAll, beforeAll, describe, expect } from 'vitest'
import { useChromium } from '../chromium.ts'
import { type Bench, type CdnPolicy, openBench } from './bench.ts'
import { event, KEEP_EVENT, value } from './looks.ts'
import { lookAt, show, visiting } from './visit.ts'

/** The rows of the table about answers that say more than `access-control-allow-origin`, or not always the same. */
const { browser, inBrowser } = useChromium()
let bench: Bench

beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

const chromium = (): NonNullable<ReturnType<typeof browser>> => {
  const found = browser()
  if (found === undefined) throw new Error('only in a browser')
  return found
}

describe('a CDN that answers `cross-origin-resource-policy: cross-origin`', () => {
  inBrowser('may be asked for pictures by a page under COEP: require-corp', async () => {
    const headers = { 'cross-origin-embedder-policy': 'require-corp' }
    const page = (cdn: string): string => `${KEEP_EVENT}<img id="probe" src="${cdn}lime.svg">`
    expect(await lookAt(chromium(), bench, { page, headers, policy: 'with CORP', look: event })).toBe('ok')
  })
})

/** An image without `crossorigin` fills the cache; then a script asks for the same with CORS. */
async function imageThenFetch(policy: CdnPolicy): Promise<string> {
  return await visiting(chromium(), async (page) => {
    await show(page, bench, { page: (cdn) => `${KEEP_EVENT}<img id="probe" src="${cdn}lime.svg">`, policy })
    expect(await event(page, bench.cdn(policy))).toBe('ok')
    return await value((cdn) => `(await fetch('${cdn}lime.svg')).status`)(page, bench.cdn(policy))
  })
}

describe('a CDN that speaks of CORS only when it is asked with an `Origin`', () => {
  inBrowser('poisons the cache: what was an <img> first cannot be fetched with CORS', async () => {
    expect(await imageThenFetch('with CORS when asked')).toBe('TypeError')
  })

  inBrowser('does not with `Vary: Origin`', async () => {
    expect(await imageThenFetch('with CORS when asked, and Vary')).toBe('200')
  })
})

describe('a CDN that always answers `access-control-allow-origin: *`', () => {
  inBrowser('may be asked in both ways for one file', async () => {
    expect(await imageThenFetch('with CORS')).toBe('200')
  })
})

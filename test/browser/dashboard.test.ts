import { createServer } from 'node:http'
import type { Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import {
  type DashboardWorld,
  dashboardWorld,
  type StartedDashboard,
  type WorldOptions,
} from '../rig/dashboard-world.ts'
import { eventually } from '../rig/eventually.ts'
import { useChromium } from './chromium.ts'

const { browser, inBrowser } = useChromium()

const HOSTILE = [
  '<img src=x onerror="document.title=1">.jpg',
  '"><script>document.title=1</script>.jpg',
  '&lt;b&gt;{{7*7}}.jpg',
  'gpj\u202e.exe.jpg',
]

/** A page with all that it said of itself, on an address. */
async function open(address: string, size = { width: 1280, height: 900 }) {
  const context = await browser()?.newContext({ viewport: size })
  const page = await context?.newPage()
  if (!(context && page)) throw new Error('there is no browser')
  onTestFinished(() => context.close())
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  page.on('pageerror', (error) => said.push(String(error)))
  await page.goto(address)
  return { page, said }
}

async function visited(make: (world: DashboardWorld) => Promise<void>, options?: WorldOptions) {
  const world = dashboardWorld(options)
  await make(world)
  const dashboard = await world.dashboard()
  const { page, said } = await open(dashboard.url)
  await page.locator('#all').waitFor()
  return { world, dashboard, page, said }
}

const card = (page: Page, name: string) => page.locator('article', { has: page.getByRole('heading', { name }) })

/** What a test of a page's script cannot ask from inside: its policy forbids strings that become code. */
const shown = (page: Page, selector: string, text: string | RegExp) =>
  eventually(async () => expect(await page.locator(selector).first().innerText()).toMatch(text))

inBrowser('a batch moves on the page as it moves in the store, and closes', async () => {
  const { world, page, said } = await visited(({ batch }) => batch('p', { items: 4, done: 1 }))
  const bar = card(page, 'p').getByRole('progressbar')
  expect(await card(page, 'p').locator('.numbers').innerText()).toBe('1 of 4 (25 %)')
  expect(await bar.getAttribute('value')).toBe('1')
  await world.batch('p', { items: 4, done: 3 })
  await shown(page, '#open .numbers', /^3 of 4 \(75 %\), \d+ to \d+ s left, [\d.]+ a (second|minute)$/)
  expect(await bar.getAttribute('value')).toBe('3')
  await world.batch('p', { items: 4, done: 4, isClosed: true })
  await shown(page, '#closed .numbers', '4 of 4 (100 %)')
  expect(await page.locator('#no-open').isVisible()).toBe(true)
  expect(await card(page, 'p').innerText()).toContain('b/p/index.html')
  expect(said).toEqual([])
})

inBrowser('names and reasons of strangers are text, wherever they stand, and nothing breaks the policy', async () => {
  const { page, said } = await visited(async ({ batch, instance, bury }) => {
    await batch('p', { items: 9, failed: HOSTILE, path: (place) => HOSTILE[place % HOSTILE.length] ?? '' })
    const at = new Date().toISOString()
    await instance('i-1', { state: 'working', reason: HOSTILE[0], running: 1, waiting: 0, at })
    await instance('i-2', { state: HOSTILE[1], reason: HOSTILE[0], running: 1, waiting: 0, at })
    for (const text of HOSTILE) await bury({ kind: text, batch: text, item: text }, text)
  })
  await page.getByText('4 failed: which, and why').click()
  const names = page.locator('details li b')
  await eventually(async () => expect(await names.count()).toBe(4))
  expect(await names.allInnerTexts()).toEqual([...HOSTILE.slice(0, 3), 'gpj\\u{202E}.exe.jpg'])
  await page.getByRole('button', { name: 'Show them' }).click()
  await eventually(async () => expect(await page.locator('#letters tbody tr').count()).toBe(4))
  expect(await page.locator('#letters').innerText()).toContain(HOSTILE[0])
  expect(await page.locator('#workers').innerText()).toContain(HOSTILE[1])
  for (const tag of ['main img', 'main script', 'main iframe']) expect(await page.locator(tag).count()).toBe(0)
  expect(await page.title()).toBe('1 open batch')
  expect(said).toEqual([])
})

inBrowser('an order is asked for once more, and then reaches a real worker', async () => {
  const { page, said } = await visited(async ({ worker }) => worker('w-1'))
  await shown(page, '#workers tbody', /w-1\s+working/)
  await page.getByRole('button', { name: 'Give w-1 an order' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Pause').check()
  await dialog.getByRole('button', { name: 'Leave it' }).click()
  expect(await page.locator('#done').isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Give w-1 an order' }).click()
  await dialog.getByLabel('Pause').check()
  await dialog.getByRole('button', { name: 'Pause w-1' }).click()
  await shown(page, '#done', 'pause told to 1 instance: w-1.')
  await shown(page, '#workers tbody', /w-1\s+paused/)
  expect(said).toEqual([])
})

inBrowser('an order that fails says why, until the next one', async () => {
  const { world, page } = await visited(async ({ batch }) => batch('p', { items: 4 }))
  await card(page, 'p').getByRole('button', { name: 'Cancel p…' }).click()
  await world.batch('p', { items: 4, done: 4, isClosed: true })
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the batch' }).click()
  await shown(page, '#refused', /E_BATCH batch "p" has closed; nothing was cancelled/)
  await shown(page, '#closed .numbers', '4 of 4 (100 %)')
  expect(await page.locator('#refused').isVisible()).toBe(true)
})

inBrowser('a batch is cancelled by the keys alone, and what is safe is chosen at first', async () => {
  const { page } = await visited(({ batch }) => batch('p', { items: 4, done: 1 }))
  const cancel = card(page, 'p').getByRole('button', { name: 'Cancel p…' })
  await cancel.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await eventually(async () => expect(await page.getByRole('dialog').isVisible()).toBe(false))
  expect(await cancel.isVisible()).toBe(true)
  await page.keyboard.press('Enter')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await shown(page, '#done', 'the batch is marked as cancelled')
  await shown(page, '#open article', 'Cancelled: workers end what has not begun.')
  expect(await cancel.isVisible()).toBe(false)
})

inBrowser('a dead letter is sent once more from its row', async () => {
  const { page, dashboard } = await visited(async ({ bury }) => {
    for (const item of ['0000-0000', '0000-0001'])
      await bury({ v: 1, kind: 'image', batch: 'p', item, lane: 'hi' }, item)
  })
  await page.getByRole('button', { name: 'Show them' }).click()
  await page.getByRole('button', { name: 'Send again 0000-0001 of p' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click()
  await shown(page, '#done', '1 message sent once more; 1 letter stays.')
  await eventually(async () => expect(await page.locator('#letters tbody tr').count()).toBe(1))
  await shown(page, '#queues tbody', /hi\s+1\s/)
  expect(dashboard.err()).not.toContain('warning')
})

inBrowser('failures that are open on a card grow with those that come', async () => {
  const { world, page } = await visited(({ batch }) => batch('p', { items: 4, failed: ['torn'] }))
  await page.getByText('1 failed: which, and why').click()
  await shown(page, 'details ul', /^photo-0000.jpg E_IMAGE_CORRUPT torn$/)
  await world.batch('p', { items: 4, failed: ['torn', 'torn', 'torn'] })
  await shown(page, 'summary', '3 failed: which, and why')
  await eventually(async () => expect(await page.locator('details li b').count()).toBe(3))
})

inBrowser('who gives orders by the keys keeps the place when another row comes before it', async () => {
  const { world, page } = await visited(async ({ instance }) => {
    for (const at of [1, 2]) await instance(`i-${at}`, { state: 'working', running: 0, waiting: 0, at: ago(10 - at) })
  })
  const rows = page.locator('#workers tbody th')
  await eventually(async () => expect(await rows.allInnerTexts()).toEqual(['i-2', 'i-1']))
  await page.getByRole('button', { name: 'Give i-1 an order' }).focus()
  await world.instance('i-1', { state: 'paused', running: 0, waiting: 0, at: ago(0) })
  await eventually(async () => expect(await rows.allInnerTexts()).toEqual(['i-1', 'i-2']))
  await page.keyboard.press('Enter')
  await shown(page, '#ask-title', 'An order to i-1')
})

/** @param minutes before now */
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

inBrowser('one long word of a stranger takes no other letter out of sight', async () => {
  const { page } = await visited(async ({ bury }) => {
    await bury({ v: 1, kind: 'image', batch: 'p', item: '0000-0001', lane: 'hi' }, 'torn')
    await bury({ kind: 'q'.repeat(200) }, 'odd')
  })
  await page.getByRole('button', { name: 'Show them' }).click()
  const again = page.getByRole('button', { name: 'Send again 0000-0001 of p' })
  const right = await again.evaluate((button) => button.getBoundingClientRect().right)
  expect(right).toBeLessThan(1280)
})

inBrowser('dead letters that could not be counted are not said to be none', async () => {
  const { page } = await visited(({ batch }) => batch('p', { items: 4 }))
  await shown(page, '#letters-sum', 'None.')
  const trouble = { what: 'the queue dead', code: 'E_QUEUE', message: 'it is not there' }
  const seen = { place: 'store/', at: new Date().toISOString(), pauseSeconds: 2, troubles: [trouble], moreTroubles: 0 }
  const body = `${JSON.stringify({ ...seen, batches: [], instances: [], queues: [] })}\n`
  await page.route('**/api/watch', (route) => route.fulfill({ body }))
  await page.reload()
  await shown(page, '#troubles', 'the queue dead could not be read. E_QUEUE it is not there')
  expect(await page.locator('#letters-sum').innerText()).toBe('Not known.')
})

inBrowser('without a key on this machine the page is read only, and says why', async () => {
  const { page } = await visited(
    async ({ batch, instance }) => {
      await batch('p', { items: 4 })
      await instance('i-1', { state: 'working', running: 0, waiting: 0, at: new Date().toISOString() })
    },
    { isKeyed: false },
  )
  await shown(page, '#read-only', /Read only.*there is no private key on this machine/s)
  for (const button of ['Cancel p…', 'Give all an order…', 'Ask for a report', 'Give i-1 an order'])
    expect([button, await page.getByRole('button', { name: button }).isDisabled()]).toEqual([button, true])
})

inBrowser('the token leaves the address, survives a reload, and opens no other tab', async () => {
  const { page, dashboard } = await visited(({ batch }) => batch('p', { items: 4 }))
  expect(page.url()).toBe(`${dashboard.origin}/`)
  await page.reload()
  await page.locator('#all').waitFor()
  const { page: other } = await open(`${dashboard.origin}/`)
  await shown(other, '#notice', 'This address opens nothing.')
  expect(await other.locator('#all').isVisible()).toBe(false)
})

inBrowser('a page of another site frames nothing, reads nothing and orders nothing', async () => {
  const { dashboard, world } = await visited(({ batch }) => batch('p', { items: 4 }))
  const outcome = await attacked(dashboard)
  expect(outcome).toEqual({ framed: 0, read: 'refused', form: 'refused', script: 'refused' })
  expect((await world.run('batch', 'status', 'p', '--to', 'store')).out).not.toContain('cancelled')
})

/** What another site's page gets, also when it has the token. */
async function attacked({ origin, token }: StartedDashboard) {
  const evil = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(`<iframe src="${origin}/"></iframe>`)
  })
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void evil.close())
  const address = evil.address()
  const { page } = await open(`http://localhost:${typeof address === 'object' && address ? address.port : 0}/`)
  const frame = page.frames()[1]
  const framed = await frame?.locator('#state').count()
  const tried = (code: string): Promise<string> => page.evaluate(`(${code}).then((it) => it, () => 'refused')`)
  const order = JSON.stringify({ verb: 'cancel', batch: 'p' })
  const headers = JSON.stringify({ authorization: `Bearer ${token}` })
  return {
    framed,
    read: await tried(`fetch('${origin}/api/watch', { headers: ${headers} }).then((it) => it.text())`),
    form: await tried(`fetch('${origin}/api/orders', { method: 'POST', body: '${order}' }).then((it) => it.text())`),
    script: await tried(
      `new Promise((yes, no) => { const it = document.createElement('script'); it.src = '${origin}/main.js'; it.type = 'module'; it.onload = () => yes('ran'); it.onerror = no; document.head.append(it) })`,
    ),
  }
}

inBrowser('the page is read from 380 pixels on, in light and in dark, with 500 batches and 200 workers', async () => {
  const { page, said } = await visited(async ({ batch, instance }) => {
    const at = new Date().toISOString()
    const many = (count: number, put: (at: number) => Promise<void>) =>
      Promise.all(Array.from({ length: count }, (_, at) => put(at)))
    await many(500, (at) => batch(`b-${String(at).padStart(16, '0')}`, { items: 1, done: 1, isClosed: at > 2 }))
    await many(200, (number) =>
      instance(`i-${String(number).padStart(17, '0')}`, { state: 'working', running: 1, waiting: 9, at }),
    )
  })
  for (const width of [380, 768, 1920]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  }
  await page.getByRole('button', { name: 'Show 175 more' }).click()
  await eventually(async () => expect(await page.locator('#workers tbody tr').count()).toBe(200))
  await page.getByRole('button', { name: 'Show all 497' }).click()
  await eventually(async () => expect(await page.locator('#closed article').count()).toBe(497))
  const paper = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
  await page.emulateMedia({ colorScheme: 'light' })
  expect(await paper()).toBe('rgb(255, 255, 255)')
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await paper()).toBe('rgb(21, 24, 28)')
  expect(said).toEqual([])
})

inBrowser('the page says that the dashboard has ended', async () => {
  const { page, dashboard } = await visited(({ batch }) => batch('p', { items: 4 }))
  expect(await dashboard.stop(130)).toBe(130)
  await shown(page, '#notice', /The dashboard is not reached; it may have ended|The connection was lost/)
  expect(await card(page, 'p').isVisible()).toBe(true)
})

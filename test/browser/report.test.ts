import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { resolveReport, trafficReport } from '../../src/index.ts'
import { eventually } from '../rig/eventually.ts'
import { folderWith } from '../unit/config/folder.ts'
import { combined } from '../unit/report/logs.ts'
import { useChromium } from './chromium.ts'

const { browser, inBrowser } = useChromium()

const NAMES = [
  '/<script>document.title="run"</script>.png',
  "/'onload='document.title=1.png",
  '/&lt;script&gt;.png',
  '/%E7%94%BB%E5%83%8F%E2%80%AE.png',
]

/** The page of a report on these names, and its address on the disk. */
async function pageFor(names: readonly string[]): Promise<string> {
  const folder = folderWith({ 'a.log': combined(...names.map((path) => ({ path: path.replaceAll('"', '\\"') }))) })
  await trafficReport(resolveReport({ files: ['a.log'], html: 'report.html' }, { cwd: folder }))
  return join(folder, 'report.html')
}

inBrowser(
  'a report opens from the disk, asks for nothing, runs nothing, and breaks no rule of its own policy',
  async () => {
    const file = await pageFor(NAMES)
    const context = await browser()?.newContext({ offline: true })
    const tab = await context?.newPage()
    if (context === undefined || tab === undefined) throw new Error('there is no browser')
    const asked: string[] = []
    const said: string[] = []
    tab.on('request', (request) => asked.push(request.url()))
    tab.on('console', (message) => said.push(message.text()))
    tab.on('pageerror', (error) => said.push(String(error)))
    const address = pathToFileURL(file).href
    await tab.goto(address)
    expect({ asked, said }).toEqual({ asked: [address], said: [] })
    expect(await tab.title()).toMatch(/^Traffic 2026-10-10/)
    const names = await tab.locator('[aria-labelledby=files] tbody th').allTextContents()
    expect(names).toContain('/&lt;script&gt;.png')
    expect(names).toContain('/画像%E2%80%AE.png')
    expect(readFileSync(file, 'utf8')).not.toContain('<script')
    await context.close()
  },
)

inBrowser('a report follows the dark mode, and a table that is too wide scrolls by the keys', async () => {
  const context = await browser()?.newContext({ offline: true, viewport: { width: 380, height: 700 } })
  const tab = await context?.newPage()
  if (context === undefined || tab === undefined) throw new Error('there is no browser')
  await tab.goto(pathToFileURL(await pageFor(['/a.png'])).href)
  const paper = (): Promise<string> => tab.evaluate('getComputedStyle(document.body).backgroundColor')
  await tab.emulateMedia({ colorScheme: 'light' })
  expect(await paper()).toBe('rgb(255, 255, 255)')
  await tab.emulateMedia({ colorScheme: 'dark' })
  expect(await paper()).toBe('rgb(21, 24, 28)')
  expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(380)
  for (const region of ['kinds', 'files']) {
    await tab.keyboard.press('Tab')
    expect(await tab.evaluate('document.activeElement.getAttribute("aria-labelledby")')).toBe(region)
  }
  await tab.keyboard.press('ArrowRight')
  // waitForFunction would evaluate inside the page, which its policy forbids
  await eventually(async () => expect(await tab.evaluate('document.activeElement.scrollLeft')).toBeGreaterThan(0))
  await context.close()
})

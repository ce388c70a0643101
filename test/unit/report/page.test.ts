import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { resolveReport, trafficReport } from '../../../src/index.ts'
import { folderWith } from '../config/folder.ts'
import { combined, type Hit, VISITOR } from './logs.ts'

type Element = DefaultTreeAdapterTypes.Element

function elementsOf(page: string): Element[] {
  const found: Element[] = []
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node) found.push(node)
    if ('childNodes' in node) node.childNodes.forEach(visit)
  }
  visit(parse(page))
  return found
}

const textOf = (node: DefaultTreeAdapterTypes.Node): string => {
  if (node.nodeName === '#text' && 'value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
}

const attribute = ({ attrs }: Element, name: string): string | undefined =>
  attrs.find((attr) => attr.name === name)?.value

interface Written {
  readonly page: string
  readonly elements: readonly Element[]
  readonly folder: string
}

async function write(
  hits: readonly Hit[],
  more: { top?: number; env?: Record<string, string> } = {},
): Promise<Written> {
  const folder = folderWith({ 'a.log': combined(...hits) })
  const asked = { files: ['a.log'], html: 'report.html', ...(more.top !== undefined && { top: more.top }) }
  await trafficReport(resolveReport(asked, { cwd: folder }), { env: more.env ?? {} })
  const page = readFileSync(join(folder, 'report.html'), 'utf8')
  return { page, elements: elementsOf(page), folder }
}

const NAMES = [
  '/<script>alert(1)</script>',
  '/"><img src=x onerror=alert(1)>',
  "/'onmouseover='alert(1)",
  '/&lt;b&gt;&amp;',
  '/</td></table></style><style>*{}',
  '/<!--',
  '/]]>',
  '/javascript:alert(1)',
  '/%3Cscript%3E',
  '/{{constructor}}`',
]

const HOSTILE_TARIFF = {
  id: 'x',
  name: '<img src=x onerror=alert(1)>',
  where: '<script>alert(1)</script>',
  source: `https://example.com/"onmouseover='alert(1)'><script>`,
  date: '2026-11',
  note: '</th><b>',
  gigabyte: 1e9,
  transfer: { freeGigabytes: 0, tiers: [{ dollars: 0 }] },
  requests: { free: 0, dollarsPerMillion: 0 },
}

describe('the page of a report', () => {
  it('holds names as text, whatever they are', async () => {
    const hits = NAMES.map((name) => ({ request: `GET ${name.replaceAll('"', '\\"')} HTTP/1.1` }))
    const plain = await write([{ path: '/plain.png' }])
    const { elements } = await write(hits)
    const shape = ({ tagName, attrs }: Element): string => `${tagName} ${attrs.map(({ name }) => name).join()}`
    const kinds = new Set(plain.elements.map(shape))
    expect(elements.map(shape).filter((one) => !kinds.has(one) && !/^(?:ul|li|b|br|h2)\b/.test(one))).toEqual([])
    const rows = elements.filter(({ tagName, attrs }) => tagName === 'th' && attrs[0]?.value === 'row').map(textOf)
    for (const name of ["/'onmouseover='alert(1)", '/%3C!--', '/javascript:alert(1)', '/&lt;b&gt;&amp;']) {
      expect(rows).toContain(name)
    }
  })

  it('holds the words of a price list as text, too', async () => {
    const folder = folderWith({ 'a.log': combined({}), 'p.json': JSON.stringify({ tariffs: [HOSTILE_TARIFF] }) })
    await trafficReport(resolveReport({ files: ['a.log'], prices: 'p.json', html: 'r.html' }, { cwd: folder }))
    const elements = elementsOf(readFileSync(join(folder, 'r.html'), 'utf8'))
    expect(elements.filter(({ tagName }) => /^(?:img|script|b)$/.test(tagName))).toEqual([])
    expect(elements.flatMap(({ attrs }) => attrs).filter(({ name }) => name.startsWith('on'))).toEqual([])
    const [link] = elements.filter(({ tagName }) => tagName === 'a')
    expect(link && attribute(link, 'href')).toBe(HOSTILE_TARIFF.source)
    const cells = elements.filter(({ tagName }) => tagName === 'th').map(textOf)
    expect(cells).toContain(HOSTILE_TARIFF.name)
  })

  it('fetches nothing, runs nothing, and has a policy that allows neither', async () => {
    const { elements, page } = await write([{ path: '/a.png' }])
    const loading = elements.filter((element) => {
      const isLink = element.tagName === 'a'
      return !isLink && ['src', 'srcset', 'href', 'data', 'action', 'style'].some((name) => attribute(element, name))
    })
    expect(loading.map(({ tagName }) => tagName)).toEqual([])
    expect(elements.some(({ tagName }) => /^(?:script|iframe|object|embed|form|base|link)$/.test(tagName))).toBe(false)
    expect(elements.flatMap(({ attrs }) => attrs).filter(({ name }) => name.startsWith('on'))).toEqual([])
    const style = elements.find(({ tagName }) => tagName === 'style')
    const digest = createHash('sha256')
      .update(style === undefined ? '' : textOf(style))
      .digest('base64')
    const policy = elements.find((element) => attribute(element, 'http-equiv') === 'Content-Security-Policy')
    expect(policy && attribute(policy, 'content')).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    )
    expect(page).not.toMatch(/url\(|@import/)
  })

  it('can be used without a mouse and read aloud', async () => {
    const { elements } = await write([{ path: '/a.png' }])
    const ids = new Set(elements.map((element) => attribute(element, 'id')))
    const regions = elements.filter((element) => attribute(element, 'role') === 'region')
    expect(regions).toHaveLength(3)
    for (const region of regions) {
      expect(attribute(region, 'tabindex')).toBe('0')
      expect(ids).toContain(attribute(region, 'aria-labelledby'))
    }
    const scopes = elements.filter(({ tagName }) => tagName === 'th').map((element) => attribute(element, 'scope'))
    expect(new Set(scopes)).toEqual(new Set(['col', 'row']))
    expect(elements.find(({ tagName }) => tagName === 'html')?.attrs).toEqual([{ name: 'lang', value: 'en' }])
  })

  it('stays below 150 kB, however many and long the names are, and says what has no room', async () => {
    const hits = Array.from({ length: 2000 }, (_, at) => ({ path: `/${at}/${"'&".repeat(400)}` }))
    const { page } = await write([...hits, { path: '/favicon.ico', status: 404 }], { top: 2000 })
    expect(Buffer.byteLength(page)).toBeLessThan(150_000)
    expect(page).toMatch(/\d+ more rows have no room in this page: --json has them\./)
    expect(page).toContain('(missing icons)')
    expect(page.endsWith('</html>\n')).toBe(true)
  })

  it('says how many lines could not be read', async () => {
    expect((await write([{ path: '/a.png' }])).page).not.toContain('Not counted')
    const { page } = await write([{}, { path: '/a.png\nhalf a line' }])
    expect(page).toContain('Not counted: 2 lines that could not be read.')
  })

  it('names no visitor, and no credential of the run', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIAQQQQWWWWEEEERRRR', AWS_SECRET_ACCESS_KEY: `canary${'Zz9'.repeat(12)}` }
    const { page } = await write([{ path: `/x/${env.AWS_SECRET_ACCESS_KEY}` }], { env })
    for (const secret of [...Object.values(VISITOR), env.AWS_SECRET_ACCESS_KEY]) expect(page).not.toContain(secret)
  })

  it('is replaced as a whole, and never a log', async () => {
    const { folder } = await write([{ path: '/a.png' }])
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'report.html'])
    symlinkSync(folder, join(folder, '.link'))
    await trafficReport(resolveReport({ files: ['a.log'], html: '.link/report.html' }, { cwd: folder }))
    // a report in a folder of logs is none of them
    const again = await trafficReport(resolveReport({ files: ['.'], html: 'report.html' }, { cwd: folder }))
    expect(again).toMatchObject({ files: 1, lines: { unreadable: 0 } })
    expect(() => resolveReport({ files: ['a.log'], html: './a.log' }, { cwd: folder })).toThrow(
      'the page would replace what it is made from',
    )
  })

  it.each([
    [['.'], 'logs/b.log'],
    [['link.log'], 'logs/b.log'],
    [['logs/a.log'], 'link.log'],
    [['logs/a.log'], 'logs/packed.gz'],
  ])('takes the place of no log: %j --html %s', async (files, html) => {
    const texts = { 'logs/a.log': combined({}), 'logs/b.log': combined({}), 'logs/packed.gz': '\x1f\x8b' }
    const folder = folderWith(texts)
    symlinkSync('logs/b.log', join(folder, 'link.log'))
    await expect(trafficReport(resolveReport({ files, html }, { cwd: folder }))).rejects.toMatchObject({
      code: 'E_WRITE',
      subject: join(folder, html),
      why: 'another file has this name, which is no report',
      hint: 'Write --html report.html, or move that file away.',
    })
    for (const [name, text] of Object.entries(texts)) expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
  })

  it('takes the place of no page of a site, and of an older report only', async () => {
    const theirs = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Traffic lights</title>\n'
    const folder = folderWith({ 'a.log': combined({}), 'index.html': theirs })
    const report = (html: string) => trafficReport(resolveReport({ files: ['a.log'], html }, { cwd: folder }))
    await expect(report('index.html')).rejects.toMatchObject({
      code: 'E_WRITE',
      why: 'another file has this name, which is no report',
    })
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe(theirs)
    await report('report.html')
    await report('report.html')
  })

  it('is never written into the site, which would publish it', async () => {
    const folder = folderWith({ 'a.log': combined({}), 'dist/index.html': 'x' })
    symlinkSync('dist', join(folder, 'linked'))
    for (const html of ['dist/report.html', 'linked/report.html']) {
      const options = resolveReport({ files: ['a.log'], html, site: { root: 'dist' } }, { cwd: folder })
      await expect(trafficReport(options)).rejects.toMatchObject({
        code: 'E_WRITE',
        why: 'the page would be published with the site',
        hint: 'Name a file outside of the folder of --site.',
      })
    }
    expect(readdirSync(join(folder, 'dist'))).toEqual(['index.html'])
  })

  it('that cannot be written is a failure with its reason, and leaves nothing behind', async () => {
    const folder = folderWith({ 'a.log': combined({}) })
    mkdirSync(join(folder, 'taken'))
    writeFileSync(join(folder, 'taken/x'), '')
    for (const [html, why] of [
      ['nosuch/report.html', 'its folder is not there'],
      ['taken', 'it is a folder'],
    ]) {
      const options = resolveReport({ files: ['a.log'], html }, { cwd: folder })
      await expect(trafficReport(options)).rejects.toMatchObject({ code: 'E_WRITE', why })
    }
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'taken'])
  })
})

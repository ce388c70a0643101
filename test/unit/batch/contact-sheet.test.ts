import { createHash } from 'node:crypto'
import { parse } from 'parse5'
import { describe, expect, it } from 'vitest'
import { contactSheet, type Sheet } from '../../../src/batch/plan/contact-sheet.ts'

const HOSTILE = `"><img src=x onerror=alert(1)>'&\u202egpj.exe`

const SHEET: Sheet = {
  title: 'photos-1',
  recipe: 'r1-0123456789ab',
  closedAt: '2026-11-20T10:00:00.000Z',
  images: [
    {
      path: 'harbour.jpg',
      bytes: 829_183,
      width: 2725,
      height: 2225,
      variants: [
        { format: 'avif', width: 320, bytes: 6800 },
        { format: 'jpeg', width: 1280, bytes: 124_000 },
      ],
      thumbnail: 'data:image/avif;base64,AAAA',
    },
    { path: HOSTILE, bytes: 10, width: 1, height: 1, variants: [], thumbnail: HOSTILE },
  ],
  unshown: 0,
  failures: [{ path: `b/${HOSTILE}`, reason: `not an image: ${HOSTILE}` }],
}

interface Node {
  readonly nodeName: string
  readonly value?: string
  readonly attrs?: readonly { readonly name: string; readonly value: string }[]
  readonly childNodes?: readonly Node[]
}

/** The page as a browser builds it. */
function nodesOf(html: string): readonly Node[] {
  const all: Node[] = []
  const walk = (node: Node): void => {
    all.push(node)
    node.childNodes?.forEach(walk)
  }
  walk(parse(html) as unknown as Node) // parse5's tree has more forms than we look at
  return all
}

const texts = (html: string): string =>
  nodesOf(html)
    .flatMap(({ nodeName, value }) => (nodeName === '#text' ? [value] : []))
    .join('|')
const attribute = (node: Node | undefined, name: string): string | undefined =>
  node?.attrs?.find((one) => one.name === name)?.value

describe('the contact sheet', () => {
  const html = contactSheet(SHEET)
  const nodes = nodesOf(html)
  const named = (name: string) => nodes.filter(({ nodeName }) => nodeName === name)

  it('shows every image with its sizes, and every failure with its reason', () => {
    const shown = texts(html)
    for (const part of [
      'harbour.jpg',
      '2725 × 2225, 829.2 kB',
      '320 avif',
      '6.8 kB',
      '1280 jpeg',
      '124.0 kB',
      '1 image failed',
    ]) {
      expect(shown).toContain(part)
    }
    expect(named('figure')).toHaveLength(2)
  })

  it('shows hostile names and reasons as text (J18, K12)', () => {
    const shown = texts(html)
    const asText = `"><img src=x onerror=alert(1)>'&\\u{202E}gpj.exe`
    expect(shown).toContain(asText)
    expect(shown).toContain(`b/${asText}`)
    expect(shown).toContain(`not an image: ${asText}`)
    expect(named('img')).toHaveLength(2)
    expect(
      nodes.flatMap(({ attrs = [] }) => attrs).filter(({ name }) => name.startsWith('on') || name === 'style'),
    ).toEqual([])
  })

  it('runs no script and asks nobody else, by its own policy', () => {
    const policy = named('meta')
      .map((meta) => attribute(meta, 'content'))
      .find((content) => content?.includes('default-src'))
    const style = named('style')[0]?.childNodes?.[0]?.value ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    expect(policy).not.toMatch(/script-src|unsafe|https?:/)
    expect(named('script').concat(named('link'), named('iframe'))).toEqual([])
    expect(style).not.toMatch(/url\(|@import/)
  })

  it('says how many images it leaves out', () => {
    expect(texts(contactSheet({ ...SHEET, unshown: 3 }))).toContain('3 more images in images.json.')
    expect(texts(html)).not.toContain('more image')
  })
})

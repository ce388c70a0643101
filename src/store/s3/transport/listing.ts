import type { ListedPage } from '../operations.ts'

/**
 * Reads a page of ListObjectsV2. A scanner for this one document: a general parser takes thirteen times as long, and a
 * listing of a hundred thousand keys is a hundred of them.
 *
 * @returns nothing for what is not a whole page
 */
export function readListing(text: string): ListedPage | undefined {
  const xml = text.includes(CDATA) ? escaped(text) : text
  const start = xml.search(/<ListBucketResult[\s>]/)
  const end = xml.lastIndexOf('</ListBucketResult>')
  if (start < 0 || end < start) return undefined
  const contents: NonNullable<ListedPage['Contents']>[number][] = []
  let outside = ''
  let at = xml.indexOf('>', start) + 1
  for (;;) {
    const open = xml.indexOf('<Contents>', at)
    if (open < 0 || open > end) break
    const close = xml.indexOf('</Contents>', open)
    if (close < 0) return undefined
    outside += xml.slice(at, open)
    const row = xml.slice(open + '<Contents>'.length, close)
    const size = textOf(row, 'Size')
    contents.push({ Key: textOf(row, 'Key'), ETag: textOf(row, 'ETag'), Size: size === undefined ? size : count(size) })
    at = close + '</Contents>'.length
  }
  outside += xml.slice(at, end)
  const truncated = textOf(outside, 'IsTruncated')
  // Whatever else it says, the page may not be the last one.
  if (truncated !== undefined && truncated !== 'true' && truncated !== 'false') return undefined
  const folders = outside.split('<CommonPrefixes>').slice(1)
  return {
    Name: textOf(outside, 'Name'),
    IsTruncated: truncated === undefined ? undefined : truncated === 'true',
    NextContinuationToken: textOf(outside, 'NextContinuationToken'),
    // The SDK's type for it is a single literal.
    EncodingType: textOf(outside, 'EncodingType') as ListedPage['EncodingType'],
    Contents: contents,
    ...(folders.length > 0 && { CommonPrefixes: folders.map((row) => ({ Prefix: textOf(row, 'Prefix') })) }),
  }
}

/** Without its `<`, by which a search would stop at every tag: that took a millisecond a page. */
const CDATA = '![CDATA['

/** The same document without sections that are not parsed. No store that we know of uses them, but it may. */
function escaped(xml: string): string {
  return xml.replaceAll(/<!\[CDATA\[(.*?)\]\]>/gs, (_, text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  )
}

/** What the first element of that name holds; S3's have no attributes. */
export function textOf(xml: string, name: string): string | undefined {
  const open = xml.indexOf(`<${name}>`)
  if (open < 0) return xml.includes(`<${name}/>`) ? '' : undefined
  const start = open + name.length + 2
  const end = xml.indexOf(`</${name}>`, start)
  return end < 0 ? undefined : unescaped(xml.slice(start, end))
}

function count(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) ? Number(text) : undefined
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescaped(text: string): string {
  if (!text.includes('&')) return text
  return text.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole
  })
}

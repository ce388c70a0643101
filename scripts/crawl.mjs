import { parse } from 'parse5'
import postcss from 'postcss'

/**
 * A crawler for one page, with parsers of its own: it fetches the page, what the page names and what its style
 * sheets name. Other hosts than those in `hosts` are left alone. A reference that does not answer with 200 throws.
 *
 * @param {string} page the page's address
 * @param {readonly string[]} hosts addresses whose files are fetched, each ending with `/`
 * @returns {Promise<Fetched[]>} each address once, the page first
 * @typedef {{ url: string, kind: string, type: string, bytes: number }} Fetched
 */
export async function crawl(page, hosts) {
  const fetched = new Map()
  const queue = [{ url: page, kind: 'page' }]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (fetched.has(next.url)) continue
    const response = await fetch(next.url)
    const body = Buffer.from(await response.arrayBuffer())
    if (response.status !== 200)
      throw new Error(`${next.url} answers ${response.status}, named by ${next.by ?? 'nobody'}`)
    const type = response.headers.get('content-type') ?? ''
    fetched.set(next.url, { ...next, type, bytes: body.length })
    for (const { url, kind } of namedBy(next.kind, body.toString())) {
      const address = addressOf(url, next.url)
      if (address !== undefined && hosts.some((host) => address.startsWith(host))) {
        queue.push({ url: address, kind, by: next.url })
      }
    }
  }
  return [...fetched.values()]
}

function addressOf(url, by) {
  if (!URL.canParse(url, by)) return undefined
  const address = new URL(url, by)
  address.hash = ''
  return address.href
}

function namedBy(kind, text) {
  if (kind === 'page') return [...namedByElements(parse(text, { scriptingEnabled: false }))]
  return kind === 'style sheet' ? [...namedByStyle(text)] : []
}

function* namedByElements(node) {
  for (const child of node.childNodes ?? []) {
    yield* namedByElement(child)
    yield* namedByElements(child)
    if (child.content) yield* namedByElements(child.content)
  }
}

const KINDS = {
  'img src': 'image',
  'source src': 'image',
  'input src': 'image',
  'video src': 'image',
  'video poster': 'image',
  'audio src': 'image',
  'script src': 'script',
}

function* namedByElement({ tagName, attrs = [], childNodes = [] }) {
  for (const { name, value } of attrs) {
    const kind = tagName === 'link' && name === 'href' ? kindOfLink(attrs) : KINDS[`${tagName} ${name}`]
    if (kind !== undefined) yield { url: value, kind }
    if (name === 'srcset') yield* candidates(value)
    if (name === 'style') yield* namedByStyle(`x{${value}}`)
  }
  if (tagName === 'style') yield* namedByStyle(childNodes[0]?.value ?? '')
}

function kindOfLink(attrs) {
  const rel = attrs.find(({ name }) => name === 'rel')?.value ?? ''
  if (/\bstylesheet\b/i.test(rel)) return 'style sheet'
  if (/icon\b/i.test(rel)) return 'favicon'
  return /\b(manifest|preload|modulepreload)\b/i.test(rel) ? 'other' : undefined
}

function* candidates(srcset) {
  for (const [, url] of srcset.matchAll(/(?:^|,)\s*([^\s,]+)/g)) yield { url, kind: 'image' }
}

function* namedByStyle(css) {
  const values = []
  postcss.parse(css).walk((node) => {
    if (node.type === 'decl') values.push({ text: node.value, kind: /^src$/i.test(node.prop) ? 'font' : 'image' })
    if (node.type === 'atrule' && /^import$/i.test(node.name)) values.push({ text: node.params, kind: 'style sheet' })
  })
  for (const { text, kind } of values) {
    for (const [, double, single, bare] of text.matchAll(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)]*?))\s*\)/gi)) {
      yield { url: double ?? single ?? bare, kind }
    }
    const quoted = kind === 'style sheet' ? /^\s*["']([^"']*)["']/.exec(text)?.[1] : undefined
    if (quoted !== undefined) yield { url: quoted, kind }
  }
}

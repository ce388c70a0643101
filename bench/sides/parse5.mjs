// The peer for HTML: parse5's tree with source locations, postcss for style.
import { parse } from 'parse5'
import { parseSrcset } from '../../dist/src/rewrite/index.js'
import { cssEdits } from './postcss.mjs'
import { splice } from './splice.mjs'

const PLAIN = new Map([
  ['img', ['src']],
  ['source', ['src']],
  ['video', ['src', 'poster']],
  ['audio', ['src']],
  ['track', ['src']],
  ['embed', ['src']],
  ['script', ['src']],
  ['input', ['src']],
  ['image', ['href', 'xlink:href']],
])
const REL = /(?:^|\s)(?:stylesheet|icon|apple-touch-icon|mask-icon|manifest|preload|modulepreload|prefetch)(?:\s|$)/i
const META = /^(?:og:(?:image|audio|video)(?::url|:secure_url)?|twitter:image|msapplication-tileimage)$/i
const STYLED = /url\(|src\(|image-set\(/i

export function rewrite({ text, decide }) {
  const edits = []
  const state = { text, decide, edits, base: undefined }
  visit(parse(text, { scriptingEnabled: false, sourceCodeLocationInfo: true }), state)
  return splice(text, edits)
}

function visit(node, state) {
  if (node.attrs !== undefined) element(node, state)
  if (node.childNodes !== undefined) for (const child of node.childNodes) visit(child, state)
  if (node.content !== undefined) visit(node.content, state)
}

function element(node, state) {
  if (node.tagName === 'base') state.base ??= attributeOf(node, 'href')
  if (node.tagName === 'style') styleElement(node, state)
  if (node.attrs.length === 0) return
  const plain = PLAIN.get(node.tagName)
  for (const attribute of node.attrs) {
    const { name } = attribute
    const place = node.sourceCodeLocation?.attrs?.[name]
    if (place === undefined) continue
    if (name === 'srcset' || name === 'imagesrcset') replace(place, srcset(attribute.value, state), state)
    else if (name === 'style' && STYLED.test(attribute.value)) replace(place, style(attribute.value, state), state)
    else if (plain?.includes(name) || isLink(node, name) || isMeta(node, name)) {
      replace(place, state.decide(attribute.value.trim(), state.base), state)
    }
  }
}

function replace({ startOffset, endOffset }, value, { text, edits }) {
  if (value === undefined) return
  const source = text.slice(startOffset, endOffset)
  const written = source.slice(source.indexOf('=') + 1).trimStart()
  const quote = written.startsWith("'") ? "'" : '"'
  const escaped = value.replaceAll(quote, quote === '"' ? '&quot;' : '&#39;')
  const before = source.slice(0, source.length - written.length)
  edits.push({ start: startOffset, end: endOffset, replacement: `${before}${quote}${escaped}${quote}` })
}

const attributeOf = (node, name) => node.attrs.find((attribute) => attribute.name === name)?.value
const isLink = (node, name) => node.tagName === 'link' && name === 'href' && REL.test(attributeOf(node, 'rel') ?? '')
const isMeta = (node, name) =>
  node.tagName === 'meta' &&
  name === 'content' &&
  META.test(attributeOf(node, 'property') ?? attributeOf(node, 'name') ?? '')

function srcset(value, { decide, base }) {
  const edits = parseSrcset(value).flatMap(({ url, start, end }) => {
    const replacement = decide(url, base)
    return replacement === undefined ? [] : [{ start, end, replacement }]
  })
  return edits.length === 0 ? undefined : splice(value, edits).text
}

function style(value, { decide, base }) {
  const edits = cssEdits(value, (url) => decide(url, base))
  return edits.length === 0 ? undefined : splice(value, edits).text
}

function styleElement(node, { decide, base, edits }) {
  for (const { value, sourceCodeLocation } of node.childNodes) {
    if (!STYLED.test(value ?? '') && !/@import/i.test(value ?? '')) continue
    const offset = sourceCodeLocation.startOffset
    for (const { start, end, replacement } of cssEdits(value, (url) => decide(url, base))) {
      edits.push({ start: start + offset, end: end + offset, replacement })
    }
  }
}

// The peer for CSS: postcss finds declarations and imports, postcss-value-parser the URLs in them.
import postcss from 'postcss'
import parseValue from 'postcss-value-parser'
import { splice } from './splice.mjs'

export function rewrite({ text, decide }) {
  return splice(text, cssEdits(text, decide))
}

export function cssEdits(text, decide) {
  const edits = []
  postcss.parse(text).walk((node) => {
    if (node.type === 'decl') {
      const value = node.raws.value?.raw ?? node.value
      if (!/\(/.test(value)) return
      const start = text.indexOf(value, node.source.start.offset + node.prop.length + node.raws.between.length)
      edits.push(...valueEdits(value, start, decide))
    } else if (node.type === 'atrule' && node.name.toLowerCase() === 'import') {
      const params = node.raws.params?.raw ?? node.params
      edits.push(...importEdits(params, text.indexOf(params, node.source.start.offset + 7), decide))
    }
  })
  return edits
}

function valueEdits(value, start, decide) {
  const edits = []
  parseValue(value).walk((node) => {
    if (node.type !== 'function') return
    const name = node.value.toLowerCase()
    if (name === 'url' || name === 'src') edits.push(...edit(node.nodes[0], start, decide))
    else if (name.endsWith('image-set')) {
      for (const inner of node.nodes) if (inner.type === 'string') edits.push(...edit(inner, start, decide))
    }
  })
  return edits
}

function importEdits(params, start, decide) {
  const [first] = parseValue(params).nodes
  return first?.type === 'function' ? edit(first.nodes[0], start, decide) : edit(first, start, decide)
}

function edit(node, offset, decide) {
  if (node?.type !== 'string' && node?.type !== 'word') return []
  const url = node.value.includes('\\') ? node.value.replace(/\\(.)/g, '$1') : node.value
  const replacement = decide(url.trim())
  if (replacement === undefined) return []
  const start = offset + node.sourceIndex + (node.type === 'string' ? 1 : 0)
  return [{ start, end: start + node.value.length, replacement }]
}

import postcss, { type AtRule, type ChildNode, type Declaration } from 'postcss'
import parseValue, { type FunctionNode, type Node } from 'postcss-value-parser'

/** The URLs of a sheet as postcss and postcss-value-parser tell them, each as `place url`, in the order of the text. */
export function postcssReferences(css: string): string[] {
  const found: string[] = []
  postcss.parse(css).walk((node: ChildNode) => {
    if (node.type === 'decl') found.push(...declarationUrls(node))
    if (node.type === 'atrule' && node.name.toLowerCase() === 'import') found.push(...importUrl(node))
  })
  return found
}

function declarationUrls(node: Declaration): string[] {
  const property = node.prop.startsWith('--') ? node.prop : node.prop.toLowerCase()
  const { parent } = node
  const isFont = parent?.type === 'atrule' && (parent as AtRule).name.toLowerCase() === 'font-face' // says its type
  const place = isFont ? `@font-face ${property}` : property
  const found: string[] = []
  parseValue(node.value).walk((part) => {
    if (part.type === 'function') found.push(...functionUrls(part).map((url) => `${place} ${url}`))
  })
  return found
}

function functionUrls({ value, nodes }: FunctionNode): string[] {
  const name = value.toLowerCase()
  if (name === 'url') return textOf(nodes[0])
  if (name === 'src') return nodes[0]?.type === 'string' ? textOf(nodes[0]) : []
  const isSet = name === 'image-set' || name === '-webkit-image-set'
  return isSet ? nodes.filter(({ type }) => type === 'string').flatMap(textOf) : []
}

function importUrl(node: AtRule): string[] {
  const first = parseValue(node.params).nodes[0]
  const urls = first?.type === 'function' ? functionUrls(first) : textOf(first)
  return urls.map((url) => `@import ${url}`)
}

function textOf(node: Node | undefined): string[] {
  if (node?.type !== 'string' && node?.type !== 'word') return []
  const url = node.value.replace(/\\([^0-9a-f\n])/gi, '$1').trim()
  return url === '' ? [] : [url]
}

import postcss, { type ChildNode } from 'postcss'

const URL_FUNCTION = /url\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^)"'\s\\]|\\.)*))\s*\)/gis
const QUOTED = /^\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/s
const IMAGE_SET = /image-set\(((?:[^()]|\([^()]*\))*)\)/gi
const STRINGS = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/gs

/** Every address that a style sheet loads: `url()`, `@import`, the strings of `image-set()`. */
export function namedByStyle(css: string): string[] {
  const urls: string[] = []
  try {
    postcss.parse(css).walk((node) => void urls.push(...namedByNode(node)))
  } catch {
    // A browser goes on after what it cannot read, so that there is more to load than a strict parser sees.
    urls.push(...urlsIn(css))
  }
  return urls
}

function namedByNode(node: ChildNode): string[] {
  if (node.type === 'decl') return [...urlsIn(node.value), ...imageSets(node.value)]
  if (node.type !== 'atrule' || !/^import$/i.test(node.name)) return []
  const quoted = QUOTED.exec(node.params)
  return quoted ? [unescaped(quoted[1] ?? quoted[2] ?? '')] : urlsIn(node.params).slice(0, 1)
}

function urlsIn(text: string): string[] {
  return [...text.matchAll(URL_FUNCTION)].map(([, double, single, bare]) => unescaped(double ?? single ?? bare ?? ''))
}

/** `image-set("a.png" 1x)`: there a string is an address, unless it is a `type()`. */
function imageSets(value: string): string[] {
  return [...value.matchAll(IMAGE_SET)].flatMap(([, inner = '']) => {
    const bare = inner.replace(/\b(?:url|type)\([^()]*\)/gi, '')
    return [...bare.matchAll(STRINGS)].map(([, double, single]) => unescaped(double ?? single ?? ''))
  })
}

/** https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point */
function unescaped(text: string): string {
  return text.replace(/\\(?:([0-9a-f]{1,6})\s?|\n|(.))/gis, (_, hex, char) =>
    hex === undefined ? (char ?? '') : String.fromCodePoint(Number.parseInt(hex, 16)),
  )
}

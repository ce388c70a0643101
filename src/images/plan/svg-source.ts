import { cssReferences } from '../../rewrite/css/css.ts'
import { readXml, type XmlElement } from '../../rewrite/xml/reader.ts'

/** How an SVG has to be drawn, and what a person should know of it. */
export interface SvgTraits {
  /** Whether fonts decide how it looks. */
  readonly hasText: boolean
  /** Whether lengths inside of it are written in inches, millimetres or points. */
  readonly hasPhysicalUnits: boolean
}

/** Why an SVG is refused, and what mends it. */
export interface SvgProblem {
  readonly message: string
  readonly hint: string
}

const RUNS_NOWHERE =
  'Browsers run no scripts in icons; whoever opens the file itself would run it, as a page of your site.'
const EXPORT = 'Export it again as plain SVG, or clean it with SVGO.'

/** Elements that run code or hold documents, whatever prefix they have. */
const ACTIVE: ReadonlySet<string> = new Set([
  'script',
  'handler',
  'listener',
  'foreignObject',
  'iframe',
  'object',
  'embed',
])
const LINKS: ReadonlySet<string> = new Set(['href', 'src', 'base'])
const PHYSICAL = /[\d.](?:in|cm|mm|pt|pc)\b/

/** The text of an SVG, for {@link judgeSvg}. */
export function svgText(bytes: Uint8Array): string | SvgProblem {
  const text = utf8(bytes)
  const declared = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)/.exec(text ?? '')?.[1] ?? 'utf-8'
  if (text === undefined || !/^(?:utf-?8|us-ascii)$/i.test(declared)) {
    return { message: 'it is an SVG in another encoding than UTF-8', hint: 'Save it as UTF-8.' }
  }
  if (!/<svg[\s/>]/.test(text)) return { message: 'it is no SVG document', hint: EXPORT }
  if (/<\?xml-stylesheet\b/i.test(text)) return outside('a style sheet')
  return markupProblem(text) ?? text
}

const DOCTYPE = /<!DOCTYPE\s+[\w:.-]+\s*(?:(?:PUBLIC\s*(["'])[^"'<>[\]]*\1|SYSTEM)\s*(["'])[^"'<>[\]]*\2\s*)?>/

/**
 * What is refused must not be hidden from who looks for it: by entities and attributes that a document declares for
 * itself, or where our reader, which is one of HTML, finds the end of a declaration, instruction or comment elsewhere.
 */
function markupProblem(text: string): SvgProblem | undefined {
  if (text.replace(DOCTYPE, '').includes('<!DOCTYPE')) {
    return { message: 'its DOCTYPE declares things of its own', hint: EXPORT }
  }
  if (!text.replace(/<\?[^<>]*\?>/g, '').includes('<?') && !/<!---?>/.test(text)) return undefined
  return { message: 'it has instructions or comments that are read differently', hint: EXPORT }
}

/**
 * Judges whether an SVG can stand as an icon, unchanged: it must need nothing but itself, and do nothing. Not a sanitiser:
 * what is found is refused, so that what is shown stays what was drawn.
 *
 * @param text what a strict parser has taken for XML, not nested without end
 */
export function judgeSvg(text: string): SvgTraits | SvgProblem {
  const elements: XmlElement[] = []
  readXml(text, (element) => elements.push(element))
  const root = elements.at(-1)
  if (root?.local !== 'svg') return { message: 'it is no SVG document', hint: EXPORT }
  const problem =
    namespaceProblem(root) ?? sizeProblem(root) ?? elements.map(problemOf).find((found) => found !== undefined)
  if (problem !== undefined) return problem
  const inner = elements.filter((element) => element !== root)
  return {
    hasText: inner.some(({ local }) => local === 'text'),
    hasPhysicalUnits: inner.some((element) => valuesOf(element).some((value) => PHYSICAL.test(value))),
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const NAMESPACE = 'http://www.w3.org/2000/svg'

/** In a page HTML says it for whatever is drawn there; of a file without it browsers show nothing. */
function namespaceProblem({ attributes, prefix }: XmlElement): SvgProblem | undefined {
  if (attributes.get(prefix === '' ? 'xmlns' : `xmlns:${prefix}`)?.value.text === NAMESPACE) return undefined
  return { message: 'it does not say that it is SVG', hint: `Write xmlns="${NAMESPACE}" into its first tag.` }
}

/** Browsers take an SVG that does not say its size for one of 300 x 150, and cut what is beyond. */
function sizeProblem({ attributes }: XmlElement): SvgProblem | undefined {
  const [viewBox, ...sides] = ['viewBox', 'width', 'height'].map((name) => attributes.get(name)?.value.text ?? '')
  const box = (viewBox ?? '')
    .trim()
    .split(/\s*,\s*|\s+/)
    .map(Number)
  if (box.length === 4 && box.every(Number.isFinite)) return undefined
  // of a share, nobody says of what
  if (sides.every((side) => Number.parseFloat(side) > 0 && !side.includes('%'))) return undefined
  return {
    message: 'it is an SVG without a size',
    hint: 'Write viewBox="0 0 WIDTH HEIGHT" into its first tag.',
  }
}

const valuesOf = ({ attributes, local, text }: XmlElement): readonly string[] => [
  ...[...attributes].filter(([name]) => name !== 'd').map(([, { value }]) => value.text),
  ...(local === 'style' ? [text.text] : []),
]

function problemOf({ local, attributes, text }: XmlElement): SvgProblem | undefined {
  if (ACTIVE.has(local)) return active(`<${local}>`)
  const needed = local === 'style' ? foreignIn(text.text, 'sheet') : undefined
  if (needed !== undefined) return outside(needed)
  for (const [name, { value }] of attributes) {
    const problem = attributeProblem(local, name, value.text)
    if (problem !== undefined) return problem
  }
  const animated = attributes.get('attributeName')?.value.text.trim() ?? ''
  return LINKS.has(localOf(animated)) ? active('an address that changes') : undefined
}

function attributeProblem(element: string, name: string, value: string): SvgProblem | undefined {
  const address = value.replace(/[\s\p{Cc}]+/gu, '')
  if (/^on[a-z]/i.test(name)) return active(name)
  if (/javascript:/i.test(address)) return active('a link that is a script')
  // where a person would be led is not loaded
  const isLoaded = LINKS.has(localOf(name)) && !(element === 'a' && /^https?:/i.test(address))
  if (isLoaded && isForeign(address)) return outside(value)
  const needed = /url|image-set|src/i.test(value) ? foreignIn(styleOf(name, value), 'declarations') : undefined
  return needed === undefined ? undefined : outside(needed)
}

/** Without its prefix. */
const localOf = (name: string): string => name.replace(/^.*:/, '')

/** A presentation attribute, as `fill="url(#a)"`, means what the declaration does. */
const styleOf = (name: string, value: string): string => (name === 'style' ? value : `fill:${value}`)

const foreignIn = (css: string, context: 'sheet' | 'declarations'): string | undefined =>
  cssReferences(css, { context }).references.find(({ url }) => isForeign(url))?.url

/** Whether it is neither a part of the document nor written out in it. */
const isForeign = (url: string): boolean => url !== '' && !url.startsWith('#') && !/^data:/i.test(url)

const LONGEST = 80

const active = (what: string): SvgProblem => ({ message: `it holds ${what}`, hint: `Remove it. ${RUNS_NOWHERE}` })

const outside = (what: string): SvgProblem => ({
  message: `it needs something from outside: ${what.length > LONGEST ? `${what.slice(0, LONGEST)}...` : what}`,
  hint: 'Icons load nothing: embed it, as paths or a data: address.',
})

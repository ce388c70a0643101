import { type Draft, withLines } from '../lines.ts'
import type { MappedText } from '../markup/mapped-text.ts'
import type { DocumentReferences } from '../reference.ts'
import { joinUrl } from '../url.ts'
import { within } from '../within.ts'
import { attributeDrafts, attributeEncoder, styleDrafts } from './attribute.ts'
import { type BlockContent, blockContent, CALL, type ReadScript } from './block.ts'
import { type LazyRules, lazyRules } from './lazy-rules.ts'
import { type ImageTag, imageTag } from './picture.ts'
import { type Block, freezer } from './policy.ts'
import { readHtml } from './reader.ts'
import type { Element } from './rules.ts'

export interface HtmlOptions {
  /**
   * More attributes that scripts copy to `src`, `srcset` or a background (`data-src` and the like are known); names
   * without `data-` count on custom elements only, `!name` takes a known one away. @default none
   */
  readonly lazyAttributes?: readonly string[] | undefined
}

/** What a page is read with. */
export interface PageOptions extends HtmlOptions {
  /** Called for every inline script that may name files. */
  readonly scripts: ReadScript
}

/** `htmlReferences` without the script reader: its parser is the largest part, and most built pages need none. */
export function pageReferences(text: string, { lazyAttributes = [], scripts }: PageOptions): DocumentReferences {
  const page = readPage(text, { depth: 0, lazy: lazyRules(lazyAttributes), scripts })
  const whyFrozen = freezer(page.policies)
  const drafts = page.found.map(({ draft, block }) => {
    const frozen = whyFrozen(block)
    if (draft.base === undefined && frozen === undefined) return draft
    const base = draft.base === undefined ? undefined : joinUrl(page.base, draft.base)
    return { ...draft, base, frozen }
  })
  return {
    references: withLines(text, drafts),
    base: page.base,
    csp: page.policies,
    images: page.images,
    importMapKeys: page.importMapKeys,
    opaque: page.opaque,
  }
}

/** A reference, and the part of the page around it that a policy may name. */
interface Found {
  readonly draft: Draft
  readonly block: Block | undefined
}

interface Page {
  readonly found: Found[]
  /** Values of its Content-Security-Policies. */
  readonly policies: string[]
  readonly importMapKeys: string[]
  /** Without those in frames. */
  readonly images: ImageTag[]
  base: string | undefined
  opaque: string | undefined
}

interface Reading {
  /** How many frames the text stands in. */
  readonly depth: number
  readonly lazy: LazyRules
  readonly scripts: ReadScript
}

function readPage(text: string, reading: Reading): Page {
  const page: Page = { found: [], policies: [], importMapKeys: [], images: [], base: undefined, opaque: undefined }
  // Index of the first reference inside the `<picture>` being read: the `crossorigin` of its `<img>`, which comes last,
  // applies to all.
  let picture: number | undefined
  readHtml(text, {
    element: (element) => {
      if (element.name === 'picture') picture = page.found.length
      addElement(page, element, reading)
      const image = reading.depth === 0 ? imageTag(element, picture !== undefined, reading.lazy) : undefined
      if (image !== undefined) page.images.push(image)
      if (element.name === 'iframe' && reading.depth < FRAMES) addFrame(page, element, reading)
      if (element.name === 'img' && picture !== undefined && element.attributes.has('crossorigin')) {
        askWithCors(page, picture)
      }
    },
    end: (name) => {
      if (name === 'picture') picture = undefined
    },
    content: (element, content) => addBlock(page, blockContent(element, content, reading.scripts), content),
    base: (href) => {
      page.base = href
    },
  })
  return page
}

function askWithCors({ found }: Page, from: number): void {
  for (const [offset, { draft, block }] of found.slice(from).entries()) {
    found[from + offset] = { draft: { ...draft, loadClass: 'B' }, block }
  }
}

function addElement(page: Page, element: Element, { lazy }: Reading): void {
  page.found.push(...attributeDrafts(element, lazy).map((draft) => ({ draft, block: undefined })))
  const style = element.attributes.get('style')?.value.text
  if (style !== undefined) {
    const block: Block = { kind: 'attribute', text: style }
    page.found.push(...styleDrafts(element).map((draft) => ({ draft, block })))
  }
  if (element.attributes.names.some(isHandler)) addHandlers(page, element)
  const policy = element.name === 'meta' ? policyOf(element) : undefined
  if (policy !== undefined) page.policies.push(policy)
}

const isHandler = (name: string): boolean => name.startsWith('on')

/** A module imported in an event handler loads from the site, even if other references to it are rewritten. */
function addHandlers(page: Page, { attributes }: Element): void {
  const imports = attributes.names.some((name) => isHandler(name) && CALL.test(attributes.get(name)?.value.text ?? ''))
  if (imports) page.opaque ??= 'imports modules in an event handler'
}

/** Maximum depth of nested frames. Browsers load about as many levels. */
const FRAMES = 8

/** The document in a frame's `srcdoc`: its base begins at the page's, and it inherits the page's policies. */
function addFrame(page: Page, element: Element, reading: Reading): void {
  const srcdoc = element.attributes.get('srcdoc')
  if (srcdoc === undefined) return
  const inner = readPage(srcdoc.value.text, { ...reading, depth: reading.depth + 1 })
  const encode = attributeEncoder(srcdoc, false)
  for (const { draft, block } of inner.found) {
    const base = draft.base === undefined ? inner.base : joinUrl(inner.base, draft.base)
    const place = `iframe[srcdoc] ${draft.place}`
    page.found.push({ draft: { ...within(srcdoc.value, draft, encode), tag: undefined, base, place }, block })
  }
  page.policies.push(...inner.policies)
  page.importMapKeys.push(...inner.importMapKeys.map((key) => joinUrl(inner.base, key)))
  page.opaque ??= inner.opaque
}

function policyOf({ attributes }: Element): string | undefined {
  const isPolicy = /^content-security-policy$/i.test(attributes.get('http-equiv')?.value.text ?? '')
  return isPolicy ? attributes.get('content')?.value.text : undefined
}

function addBlock(page: Page, { drafts, isGuarded, importMapKeys, opaque }: BlockContent, content: MappedText): void {
  const block: Block | undefined = isGuarded ? { kind: 'element', text: content.text } : undefined
  page.found.push(...drafts.map((draft) => ({ draft, block })))
  page.importMapKeys.push(...importMapKeys)
  page.opaque ??= opaque
}

import type { ReferenceUse } from '../../rewrite/reference.ts'
import { isAnswer, typeOf } from '../ask.ts'
import { isPageType, SCRIPT_TYPE } from '../document.ts'
import type { Check } from '../finding.ts'
import { START } from '../frontier.ts'
import { isLink, type Use } from '../use.ts'

/** Content types of a use, and how they are called. */
interface Expected {
  readonly name: string
  readonly types: RegExp
}

const IMAGE: Expected = { name: 'an image', types: /^image\// }
const SCRIPT: Expected = {
  name: 'a script',
  types: SCRIPT_TYPE,
}
/** A module may also be JSON, a style sheet or WebAssembly, imported as such. */
const IMPORT: Expected = {
  name: 'a module',
  types: new RegExp(`${SCRIPT.types.source}|^(?:application|text)/json$|^text/css$|^application/wasm$`),
}
const SHEET: Expected = { name: 'a style sheet', types: /^text\/css$/ }
/** SVG fonts are images too. */
const FONT: Expected = {
  name: 'a font',
  types: /^image\/svg\+xml$|^font\/|^application\/(?:x-)?font-|^application\/vnd\.ms-fontobject$/,
}
const MEDIA: Expected = {
  name: 'sound or film',
  types: /^(?:audio|video)\/|^application\/(?:ogg|mp4|dash\+xml|(?:vnd\.apple|x)\.?-?mpegurl)$/,
}
const META: Expected = {
  name: 'an image, sound or film',
  types: new RegExp(`${IMAGE.types.source}|${MEDIA.types.source}`),
}
const TRACK: Expected = { name: 'a text track', types: /^text\/(?:vtt|plain)$|^application\/(?:ttml\+xml|x-subrip)$/ }
const MANIFEST: Expected = { name: 'a web app manifest', types: /^application\/(?:manifest\+)?json$|^text\/json$/ }
const PAGE: Expected = { name: 'a page', types: /^text\/html$|^application\/xhtml\+xml$/ }
/** What is named may be of many kinds, but is no page. */
const NO_PAGE: Expected = { name: 'a file', types: /^(?!text\/html$|application\/xhtml\+xml$)/ }

const EXPECTED: Readonly<Partial<Record<ReferenceUse, Expected>>> = {
  image: IMAGE,
  icon: IMAGE,
  'svg-image': IMAGE,
  'svg-use': IMAGE,
  'css-image': IMAGE,
  'css-mask': IMAGE,
  'css-filter': IMAGE,
  'manifest-icon': IMAGE,
  media: MEDIA,
  meta: META,
  track: TRACK,
  stylesheet: SHEET,
  'css-import': SHEET,
  script: SCRIPT,
  module: { ...SCRIPT, name: 'a module' },
  modulepreload: IMPORT,
  import: IMPORT,
  'import-map': IMPORT,
  font: FONT,
  manifest: MANIFEST,
  'import-url': NO_PAGE,
  'css-custom-property': NO_PAGE,
  lazy: NO_PAGE,
}

/** The content type fits the use. */
export const type: Check = ({ use, visit }) => {
  const expected = expectedOf(use)
  const asked = visit?.asked
  if (expected === undefined || !isAnswer(asked) || asked.status !== 200) return []
  const found = typeOf(asked.headers)
  if (expected.types.test(found)) return []
  const shown = found === '' ? 'comes without a content type' : `comes as ${found}`
  const message = `${shown}, not as ${expected.name}`
  const isStrict = asked.headers.get('x-content-type-options')?.trim().toLowerCase() === 'nosniff'
  return [{ kind: 'type', message, why: whyWrong(found, use, isStrict), fix: fixOf(found) }]
}

function expectedOf(use: Use): Expected | undefined {
  if (isLink(use)) return use.place === START ? PAGE : undefined
  // a prefetch may be of a page
  if (use.use === 'preload') return use.place.startsWith('link[rel=preload') ? NO_PAGE : undefined
  if (use.use === 'import-url' && new URL(use.url).pathname.endsWith('.wasm')) return WASM
  return use.use === 'page' ? undefined : EXPECTED[use.use]
}

const WASM: Expected = { name: 'WebAssembly', types: /^application\/wasm$/ }

/** Uses for which browsers demand the type, always. https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script */
const DEMANDED: ReadonlySet<Use['use']> = new Set(['module', 'modulepreload', 'import', 'import-map'])
/** And where the answer says nosniff. https://fetch.spec.whatwg.org/#should-response-to-request-be-blocked-due-to-nosniff? */
const DEMANDED_BY_NOSNIFF: ReadonlySet<Use['use']> = new Set(['script', 'stylesheet', 'css-import'])

function whyWrong(found: string, { use }: Use, isStrict: boolean): string {
  if (isPageType(found)) return 'A page with status 200 is how an error or a sign-in looks; the file is not there.'
  if (DEMANDED.has(use)) return 'Browsers refuse a module that does not say it is one.'
  if (isStrict && DEMANDED_BY_NOSNIFF.has(use)) return 'With x-content-type-options: nosniff, browsers refuse it.'
  if (use === 'stylesheet' || use === 'css-import') return 'Browsers apply only what says it is a style sheet.'
  return 'Browsers have to guess; caches and compression do not.'
}

function fixOf(found: string): string {
  if (isPageType(found)) return 'Publish the file, and let the server answer 404 for what is missing.'
  return 'Set its content type, by a rule of `headers` or at the server; `lading sync` sends headers alone.'
}

import { hash } from 'node:crypto'
import { applyEdits, type Edit } from '../rewrite/edits.ts'
import { rawTextEnd } from '../rewrite/html/raw-text.ts'
import { HtmlTokens, TOKEN } from '../rewrite/html/tokens.ts'
import { type Move, movedPolicy } from './local-policy.ts'

/** The new digest of a file by its old one, `sha384-…` as in `integrity`; undefined when it is no file of the site. */
export type Renamed = (digest: string) => Promise<string | undefined>

const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const
const DIGEST = /\bsha(?:256|384|512)-[A-Za-z0-9+/]{43,86}={0,2}/g

const CSP = 'content-security-policy'

/** In each of the three algorithms, in the same order. */
export function digestsOf(bytes: Uint8Array): string[] {
  return ALGORITHMS.map((algorithm) => `${algorithm}-${hash(algorithm, bytes, 'base64')}`)
}

/**
 * The text with the CDN's address replaced, and the digests of files changed by that. `text` is latin1 (one character
 * per byte), which preserves any encoding; the addresses are ASCII.
 */
export async function movedText(text: string, move: Move, renamed: Renamed): Promise<string> {
  const moved = withAddresses(text, move)
  const found = new Map<string, string>()
  for (const [digest] of moved.matchAll(DIGEST)) {
    const other = found.has(digest) ? undefined : await renamed(digest)
    if (other !== undefined) found.set(digest, other)
  }
  return found.size === 0 ? moved : moved.replace(DIGEST, (digest) => found.get(digest) ?? digest)
}

/** The same for a page: hashes of its inline scripts follow, and what its policies allow. */
export async function movedPage(text: string, move: Move, renamed: Renamed): Promise<string> {
  const inline = new Map<string, string>()
  for (const block of inlineBlocks(text)) {
    const after = await movedText(block, move, renamed)
    if (after === block) continue
    const digests = digestsOf(Buffer.from(after, 'latin1'))
    for (const [at, digest] of digestsOf(Buffer.from(block, 'latin1')).entries()) inline.set(digest, digests[at] ?? '')
  }
  const moved = await movedText(text, move, async (digest) => inline.get(digest) ?? renamed(digest))
  return applyEdits(moved, policyEdits(moved, move))
}

/** As it stands, and as JSON may have it, with its slashes escaped. */
export function withAddresses(text: string, { from, to }: Move): string {
  const escaped = (address: string): string => address.replaceAll('/', '\\/')
  return text.replaceAll(from, to).replaceAll(escaped(from), escaped(to))
}

function* inlineBlocks(text: string): Generator<string> {
  for (const tokens of startTags(text)) {
    if (tokens.name !== 'script' && tokens.name !== 'style') continue
    yield text.slice(tokens.end, rawTextEnd(text, tokens.end, tokens.name))
  }
}

function policyEdits(text: string, move: Move): Edit[] {
  const edits: Edit[] = []
  for (const { name, attributes } of startTags(text)) {
    if (name !== 'meta' || attributes.get('http-equiv')?.value.text.toLowerCase() !== CSP) continue
    const content = attributes.get('content')
    if (content === undefined || content.quote === '') continue
    const { value, quote } = content
    const policy = movedPolicy(value.text, move).replaceAll('&', '&amp;')
    const replacement = policy.replaceAll(quote, quote === '"' ? '&quot;' : '&#39;')
    edits.push({ ...value.span(0, value.text.length), replacement })
  }
  return edits
}

/** What stands inside scripts and style sheets is no markup. */
function* startTags(text: string): Generator<HtmlTokens> {
  const tokens = new HtmlTokens(text)
  for (let token = tokens.next(false); token !== TOKEN.end; token = tokens.next(false)) {
    if (token !== TOKEN.startTag) continue
    const { name, end } = tokens
    yield tokens
    if (name === 'script' || name === 'style') tokens.readUntil(rawTextEnd(text, end, name))
  }
}

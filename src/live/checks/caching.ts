import { LONG_SECONDS } from '../../plan/headers.ts'
import { isAnswer, typeOf } from '../ask.ts'
import { isPageType } from '../document.ts'
import type { Check, Fault } from '../finding.ts'
import { isHashedByUs, isInAssetFolder } from '../site.ts'
import { isLink } from '../use.ts'

/** How long a browser keeps it: what a CDN keeps can be purged, so `s-maxage` does not count. */
interface Lifetime {
  readonly seconds: number
  readonly immutable: boolean
  readonly text: string
}

/** Hashed names must be cached for good, and nothing else. */
export const caching: Check = ({ use, visit, site }) => {
  const asked = visit?.asked
  if (!isAnswer(asked) || asked.status !== 200 || !site.isOwn(use.url)) return []
  const kept = lifetimeOf(asked.headers)
  if (isPageType(typeOf(asked.headers))) {
    // a page in the place of a file is a finding of its own
    return isLink(use) ? atMost(kept, 'page') : []
  }
  if (isHashedByUs(use.url)) return kept.immutable && kept.seconds >= LONG_SECONDS ? [] : [tooShort(kept)]
  if (use.use === 'manifest') return atMost(kept, 'manifest')
  return kept.immutable && !mayBeHashed(use.url) ? [promised(kept)] : []
}

const atMost = (kept: Lifetime, what: string): Fault[] =>
  kept.immutable || kept.seconds >= LONG_SECONDS ? [tooLong(kept, what)] : []

const mayBeHashed = (url: string): boolean => new URL(url).search !== '' || isInAssetFolder(url) || hasBundlersHash(url)

function lifetimeOf(headers: Headers): Lifetime {
  const text = headers.get('cache-control') ?? ''
  const age = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(text)?.[1]
  const isAsked = /(?:^|[\s,])no-(?:cache|store)(?:$|[\s,])/i.test(text)
  const seconds = isAsked ? 0 : age === undefined ? untilExpiry(headers) : Number(age)
  return { seconds, immutable: !isAsked && /(?:^|[\s,])immutable(?:$|[\s,])/i.test(text), text }
}

/** https://www.rfc-editor.org/rfc/rfc9111#section-5.3 */
function untilExpiry(headers: Headers): number {
  const until = Date.parse(headers.get('expires') ?? '') - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(until) ? 0 : Math.max(0, until / 1000)
}

/** `index-DkX2a1b3.js`, `main.8e0d62a3.js`, `8e0d62a3f2c1b7aa.js`: eight or more, not a word and no version. */
function hasBundlersHash(url: string): boolean {
  const name = new URL(url).pathname.split('/').at(-1) ?? ''
  const runs = name.match(/[A-Za-z0-9_]{8,}/g) ?? []
  return runs.some((run) => (/\d/.test(run) && /[A-Za-z]/.test(run)) || (/[a-z]/.test(run) && /[A-Z]/.test(run)))
}

const said = ({ text }: Lifetime): string => (text === '' ? 'no cache-control' : `cache-control: ${text}`)

const tooShort = (kept: Lifetime): Fault => ({
  kind: 'caching',
  message: `has a hash in its name and ${said(kept)}`,
  why: 'Its bytes never change; visitors ask for it again for nothing.',
  fix: 'Let the CDN pass the stored header on (public, max-age=31536000, immutable).',
})

const tooLong = (kept: Lifetime, what: string): Fault => ({
  kind: 'caching',
  message: `is a ${what} with ${said(kept)}`,
  why: 'Visitors keep it for that long, whatever you publish.',
  fix: 'Send cache-control: public, max-age=0, must-revalidate.',
})

const promised = (kept: Lifetime): Fault => ({
  kind: 'caching',
  message: `has no hash in its name and ${said(kept)}`,
  why: 'When the file changes, visitors keep the old one.',
  fix: 'Give the name a hash (`lading sync --url`), or the header a short life without immutable.',
})

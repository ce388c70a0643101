import type { Check } from '../finding.ts'
import { isLink, originOf } from '../use.ts'

/** What can be said of a reference without asking for it, whosever host it names. */
export const asWritten: Check = (looked) => [
  ...withUser(looked),
  ...mixedContent(looked),
  ...neverElsewhere(looked),
  ...integrityWithoutCors(looked),
]

const withUser: Check = ({ use }) => {
  if (!use.hasUser) return []
  const why = 'Browsers refuse such addresses for what a page loads, and every visitor reads them.'
  return [{ kind: 'address', message: 'is written with a user name or password', why, fix: 'Write the host alone.' }]
}

/** Plain http to one's own machine never leaves it. https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy */
const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/

const mixedContent: Check = ({ use }) => {
  const { protocol, hostname } = new URL(use.url)
  // crawlers of social networks fetch what `meta` names, not the page
  const isLoaded = !isLink(use) && use.use !== 'meta' && use.use !== 'structured-data' && use.use !== 'feed'
  if (!isLoaded || protocol === 'https:' || !use.page.url.startsWith('https:') || LOOPBACK.test(hostname)) return []
  const why = 'Browsers do not load plain http into a page of https, or try https instead.'
  return [{ kind: 'mixed', message: 'is plain http in a page of https', why, fix: 'Write https://, or a path.' }]
}

const neverElsewhere: Check = ({ use, site }) => {
  if (use.loadClass !== 'C' || originOf(use.url) === site.origin) return []
  if (use.use === 'manifest') {
    const why = 'A manifest starts the app at its own host, which is not this one.'
    return [{ kind: 'cross-origin', message: 'is a web app manifest of another host', why, fix: ON_THE_SITE }]
  }
  const why = `${use.place} loads only from the page's own host, whatever the other one answers.`
  return [{ kind: 'cross-origin', message: 'never loads from another host', why, fix: ON_THE_SITE }]
}

const ON_THE_SITE = "Name the file on the site's own host; `lading sync` keeps it there."

const integrityWithoutCors: Check = ({ use, site }) => {
  if (use.integrity === undefined || use.loadClass !== 'A' || originOf(use.url) === site.origin) return []
  return [
    {
      kind: 'integrity',
      message: 'has integrity, but no crossorigin',
      why: 'Without it the bytes of another host cannot be compared, and are refused.',
      fix: 'Add crossorigin to the tag.',
    },
  ]
}

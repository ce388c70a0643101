import { LadingError, printable } from '../words/errors.ts'
import type { Mode, PublicUrl } from '../words/model.ts'
import { shellWord } from '../words/units.ts'

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html */
const DOMAIN = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/
const OWN = /(?:^|\.)cloudfront\.(?:net|cn)$/

interface Addresses {
  readonly url: PublicUrl | undefined
  readonly site: string | undefined
  readonly mode: Mode
}

/**
 * The host names that a distribution answers at beside its own.
 * @param asked what a person said @default the host of the public address
 */
export function domainsOf({ url, site, mode }: Addresses, asked: readonly string[] | undefined): readonly string[] {
  if (asked !== undefined && asked.length > 0) return [...new Set(asked.map((domain) => domain.toLowerCase()))]
  const address = url?.kind === 'host' ? url.href : mode === 'mirror' ? site : undefined
  const host = address === undefined ? '' : new URL(address).host
  return host === '' || OWN.test(host) ? [] : [host]
}

/**
 * @param isAsked they were said, and not told from an address
 * @throws E_USAGE for what is no domain, and where the public address is none of them
 */
export function checkDomains(domains: readonly string[], url: PublicUrl | undefined, isAsked: boolean): void {
  const wrong = domains.find((domain) => !DOMAIN.test(domain) || OWN.test(domain))
  if (wrong !== undefined) throw isAsked ? noDomain(wrong) : noPublicHost(wrong)
  if (url?.kind !== 'host') return
  const { host, port, protocol } = new URL(url.href)
  if (protocol !== 'https:') throw noHttps(url.href)
  if (port !== '') throw noPublicHost(host)
  if (OWN.test(host) || domains.some((domain) => covers(domain, host))) return
  throw new LadingError('E_USAGE', `${url.href} is at none of the domains: ${domains.join(', ')}`, {
    why: 'Pages would name a host that the distribution does not answer at.',
    hint: `Add --domain ${host}, or write another --url.`,
  })
}

function noDomain(text: string): LadingError {
  const [why, hint] = OWN.test(text)
    ? ['CloudFront gives that name itself.', 'Leave it out.']
    : ['It is no host name alone.', 'Write the name alone: --domain www.example.com']
  return new LadingError('E_USAGE', `"${printable(text)}" cannot be a domain of the distribution`, {
    subject: '--domain',
    why,
    hint,
  })
}

const noPublicHost = (host: string): LadingError =>
  new LadingError('E_USAGE', `the distribution cannot answer at ${printable(host)}`, {
    why: 'The public address of the site has to be a domain, and no port.',
    hint: 'Write another address, as https://www.example.com/, or none.',
  })

const noHttps = (href: string): LadingError =>
  new LadingError('E_USAGE', 'the distribution answers by https alone', {
    subject: href,
    why: 'Its pages may load nothing by http, and http is redirected.',
    hint: `Write --url ${shellWord(href.replace('http:', 'https:'))}`,
  })

/** A `*` stands for one label. */
const covers = (domain: string, host: string): boolean =>
  domain === host || (domain.startsWith('*.') && domain.slice(2) === host.slice(host.indexOf('.') + 1))

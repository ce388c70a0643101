import { LadingError, printable } from '../words/errors.ts'
import { closest } from '../words/units.ts'
import { checkEndpoint, endpointUserInfo, isLoopback } from './bucket.ts'
import type { CdnTarget } from './interface.ts'
import { carriesSecrets, hasEndpointUserInfo, maskAddress } from './mask.ts'

/** What may follow the `?`, by kind. */
const PARAMETERS = {
  cloudfront: ['wait', 'budget', 'endpoint', 'profile'],
  cloudflare: ['endpoint'],
} as const

type Kind = keyof typeof PARAMETERS
type Parameter = (typeof PARAMETERS)[Kind][number]

const KINDS: readonly Kind[] = ['cloudfront', 'cloudflare']

/** As Amazon makes them up: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html says no more than "E…". */
const DISTRIBUTION = /^[A-Z0-9]{6,32}$/
/** https://developers.cloudflare.com/fundamentals/account/find-account-and-zone-ids/ */
const ZONE = /^[0-9a-f]{32}$/i

/** The first 1,000 paths of a month cost nothing. https://aws.amazon.com/cloudfront/pricing/ */
const DEFAULT_BUDGET = 100
const MAX_BUDGET = 30_000

const EXAMPLE =
  'Write cloudfront:DISTRIBUTION (with ?wait=true, ?budget=, ?profile= or ?endpoint= behind it) or cloudflare:ZONE.'

/**
 * Reads a CDN's address: `cloudfront:EDFDVBD6EXAMPLE?wait=true&budget=100&profile=&endpoint=` or `cloudflare:ZONE?endpoint=`.
 *
 * @param option what the person set: `--cdn`
 * @throws E_USAGE for an unknown kind or parameter, and for an id that is none
 * @throws E_CONFIG_SECRET when the address carries credentials; the message masks them
 * @throws E_ENDPOINT
 */
export function parseCdn(text: string, option: string): CdnTarget {
  refuseSecrets(text, option)
  const mark = text.indexOf('?')
  const address = mark === -1 ? text : text.slice(0, mark)
  const colon = address.indexOf(':')
  const kind = kindOf(colon === -1 ? address : address.slice(0, colon), option)
  const id = colon === -1 ? '' : address.slice(colon + 1)
  const parameters = readParameters(kind, mark === -1 ? '' : text.slice(mark + 1))
  const endpoint = parameters.endpoint === undefined ? undefined : checkCdnEndpoint(parameters.endpoint)
  if (kind === 'cloudflare') return { kind, zone: zoneOf(id, option), endpoint }
  return {
    kind,
    distribution: distributionOf(id, option),
    wait: waitOf(parameters.wait),
    budget: budgetOf(parameters.budget),
    endpoint,
    profile: parameters.profile,
  }
}

/**
 * The address of a CDN's API as `scheme://host[:port]`.
 *
 * @throws E_ENDPOINT also for plain http to another machine
 */
export function checkCdnEndpoint(text: string): string {
  const origin = checkEndpoint(text)
  const { protocol, hostname } = new URL(origin)
  if (protocol === 'https:' || isLoopback(hostname)) return origin
  throw new LadingError('E_ENDPOINT', `the endpoint of the CDN is plain http`, {
    subject: origin,
    why: 'Whoever is on the way could read what is sent.',
    hint: `Write endpoint=https://${hostname}`,
  })
}

function refuseSecrets(text: string, option: string): void {
  if (hasEndpointUserInfo(text)) throw endpointUserInfo(/[?&](endpoint=[^&]*)/i.exec(maskAddress(text))?.[1] ?? '')
  if (!carriesSecrets(text)) return
  throw new LadingError('E_CONFIG_SECRET', `${option} carries credentials`, {
    subject: printable(maskAddress(text)),
    why: 'Addresses end up in logs, shell histories and repositories.',
    hint: 'Remove them; credentials come from AWS_* variables, a profile (?profile=NAME) or CLOUDFLARE_API_TOKEN.',
  })
}

function kindOf(word: string, option: string): Kind {
  const found = KINDS.find((kind) => kind === word)
  if (found) return found
  const meant = closest(word, KINDS)
  throw new LadingError('E_USAGE', `${option} names no CDN that Lading knows`, {
    subject: printable(maskAddress(word)),
    hint: meant ? `Did you mean "${meant}:"?` : EXAMPLE,
  })
}

type Values = Partial<Record<Parameter, string>>

function readParameters(kind: Kind, query: string): Values {
  const known: readonly Parameter[] = PARAMETERS[kind]
  const values: Values = {}
  for (const [name, value] of new URLSearchParams(query)) {
    const parameter = known.find((one) => one === name)
    if (parameter === undefined) {
      const meant = closest(name, known)
      throw new LadingError('E_USAGE', `${kind}: has no parameter "${printable(maskAddress(name))}"`, {
        hint: meant ? `Did you mean "${meant}"?` : `Known are ${known.join(', ')}.`,
      })
    }
    if (value === '') throw new LadingError('E_USAGE', `the parameter "${name}" of ${kind}: has no value`)
    values[parameter] = value
  }
  return values
}

/** What is no id may be a secret that was pasted in its place, so that it is not repeated. */
function distributionOf(id: string, option: string): string {
  if (DISTRIBUTION.test(id)) return id
  throw new LadingError('E_USAGE', `${option} names no distribution of CloudFront`, {
    why: 'An ID is capital letters and digits, such as EDFDVBD6EXAMPLE; a domain name or an ARN is none.',
    hint: `Write cloudfront:ID, as the list of distributions shows it.`,
  })
}

function zoneOf(id: string, option: string): string {
  if (ZONE.test(id)) return id.toLowerCase()
  throw new LadingError('E_USAGE', `${option} names no zone of Cloudflare`, {
    why: "A zone's ID is 32 hexadecimal digits; its domain name is none.",
    hint: "Write cloudflare:ID, as the zone's overview page shows it.",
  })
}

function waitOf(value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw new LadingError('E_USAGE', 'the parameter "wait" is true or false', { subject: printable(maskAddress(value)) })
}

function budgetOf(value: string | undefined): number {
  if (value === undefined) return DEFAULT_BUDGET
  if (/^[1-9]\d{0,4}$/.test(value) && Number(value) <= MAX_BUDGET) return Number(value)
  throw new LadingError('E_USAGE', `the parameter "budget" is a number of paths, 1 to ${MAX_BUDGET}`, {
    subject: printable(maskAddress(value)),
  })
}

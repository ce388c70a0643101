import type { SyncOptions } from '../config/interface.ts'
import { cspWarnings } from '../policy/csp-pages.ts'
import { readHostFiles } from '../policy/host-headers.ts'
import { corsUnset } from '../rewrite/policy.ts'
import type { Layout, ReferenceNote } from '../site/layout.ts'
import { maskText } from '../site/secrets/mask-text.ts'
import type { Survey } from '../site/survey.ts'
import { LadingError } from '../words/errors.ts'
import type { Warning, WarningCode } from '../words/events.ts'
import type { PublicUrl, SitePath } from '../words/model.ts'
import { hostFiles } from './host-files.ts'
import { precachedWarnings } from './precached.ts'
import type { Repair } from './repair.ts'

export interface WarningInput {
  readonly options: SyncOptions
  readonly layout: Layout | undefined
  readonly survey: Survey
  /** References that lead nowhere, or out of the site. */
  readonly problems: readonly ReferenceNote[]
  /** Files without a hash in their name that are cached for long. */
  readonly long: readonly SitePath[]
  readonly repair: Pick<Repair, 'lost' | 'remade'> | undefined
  /** Where the store's client looks for an endpoint that the target does not name. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Warnings about the plan as a whole, not about single files. */
export function draftWarnings(input: WarningInput): Warning[] {
  const { options, layout, problems, long, repair } = input
  const { target, allowInsecure } = options
  const missing = problems.filter(({ result }) => result === 'missing')
  const outside = problems.filter(({ result }) => result === 'outside')
  const isPlain = target.kind === 's3' && target.endpoint?.startsWith('http:') === true && allowInsecure
  const all: (Warning | undefined)[] = [
    warning('W_REF_MISSING', missing.map(placeOf), 'references name files that the site does not have'),
    warning('W_REF_OUTSIDE', outside.map(placeOf), 'references lead out of the site; nothing outside was read'),
    keptWarning(options, layout),
    warning(
      'W_NAME_PLUS',
      namesWithPlus(input),
      'links to names with `+` fail in Amazon S3, which reads it as a space, unless something in front encodes it',
      PLUS_FIX,
    ),
    warning('W_PREFIX_PATH', prefixMismatch(options), 'the path of `url` and the prefix differ', PREFIX_FIX),
    warning('W_IMMUTABLE_UNHASHED', long, 'names without a hash are cached for long', 'shorten the rule, or rename'),
    warning(
      'W_CHANNEL_LOST',
      repair?.lost ?? [],
      'the live release of these channels has no record any more',
      'publish each of them again',
    ),
    warning(
      'W_POINTER_REMADE',
      repair?.remade ?? [],
      'what is live was lost and is made anew from the records of releases: these channels count as live, which of them had ended is forgotten, and so are their orders',
      '`lading channel end NAME` for each that had ended; run no older pipeline again',
    ),
    warning('W_PREFIX_ROOT', isBucketRoot(options) ? [target.label] : [], 'no prefix: the whole bucket is the site’s'),
    warning('W_PLAINTEXT', isPlain ? [target.label] : [], 'credentials and content travel unencrypted'),
  ]
  return [
    ...all.filter((found) => found !== undefined),
    ...precachedWarnings(options, layout, input.survey),
    ...policyWarnings(input),
  ]
}

/** Content security policies that would block moved files. */
function policyWarnings({ options, layout, survey }: WarningInput): Warning[] {
  const { delivery, site, base } = options
  if (layout === undefined || delivery.mode === 'mirror') return []
  const { hosts } = readHostFiles(hostFiles(survey))
  const pages = new Map([...layout.policies].filter(([, { policies }]) => hosts.length > 0 || policies.length > 0))
  return cspWarnings({ pages, hosts, url: delivery.url, site, base })
}

function keptWarning({ delivery }: SyncOptions, layout: Layout | undefined): Warning | undefined {
  if (delivery.mode === 'mirror') return undefined
  const items = [...(layout?.kept ?? [])].map(([path, reason]) => `${path}: ${reason}`)
  const message = delivery.mode === 'host' ? 'files are named by their own paths' : 'files stay at the site'
  const { url } = delivery
  const waitsForCors = items.some((item) => item.endsWith(corsUnset(url)))
  return warning('W_CLASS_KEPT', items, message, waitsForCors ? corsFix(url) : 'lading explain FILE tells more')
}

const corsFix = ({ href }: PublicUrl): string =>
  `once lading doctor finds that ${href} allows it, set \`cors: true\`; lading policy cors says how to allow it`

const PREFIX_FIX = 'make them equal, unless your CDN takes the path off before it asks the bucket (CloudFront does not)'

const PLUS_FIX = 'rename them, write %2B in links to them, or put what `lading policy edge` prints in front'

/**
 * What lies in Amazon S3 under its own path, with a plus sign in it, and is named by links and the like, which are not
 * rewritten. Other kinds of stores read a plus sign as it is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
 */
function namesWithPlus({ options, layout, survey, env }: WarningInput): SitePath[] {
  const { target, delivery } = options
  if (target.kind !== 's3' || !isAmazon(target.endpoint ?? env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL)) return []
  if (delivery.mode !== 'mirror' && delivery.mode !== 'host') return []
  const stored = survey.files.filter(({ originOnly }) => !originOnly).map(({ path }) => path)
  return stored.filter((path) => path.includes('+') && !layout?.moved.has(path))
}

const isAmazon = (endpoint: string | undefined): boolean =>
  endpoint === undefined || /\.amazonaws\.com(?:\.cn)?(?:[:/]|$)/.test(endpoint)

/** A path that a CDN routes to the bucket usually arrives there whole. */
function prefixMismatch({ delivery, target }: SyncOptions): string[] {
  if (delivery.mode === 'mirror' || delivery.url.kind !== 'path' || target.kind !== 's3') return []
  const expected = delivery.url.href.slice(1)
  return target.prefix === expected ? [] : [`${delivery.url.href} and ${target.label}`]
}

function isBucketRoot({ target }: SyncOptions): boolean {
  return target.kind === 's3' && target.prefix === ''
}

const placeOf = ({ from, line, url, place }: ReferenceNote): string => `${from}:${line} ${place} ${maskText(url)}`

function warning(code: WarningCode, items: readonly string[], message: string, fix?: string): Warning | undefined {
  return items.length === 0 ? undefined : { code, message, items, fix }
}

/** Warnings that `strict` turns into a refusal: they are about the site itself, not about this run. */
const STRICT: ReadonlySet<WarningCode> = new Set([
  'W_CASE_COLLISION',
  'W_CSP',
  'W_DANGLING',
  'W_ENCODING_SKIPPED',
  'W_IMMUTABLE_UNHASHED',
  'W_MIME_MISMATCH',
  'W_MIME_UNKNOWN',
  'W_NAME_CONFUSABLE',
  'W_NAME_WINDOWS',
  'W_PATTERN_UNUSED',
  'W_REF_MISSING',
  'W_REF_OUTSIDE',
  'W_SPECIAL_FILE',
])

/** @throws E_STRICT */
export function refuseStrict({ strict }: SyncOptions, warnings: readonly Warning[]): void {
  const serious = warnings.filter(({ code }) => STRICT.has(code))
  if (!strict || serious.length === 0) return
  throw new LadingError('E_STRICT', 'Warnings stop this run, because it is strict', {
    details: serious.flatMap(({ code, message, items }) => [
      `${code}  ${message}`,
      ...items.map((item) => `  ${item}`),
    ]),
    hint: 'Mend them, or run without --strict.',
  })
}

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicyOptions } from '../config/policy.ts'
import { isAmazons, isAtAmazon } from '../config/target.ts'
import { type CorsRequest, corsPolicy } from '../policy/cors.ts'
import { deployPolicy } from '../policy/deploy.ts'
import type { PolicyDocument, PolicyProvider } from '../policy/document.ts'
import { type EdgePart, edgePolicy } from '../policy/edge.ts'
import { parseRedirects, type Redirects } from '../policy/redirects.ts'
import { unusualNames } from '../policy/unusual-names.ts'
import { scan } from '../site/scan/scan.ts'
import { LadingError } from '../words/errors.ts'
import type { SitePath } from '../words/model.ts'

/** What a person may ask for beyond the configuration. */
export interface PolicyAsk<Part> {
  /** @default told from the store's address */
  readonly provider?: PolicyProvider | undefined
  /** @default the one that fits */
  readonly part?: Part | undefined
}

export interface CorsAsk extends PolicyAsk<CorsRequest['part']> {
  /** @default every one */
  readonly origins?: readonly string[] | undefined
}

/**
 * CORS settings for the store, or for the CDN in front of it, so that other hosts may read. Makes no requests and
 * writes nothing.
 * @throws E_USAGE when the provider is not known, or an origin is none
 */
export async function corsFor(options: PolicyOptions, ask: CorsAsk = {}): Promise<PolicyDocument> {
  const provider = ask.provider ?? (await providerOf(options))
  const { bucket, endpoint } = placeOf(options)
  const part = ask.part ?? (provider === 'aws' ? fittingPart(options) : 'bucket')
  const made = corsPolicy({ provider, part, bucket, endpoint, origins: ask.origins })
  return { ...made, notes: [...made.notes, ...corsNotes(options, ask)] }
}

/** Requests to the bucket's own host name bypass the CDN. */
function fittingPart({ url, target }: PolicyOptions): CorsRequest['part'] {
  if (target?.kind === 's3' && target.endpoint !== undefined) return 'bucket'
  const host = url?.kind === 'host' ? new URL(url.href).hostname : ''
  return isAmazons(host) ? 'bucket' : 'headers'
}

function corsNotes({ url, site }: PolicyOptions, { origins = [] }: CorsAsk): string[] {
  if (url?.kind === 'path') {
    return [`Pages that load from ${url.href} of their own host need none of this: they share its origin.`]
  }
  const cors = 'Once it answers so, say cors: true in the configuration; sync checks it before pages go out.'
  if (origins.length > 0 || site === undefined) return [cors]
  return [cors, `To let only your site read: --origin ${new URL(site).origin}`]
}

export interface EdgeAsk extends PolicyAsk<EdgePart> {
  readonly brotli?: boolean | undefined
}

/** The document, with what it could not cover. */
export interface EdgeDocument extends PolicyDocument {
  /** Lines of `_redirects`, as written. */
  readonly leftOut: readonly string[]
}

/**
 * The edge function or configuration between visitors and the store. Reads the site, if it is there, for redirects and
 * for names that no pattern can classify. Makes no requests and writes nothing.
 * @throws E_USAGE when the provider is not known, E_PREFIX, E_TOO_LARGE
 */
export async function edgeFor(options: PolicyOptions, ask: EdgeAsk = {}): Promise<EdgeDocument> {
  const provider = ask.provider ?? (await providerOf(options))
  const { redirects, unsupported, paths } = siteFacts(options)
  const mount = options.url === undefined ? '/' : new URL(options.url.href, 'https://site.invalid').pathname
  const made = edgePolicy({
    ...placeOf(options),
    ...unusualNames(paths, mount),
    ...{ provider, redirects, part: ask.part, url: options.url, hasPages: options.hasPages },
    brotli: ask.brotli ?? false,
  })
  const lacksPage = ask.part === 'errors' && paths.length > 0 && !paths.includes('404.html')
  const notes = lacksPage ? [...made.notes, 'The site has no 404.html yet.'] : made.notes
  const holdsRedirects = ask.part === undefined || ask.part === 'function'
  return { ...made, notes, leftOut: holdsRedirects ? unsupported : [] }
}

/** Lines of `_redirects`, and the files. Without pages in the store, or without the site, there are none. */
export function siteFacts({ root, include, exclude, cacheDir, hasPages }: PolicyOptions): Redirects & {
  readonly paths: readonly SitePath[]
} {
  if (!hasPages || root === undefined || !existsSync(root)) return { ...parseRedirects(''), paths: [] }
  const { files } = scan({ root, include, exclude, cacheDir, strict: false, allowControl: false })
  const file = join(root, '_redirects')
  const text = statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : ''
  return { ...parseRedirects(text), paths: files.filter(({ originOnly }) => !originOnly).map(({ path }) => path) }
}

/**
 * The IAM policy of whoever deploys. Makes no requests and writes nothing.
 * @throws E_USAGE when the provider is not known or is not AWS, E_PREFIX, E_TOO_LARGE
 */
export async function iamFor(
  options: PolicyOptions,
  { provider }: Pick<PolicyAsk<never>, 'provider'> = {},
): Promise<PolicyDocument> {
  const { target, state, cdn, hasPages } = options
  const { bucket = 'BUCKET', prefix } = placeOf(options)
  return deployPolicy({
    ...{ bucket, prefix, hasPages, provider: provider ?? (target ? await providerOf(options) : 'aws') },
    region: target?.kind === 's3' ? target.region : undefined,
    state: state?.kind === 's3' && isAtAmazon(state) ? state : undefined,
    distribution: cdn?.kind === 'cloudfront' ? cdn.distribution : undefined,
  })
}

interface Place {
  readonly bucket: string | undefined
  readonly prefix: string
  readonly endpoint: string | undefined
}

function placeOf({ target, url }: PolicyOptions): Place {
  if (target?.kind === 's3') return target
  return { bucket: undefined, prefix: url?.kind === 'path' ? url.href.slice(1) : '', endpoint: undefined }
}

const SAY = 'Say --provider aws, r2 or minio.'

async function providerOf({ target }: PolicyOptions): Promise<PolicyProvider> {
  if (target?.kind !== 's3') {
    throw new LadingError('E_USAGE', 'no provider was given', {
      why: target === undefined ? 'No store is configured yet.' : 'A folder has no provider.',
      hint: SAY,
    })
  }
  const { profileOf } = await import('../store/s3/profiles.ts')
  const profile = profileOf(target.endpoint === undefined ? undefined : new URL(target.endpoint))
  if (profile.tools !== undefined) return profile.tools
  throw new LadingError('E_USAGE', 'the provider is not known by the address of the store', {
    subject: target.label,
    hint: `${SAY} Most stores take CORS as Amazon's do: --provider aws --part bucket.`,
  })
}

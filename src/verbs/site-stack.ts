import type { Target } from '../config/interface.ts'
import type { SiteStackOptions } from '../config/stack.ts'
import { isAtAmazon } from '../config/target.ts'
import { checkNameable } from '../policy/deploy.ts'
import { jsonText } from '../policy/document.ts'
import { unusualNames } from '../policy/unusual-names.ts'
import { encodePath } from '../rewrite/url.ts'
import { checkDomains, domainsOf } from '../stack/domains.ts'
import { parseGitHub } from '../stack/github.ts'
import { SITE_FILE, siteCommands, siteNotes } from '../stack/how-to.ts'
import { checkName } from '../stack/name.ts'
import { type SiteRequest, siteTemplate } from '../stack/site.ts'
import { parameter, type SyncRequest, syncCommand } from '../stack/sync-command.ts'
import { LadingError } from '../words/errors.ts'
import { type EdgeDocument, siteFacts } from './policies.ts'

/** What a person may ask for beyond the configuration. */
export interface SiteStackAsk {
  /** Of the stack, and what names in it begin with. @default 'lading-site' */
  readonly name?: string | undefined
  /** Host names that it answers at. @default that of `url`, or in mirror mode of `site` */
  readonly domains?: readonly string[] | undefined
  /** Who may read from pages of other hosts, which is CORS. @default everybody with `cors`, else nobody */
  readonly origins?: readonly string[] | undefined
  /** The branch whose runs may deploy: `acme/site@main`. @default none */
  readonly github?: string | undefined
  /** The bucket refuses to replace hashed names, whoever asks. @default false */
  readonly createOnly?: boolean | undefined
  /** The folder with the site, as it is to stand in the command that deploys. @default left out */
  readonly root?: string | undefined
}

/**
 * A CloudFormation template with what a site needs of AWS, and the commands that make the stack. Reads the site, if it
 * is there, as `edgeFor` does. Makes no requests and writes nothing.
 *
 * @throws E_USAGE, E_URL, E_PREFIX, E_TOO_LARGE
 */
export async function siteStack(options: SiteStackOptions, ask: SiteStackAsk = {}): Promise<EdgeDocument> {
  const { name = 'lading-site', createOnly = false } = ask
  checkName(name)
  if (createOnly && options.mode === 'mirror') throw noHashedNames()
  const github = ask.github === undefined ? undefined : parseGitHub(ask.github)
  const domains = domainsOf(options, ask.domains)
  checkDomains(domains, options.url, ask.domains !== undefined)
  const origins = ask.origins ?? (options.cors ? ['*'] : undefined)
  const { bucket, prefix, originPath, mount } = placeOf(options)
  const { redirects, unsupported, paths } = siteFacts(options)
  const request: SiteRequest = {
    ...{ name, bucket, prefix, originPath, origins, domains, github: github?.subject, isCreateOnly: createOnly },
    state: stateOf(options, bucket),
    hasPages: options.hasPages,
    edge: {
      ...unusualNames(paths, mount),
      ...{ provider: 'aws', redirects, hasPages: options.hasPages, brotli: false },
      url: { kind: 'host', href: `https://site.invalid${mount}` },
      prefix: decodeURIComponent(mount.slice(1)),
    },
    sync: syncCommand(syncOf(options, { bucket, prefix, domains, origins, root: ask.root })),
  }
  const lacksPage = paths.length > 0 && !paths.includes('404.html')
  return {
    file: SITE_FILE,
    text: jsonText(siteTemplate(request)),
    commands: siteCommands(request, options.target?.kind === 's3' ? options.target : {}),
    notes: [...siteNotes(request, github), ...(lacksPage ? ['The site has no 404.html yet.'] : [])],
    leftOut: unsupported,
  }
}

/** There `a/` is a folder as any other. */
function noHashedNames(): LadingError {
  return new LadingError('E_USAGE', '--create-only is for hashed names, and a mirror has none', {
    hint: 'Leave it out, or add --host, --out DIR or --in-place.',
  })
}

interface Place {
  readonly bucket: string | undefined
  readonly prefix: string
  /** The path of the store that visitors do not see. */
  readonly originPath: string
  /** Where they see it; percent-encoded, begins and ends with `/`. */
  readonly mount: string
}

/** CloudFront can put a path in front of what visitors ask for, and take nothing away. */
function placeOf({ target, url, mode, base }: SiteStackOptions): Place {
  const path = url?.href ?? (mode === 'mirror' ? base : '/')
  const mount = new URL(path, 'https://site.invalid').pathname
  const seen = decoded(mount)
  if (target === undefined) {
    checkNameable(seen)
    return { bucket: undefined, prefix: seen.slice(1), originPath: '', mount }
  }
  const { bucket, prefix } = newBucket(target)
  checkNameable(prefix)
  const whole = `/${prefix}`
  if (!whole.endsWith(seen)) {
    throw new LadingError('E_PREFIX', `visitors see the store at ${seen}, and its prefix is "${prefix}"`, {
      why: 'CloudFront takes no path off before it asks the bucket.',
      hint: `Write --to s3://${bucket}${seen}`,
    })
  }
  return { bucket, prefix, originPath: encodePath(whole.slice(0, -seen.length)), mount }
}

/** @throws E_URL */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new LadingError('E_URL', `"${path}" cannot be the path of the site`, {
      why: 'A "%" there is followed by no character.',
      hint: 'Write %25 for a "%".',
      cause,
    })
  }
}

/** @throws E_USAGE for a store that CloudFormation cannot make */
function newBucket(target: Target): { readonly bucket: string; readonly prefix: string } {
  const refuse = (what: string, why: string): LadingError =>
    new LadingError('E_USAGE', what, { subject: target.label, why, hint: 'Write --to s3://BUCKET/PREFIX' })
  if (target.kind === 'folder') throw refuse('the store is a folder', 'The template makes a bucket of S3.')
  const { bucket, prefix } = target
  if (!isAtAmazon(target)) {
    throw refuse('the store is not at Amazon', 'The template makes a bucket of S3 and a distribution of CloudFront.')
  }
  if (bucket.startsWith('arn:'))
    throw refuse('an access point is of a bucket that is there', 'The template makes a new one.')
  return { bucket, prefix }
}

/** What IAM has to allow for it; nothing where the state is in a folder or at another provider. */
function stateOf({ state }: SiteStackOptions, ownBucket: string | undefined): SiteRequest['state'] {
  if (state?.kind !== 's3' || !isAtAmazon(state)) return undefined
  checkNameable(state.prefix)
  return { bucket: state.bucket === ownBucket ? undefined : state.bucket, prefix: state.prefix }
}

type SyncFacts = Pick<SiteRequest, 'bucket' | 'prefix' | 'domains' | 'origins'> & Pick<SiteStackAsk, 'root'>

/** What stands in the command that deploys. */
function syncOf(options: SiteStackOptions, { bucket, prefix, domains, origins, root }: SyncFacts): SyncRequest {
  const { url, mode, base, out, target, state } = options
  const own = domains.find((domain) => !domain.startsWith('*'))
  const isInBucket = state?.kind === 's3' && state.bucket === bucket && isAtAmazon(state)
  return {
    ...{ root, prefix, mode, base, out, cors: origins !== undefined },
    url: url?.href ?? (own === undefined ? undefined : `https://${own}/`),
    profile: target?.kind === 's3' ? target.profile : undefined,
    state: state && (isInBucket ? { prefix: state.prefix } : { address: addressOf(state) }),
  }
}

function addressOf(target: Target): string {
  if (target.kind === 'folder') return target.label
  const { region, endpoint, profile } = target
  const given = Object.entries({ region, endpoint, profile }).flatMap(([name, value]) =>
    value ? [`${name}=${parameter(value)}`] : [],
  )
  return target.label + (given.length > 0 ? `?${given.join('&')}` : '')
}

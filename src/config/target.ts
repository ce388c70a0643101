import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LadingError, printable } from '../words/errors.ts'
import { closest } from '../words/units.ts'
import { checkBucket, checkEndpoint, endpointUserInfo, normalizePrefix } from './bucket.ts'
import type { Target } from './interface.ts'
import { carriesSecrets, hasEndpointUserInfo, maskAddress } from './mask.ts'

const EXAMPLE = 'Write s3://BUCKET/PREFIX (with ?region=, ?endpoint= or ?profile= behind it), or a folder.'

/** What may follow the `?` of an `s3://` address. */
const PARAMETERS = ['endpoint', 'region', 'profile'] as const

/** Virtual-hosted and path-style addresses of Amazon S3, as people copy them from a browser. */
const S3_VIRTUAL_HOST = /^https?:\/\/([a-z0-9.-]+)\.s3(?:[.-]([a-z0-9-]+))?\.amazonaws\.com(?:\/([^?#]*))?/
const S3_PATH_STYLE = /^https?:\/\/s3(?:[.-]([a-z0-9-]+))?\.amazonaws\.com\/([^/?#]+)(?:\/([^?#]*))?/

/** `arn:aws:s3:::bucket`, and access points, whose name holds a `/`. */
const ARN = /^(arn:[a-z-]+:s3:(?:::[^/]+|[a-z0-9-]+:\d{12}:accesspoint\/[^/]+))(?:\/(.*))?$/s

/**
 * Reads a store's address: `s3://bucket/prefix?endpoint=&region=&profile=`, an ARN, a `file:` URL or a folder, which is
 * resolved against `cwd`. The prefix of the result is empty or ends with `/`.
 *
 * @throws E_USAGE for an address of another kind or an unknown parameter
 * @throws E_CONFIG_SECRET when the address carries credentials; the message masks them
 * @throws E_BUCKET_NAME, E_ENDPOINT, E_PREFIX for those parts
 */
export function parseTarget(text: string, cwd: string): Target {
  refuseSecrets(text)
  if (/^s3:\/\//i.test(text)) return parseS3(text.slice('s3://'.length))
  if (text.startsWith('arn:')) return parseS3(text)
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase() // a single letter is a Windows drive
  if (scheme === 'file') return folder(fileUrlPath(text), cwd)
  if (scheme === 'http' || scheme === 'https') throw webAddress(text)
  if (scheme !== undefined) throw unknownScheme(scheme, text)
  if (/^s3\/\//i.test(text)) throw withoutColon(text)
  return folder(text, cwd)
}

/** A folder named like an address must be written with `./`: otherwise a typo would publish into a folder. */
function unknownScheme(scheme: string, text: string): LadingError {
  const rest = text.slice(scheme.length + 1)
  const isTypo = scheme === 's3'
  return new LadingError('E_USAGE', `"${scheme}:${rest.startsWith('//') ? '//' : ''}" is no kind of store`, {
    subject: printable(maskAddress(text)),
    hint: rest.startsWith('//')
      ? EXAMPLE
      : `Write ${isTypo ? `s3://${rest.replace(/^\/+/, '')}` : 's3://BUCKET/PREFIX'}; for a folder with a colon: ./${text}`,
  })
}

const withoutColon = (text: string): LadingError =>
  new LadingError('E_USAGE', 'the colon of the address is missing', {
    subject: printable(maskAddress(text)),
    hint: `Write s3:${text.slice('s3'.length)}; for a folder of that name: ./${text}`,
  })

function refuseSecrets(text: string): void {
  // Before the parameters are parsed: a `&` in a secret would turn its end into a parameter's name, which messages
  // quote.
  if (hasEndpointUserInfo(text)) throw endpointUserInfo(/[?&](endpoint=[^&]*)/i.exec(maskAddress(text))?.[1] ?? '')
  if (!carriesSecrets(text)) return
  throw new LadingError('E_CONFIG_SECRET', 'the address of the store carries credentials', {
    subject: maskAddress(text),
    why: 'Addresses end up in logs, shell histories and repositories.',
    hint: 'Remove them; credentials come from AWS_* variables, a profile (?profile=NAME) or the CI (OIDC).',
  })
}

function folder(text: string, cwd: string): Target {
  if (text.trim() === '') throw new LadingError('E_USAGE', 'the address of the store is empty', { hint: EXAMPLE })
  if (text.includes('\0')) {
    throw new LadingError('E_USAGE', 'the folder of the store has a NUL in its name', { subject: printable(text) })
  }
  return { kind: 'folder', path: resolve(cwd, text), label: text }
}

function fileUrlPath(text: string): string {
  try {
    return fileURLToPath(text)
  } catch {
    throw new LadingError('E_USAGE', 'this file: address names no folder here', {
      subject: maskAddress(text),
      hint: EXAMPLE,
    })
  }
}

/** `rest` is what follows `s3://`. Not read with `URL`: it would resolve `..` away and encode what is literal in a key. */
function parseS3(rest: string): Target {
  const mark = rest.indexOf('?')
  const address = mark === -1 ? rest : rest.slice(0, mark)
  const parameters = readParameters(mark === -1 ? '' : rest.slice(mark + 1), maskAddress(`s3://${address}`))
  const arn = ARN.exec(address)
  const slash = address.indexOf('/')
  const bucket = arn ? bucketOfArn(arn[1] ?? '') : slash === -1 ? address : address.slice(0, slash)
  const rawPrefix = arn ? (arn[2] ?? '') : slash === -1 ? '' : address.slice(slash + 1)
  checkBucket(bucket)
  const prefix = normalizePrefix(rawPrefix)
  return {
    kind: 's3',
    bucket,
    prefix,
    endpoint: parameters.endpoint === undefined ? undefined : checkEndpoint(parameters.endpoint),
    region: parameters.region,
    profile: parameters.profile,
    label: `s3://${bucket}/${prefix}`,
  }
}

/** A bucket's ARN says no more than its name; an access point is addressed by its whole ARN. */
const bucketOfArn = (arn: string): string => (arn.includes(':::') ? arn.slice(arn.lastIndexOf(':') + 1) : arn)

type Parameters = Partial<Record<(typeof PARAMETERS)[number], string>>

function readParameters(query: string, subject: string): Parameters {
  const found: Parameters = {}
  for (const [name, value] of new URLSearchParams(query)) {
    const known = PARAMETERS.find((parameter) => parameter === name)
    if (known === undefined) {
      const meant = closest(name, PARAMETERS)
      throw new LadingError('E_USAGE', `the address of a store has no parameter "${printable(maskAddress(name))}"`, {
        subject,
        hint: meant ? `Did you mean "${meant}"?` : `Known are ${PARAMETERS.join(', ')}.`,
      })
    }
    if (value === '') throw new LadingError('E_USAGE', `the parameter "${name}" has no value`, { subject })
    found[known] = value
  }
  return found
}

function webAddress(text: string): LadingError {
  const virtual = S3_VIRTUAL_HOST.exec(text)
  if (virtual) return webHint(text, `s3://${virtual[1]}/${virtual[3] ?? ''}${inRegion(virtual[2])}`)
  const path = S3_PATH_STYLE.exec(text)
  if (path) return webHint(text, `s3://${path[2]}/${path[3] ?? ''}${inRegion(path[1])}`)
  const origin = /^https?:\/\/[^/?#]+/.exec(text)?.[0] ?? text
  return webHint(text, `s3://BUCKET/PREFIX?endpoint=${origin}`)
}

/** An address without a region does not say where the bucket lies. */
const inRegion = (region: string | undefined): string => (region === undefined ? '' : `?region=${region}`)

const webHint = (text: string, line: string): LadingError =>
  new LadingError('E_USAGE', 'a store is not named by its web address', {
    subject: printable(maskAddress(text)),
    why: 'The public address of the files belongs in `url`; `to` names where they are put.',
    hint: `Write ${line}`,
  })

/** Whether a host is one of Amazon's own, and not a site's. */
export const isAmazons = (host: string): boolean => /(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(host)

/** Whether a store of S3 is Amazon's. */
export const isAtAmazon = ({ endpoint }: { readonly endpoint?: string | undefined }): boolean =>
  endpoint === undefined || isAmazons(new URL(endpoint).hostname)

import { LadingError } from '../words/errors.ts'
import { corsHeadersPolicy } from './cors-cloudfront.ts'
import { jsonText, type PolicyDocument, type PolicyProvider } from './document.ts'

export interface CorsRequest {
  readonly provider: PolicyProvider
  /** Where the answer is made: by the bucket, or by the CDN in front of it. Only AWS knows both. */
  readonly part: 'bucket' | 'headers'
  /** @default `BUCKET`, for the reader to fill in */
  readonly bucket?: string | undefined
  /** Of a store with the protocol of S3 that is not Amazon's. */
  readonly endpoint?: string | undefined
  /** Origins that may read, `https://www.example.com`. @default every one */
  readonly origins?: readonly string[] | undefined
}

/** Reading is all that a page does with a file. */
export const METHODS: readonly string[] = ['GET', 'HEAD']

/** How long a browser may keep the answer to a preflight, in seconds: the most that Cloudflare takes. https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/cors */
export const MAX_AGE_SECONDS = 86_400

/**
 * What lets pages of other hosts read fonts and modules: GET and HEAD, no credentials, no header asked or shown beyond
 * those that every response shows.
 * @throws E_USAGE for what is no origin, or a part that the provider does not have
 */
export function corsPolicy(request: CorsRequest): PolicyDocument {
  const origins = checkedOrigins(request.origins ?? [])
  const asked = { ...request, origins, bucket: request.bucket ?? 'BUCKET' }
  if (request.provider === 'aws') return request.part === 'bucket' ? s3Cors(asked) : corsHeadersPolicy(asked)
  if (request.part === 'headers') {
    throw new LadingError('E_USAGE', `--part headers is for CloudFront, and the provider is ${request.provider}`, {
      hint: 'Leave it out, or say --provider aws.',
    })
  }
  return request.provider === 'r2' ? r2Cors(asked) : minioCors(asked)
}

/** With the defaults filled in. */
export interface AskedCors extends CorsRequest {
  readonly bucket: string
  readonly origins: readonly string[]
}

/** `*.` may stand for subdomains. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
const ORIGIN = /^https?:\/\/(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d+)?$/i

function checkedOrigins(origins: readonly string[]): readonly string[] {
  const wrong = origins.find((origin) => origin !== '*' && !ORIGIN.test(origin))
  if (wrong !== undefined) {
    throw new LadingError('E_USAGE', `"${wrong}" is no origin`, {
      subject: '--origin',
      hint: 'Write scheme and host alone: --origin https://www.example.com',
    })
  }
  return origins.length === 0 || origins.includes('*') ? ['*'] : [...new Set(origins)]
}

const ONLY_WITH_ORIGIN =
  'The bucket answers so only when a request has an Origin. A cache in front of it must keep both answers apart, or a picture shown before a script reads it blocks the script.'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html, https://docs.aws.amazon.com/cli/latest/reference/s3api/put-bucket-cors.html */
function s3Cors({ origins, bucket, endpoint }: AskedCors): PolicyDocument {
  const rule = {
    ID: 'lading-read',
    AllowedMethods: METHODS,
    AllowedOrigins: origins,
    MaxAgeSeconds: MAX_AGE_SECONDS,
  }
  const where = endpoint === undefined ? '' : ` --endpoint-url ${endpoint}`
  return {
    file: 'cors.json',
    text: jsonText({ CORSRules: [rule] }),
    commands: [`aws s3api put-bucket-cors --bucket ${bucket}${where} --cors-configuration file://cors.json`],
    notes: [
      'For a bucket that browsers ask themselves. It replaces the rules that the bucket has.',
      `${ONLY_WITH_ORIGIN} Behind CloudFront use --part headers instead.`,
    ],
  }
}

/** https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/cors, https://developers.cloudflare.com/r2/buckets/cors/ */
function r2Cors({ origins, bucket }: AskedCors): PolicyDocument {
  const rule = { id: 'lading-read', allowed: { origins, methods: METHODS }, maxAgeSeconds: MAX_AGE_SECONDS }
  return {
    file: 'cors.json',
    text: jsonText({ rules: [rule] }),
    commands: [`npx wrangler r2 bucket cors set ${bucket} --file cors.json`],
    notes: [
      'It replaces the rules that the bucket has. The same document is the body of PUT /accounts/ACCOUNT/r2/buckets/BUCKET/cors.',
      `${ONLY_WITH_ORIGIN} Cloudflare's cache needs one purge after the change; surest is a response header rule that sets Access-Control-Allow-Origin on every answer.`,
    ],
  }
}

/** https://docs.min.io/enterprise/aistor-object-store/reference/cli/mc-cors/mc-cors-set */
function minioCors({ origins, bucket }: AskedCors): PolicyDocument {
  const tags = [
    ['ID', 'lading-read'],
    ...origins.map((origin) => ['AllowedOrigin', origin]),
    ...METHODS.map((method) => ['AllowedMethod', method]),
    ['MaxAgeSeconds', String(MAX_AGE_SECONDS)],
  ]
  const lines = tags.map(([name, value]) => `    <${name}>${value}</${name}>`)
  return {
    file: 'cors.xml',
    text: `<?xml version="1.0" encoding="UTF-8"?>
<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <CORSRule>
${lines.join('\n')}
  </CORSRule>
</CORSConfiguration>
`,
    commands: [`mc cors set ALIAS/${bucket} cors.xml`],
    notes: [
      'It replaces the rules that the bucket has, and stands above MINIO_API_CORS_ALLOW_ORIGIN, which allows every origin unless it is set. A server without rules for buckets has only that.',
      ONLY_WITH_ORIGIN,
    ],
  }
}

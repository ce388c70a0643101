import { VARIANTS_FOLDER } from '../images/plan/keys.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { createOnly, NO_CUSTOMER_KEYS, privateBucket, TLS_ONLY } from './private-bucket.ts'
import type { SiteRequest } from './site.ts'
import { literal, policy, type Resource, ref, type Statement, sub, type Value } from './template.ts'

/**
 * Days after which parts of a broken upload are removed: a run that goes on with them comes sooner, and removes those
 * of dead runs itself.
 */
const UPLOAD_DAYS = 7

/** What visitors may get where pages are elsewhere: hashed files, and variants of images. */
const OFFLOADED = [ASSET_FOLDER, VARIANTS_FOLDER] as const

const objects = (...keys: readonly string[]): Value => keys.map((key) => sub(`\${Bucket.Arn}/${literal(key)}`))

export const DISTRIBUTION_ARN: Value = sub(
  `arn:\${AWS::Partition}:cloudfront::\${AWS::AccountId}:distribution/\${Distribution}`,
)

/** The store, which outlives its stack: it holds the site. */
export function siteBucket(request: SiteRequest): Readonly<Record<string, Resource>> {
  const uploads = {
    Id: 'uploads',
    Status: 'Enabled',
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: UPLOAD_DAYS },
  }
  const PolicyDocument = policy(...cloudFrontReads(request), TLS_ONLY, NO_CUSTOMER_KEYS, ...law(request))
  return {
    Bucket: privateBucket(uploads),
    BucketRules: { Type: 'AWS::S3::BucketPolicy', Properties: { Bucket: ref('Bucket'), PolicyDocument } },
  }
}

/** This one distribution, and never a state folder: it lists what was published. */
function cloudFrontReads(request: SiteRequest): readonly Statement[] {
  const { prefix, hasPages } = request
  const read = { Principal: { Service: 'cloudfront.amazonaws.com' }, Action: 's3:GetObject' }
  return [
    {
      Sid: 'CloudFrontReads',
      Effect: 'Allow',
      ...read,
      Resource: objects(...(hasPages ? [''] : OFFLOADED).map((folder) => `${prefix}${folder}*`)),
      Condition: { StringEquals: { 'aws:SourceArn': DISTRIBUTION_ARN } },
    },
    { Sid: 'HideState', Effect: 'Deny', ...read, Resource: objects(...stateFolders(request)) },
  ]
}

/** Also those of other sites below the prefix, and one that has another name. */
function stateFolders({ prefix, state }: SiteRequest): readonly string[] {
  const isBelow = state !== undefined && state.bucket === undefined && state.prefix.startsWith(prefix)
  const named = isBelow && state.prefix !== prefix ? [`${state.prefix}*`] : []
  return [`${prefix}.lading/*`, `${prefix}*/.lading/*`, ...named]
}

function law({ prefix, isCreateOnly }: SiteRequest): readonly Statement[] {
  return isCreateOnly ? [createOnly('HashedNamesAreCreateOnly', objects(`${prefix}${ASSET_FOLDER}*`))] : []
}

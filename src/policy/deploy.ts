import { ASSET_FOLDER } from '../plan/naming.ts'
import { policy, type Statement, type Value } from '../stack/template.ts'
import { LadingError } from '../words/errors.ts'
import { jsonText, type PolicyDocument, type PolicyProvider } from './document.ts'

/** A bucket, and where in it. */
export interface BucketPlace {
  /** The ARN of the bucket, or of what lies below it: `www/*`. */
  arn(below?: string): Value
  /** Empty, or ending with `/`. */
  readonly prefix: string
}

export interface DeployRights {
  readonly store: BucketPlace
  /** Where the state is in a bucket, if not in the store. */
  readonly state?: BucketPlace | undefined
  /** Pages are in the store too: those that the site lost are removed. */
  readonly hasPages: boolean
  /** ARN of the distribution that is told of changed names. @default none */
  readonly distribution?: Value | undefined
}

/** What `sync`, `rollback` and the like need of IAM, and nothing else: no ACL, no policy, no other prefix. */
export function deployStatements({ store, state, hasPages, distribution }: DeployRights): readonly Statement[] {
  const { arn, prefix } = store
  const probes = [probesIn(prefix), `${prefix}${ASSET_FOLDER}lading-probe-*`]
  return [
    ...readAndWrite('', store),
    hasPages
      ? allow('RemovePages', 's3:DeleteObject', arn(`${prefix}*`))
      : allow('RemoveProbes', 's3:DeleteObject', probes.map(arn)),
    ...(state === undefined
      ? []
      : [
          ...readAndWrite('State', state),
          allow('RemoveStateProbes', 's3:DeleteObject', state.arn(probesIn(state.prefix))),
        ]),
    ...(distribution === undefined
      ? []
      : [allow('Invalidate', ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'], distribution)]),
  ]
}

/** Objects by which a store is tried out, at its first use and by `doctor`. */
const probesIn = (prefix: string): string => `${prefix}.lading/probe*`

/**
 * `IfExists`, because ListBucket also decides whether a GET of a missing object is a 404 or a 403, and a GET has no
 * prefix to compare.
 */
function readAndWrite(what: string, { arn, prefix }: BucketPlace): readonly Statement[] {
  return [
    {
      ...allow(`List${what}`, ['s3:ListBucket', 's3:ListBucketMultipartUploads'], arn()),
      ...(prefix !== '' && { Condition: { StringLikeIfExists: { 's3:prefix': `${prefix}*` } } }),
    },
    allow(
      `ReadAndWrite${what}`,
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      arn(`${prefix}*`),
    ),
  ]
}

const allow = (Sid: string, Action: Statement['Action'], Resource: Value): Statement => ({
  Sid,
  Effect: 'Allow',
  Action,
  Resource,
})

/**
 * A place whose names are known.
 * @param partition `aws`, `aws-cn`
 * @param bucket or the ARN of an access point, whose objects have a folder in theirs:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
 */
export function placeAt(partition: string, bucket: string, prefix: string): BucketPlace {
  const [own, objects] = bucket.startsWith('arn:')
    ? [bucket, `${bucket}/object/`]
    : [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/`]
  return { arn: (below) => (below === undefined ? own : objects + below), prefix }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const partitionOf = (region = ''): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'

export interface DeployRequest {
  readonly provider: PolicyProvider
  readonly bucket: string
  /** Of the store. Empty, or ending with `/`. */
  readonly prefix: string
  readonly region?: string | undefined
  /** Where the state is, if not in the store. */
  readonly state?: { readonly bucket: string; readonly prefix: string } | undefined
  readonly hasPages: boolean
  /** The distribution that is told of changed names. */
  readonly distribution?: string | undefined
}

/**
 * The policy of whoever deploys.
 * @throws E_USAGE for a provider without IAM; E_PREFIX for one that a policy cannot name; E_TOO_LARGE
 */
export function deployPolicy(request: DeployRequest): PolicyDocument {
  const { provider, bucket, prefix, region, state, hasPages, distribution } = request
  if (provider !== 'aws') {
    throw new LadingError('E_USAGE', `policy iam is for AWS, and the provider is ${provider}`, {
      hint: 'SECURITY.md lists what a key of another store has to allow.',
    })
  }
  for (const each of [prefix, state?.prefix ?? '']) checkNameable(each)
  const partition = partitionOf(region)
  const statements = deployStatements({
    store: placeAt(partition, bucket, prefix),
    state: state && placeAt(partition, state.bucket, state.prefix),
    hasPages,
    distribution: distribution && `arn:${partition}:cloudfront::ACCOUNT:distribution/${distribution}`,
  })
  checkLength(statements)
  const name = `lading-${bucket}-deploy`.replace(/[^\w+=,.@-]/g, '-').slice(0, 128)
  return {
    file: 'deploy.json',
    text: jsonText(policy(...statements)),
    commands: [`aws iam create-policy --policy-name ${name} --policy-document file://deploy.json`],
    notes: [
      'For whoever runs sync and rollback; prune and remove --now should have a role of their own.',
      ...(distribution === undefined ? [] : ['ACCOUNT is the number of the account that has the distribution.']),
    ],
  }
}

/** Of a managed policy, white space left out. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const POLICY_CHARACTERS = 6144

/** @throws E_TOO_LARGE for more than IAM takes */
export function checkLength(statements: readonly Statement[]): void {
  const text = JSON.stringify(policy(...statements)).replaceAll(/\s/g, '')
  const { length } = text.replace('::ACCOUNT:', '::123456789012:') // as it will be
  if (length <= POLICY_CHARACTERS) return
  throw new LadingError('E_TOO_LARGE', `the policy has ${length} characters; IAM takes ${POLICY_CHARACTERS}`, {
    why: 'The prefixes of store and state stand in it several times.',
    hint: 'Choose shorter prefixes, or keep the state where it is by default.',
  })
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
const NOT_LITERAL = /[*?$]/

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
const NO_LETTER = /[^ -\xff]/

/** @throws E_PREFIX for what IAM would take for a pattern, or not at all */
export function checkNameable(prefix: string): void {
  const why = NOT_LITERAL.test(prefix)
    ? 'There "*", "?" and "$" stand for something else.'
    : NO_LETTER.test(prefix)
      ? 'IAM takes no letter beyond Latin-1.'
      : undefined
  if (why === undefined) return
  throw new LadingError('E_PREFIX', `"${prefix}" cannot stand in a policy`, {
    why,
    hint: 'Choose a prefix without them.',
  })
}

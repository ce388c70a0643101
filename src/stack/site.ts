import type { EdgeRequest } from '../policy/edge.ts'
import { deployer } from './deployer.ts'
import { distribution } from './distribution.ts'
import { nameParameter } from './name.ts'
import { bucketName } from './private-bucket.ts'
import { siteBucket } from './site-bucket.ts'
import { attribute, isGiven, type Parameter, ref, sub, type Template } from './template.ts'

export interface SiteRequest {
  /** Prefix of the names of what CloudFront has. */
  readonly name: string
  /** A bucket that is not there yet. @default made up */
  readonly bucket?: string | undefined
  /** Of the store. Empty, or ending with `/`. */
  readonly prefix: string
  /** Where the state is, if not in the store. Without a bucket: in the same one. */
  readonly state?: { readonly bucket?: string | undefined; readonly prefix: string } | undefined
  /** Pages are in the store too. */
  readonly hasPages: boolean
  /** The path of the store that visitors do not see; empty, or with a slash in front and none behind. */
  readonly originPath: string
  /** Of the edge function, whose prefix is what visitors see. */
  readonly edge: EdgeRequest
  /** Who may read from pages of other hosts. @default nobody */
  readonly origins?: readonly string[] | undefined
  /** Host names of the distribution. Empty: its own alone. */
  readonly domains: readonly string[]
  /** The subject that GitHub signs: `repo:acme/site:ref:refs/heads/main`. @default no role */
  readonly github?: string | undefined
  /** Nobody may replace a hashed name. */
  readonly isCreateOnly: boolean
  /** The command that deploys, `${Bucket}` and the like in it. */
  readonly sync: string
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html */
const PRICE_CLASSES = ['PriceClass_100', 'PriceClass_200', 'PriceClass_All'] as const

/**
 * Everything that a site needs of AWS: a bucket, a distribution that alone reads it, and who may deploy. The same
 * request gives the same template, and no secret is in it.
 */
export function siteTemplate(request: SiteRequest): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'A site with Lading: a private bucket, CloudFront in front of it, and who may deploy',
    Parameters: parameters(request),
    Conditions: { HasBucketName: isGiven('BucketName') },
    Resources: { ...siteBucket(request), ...distribution(request), ...deployer(request) },
    Outputs: outputs(request),
  }
}

function parameters({ name, bucket, domains, github }: SiteRequest): Record<string, Parameter> {
  return {
    Name: nameParameter(name, 'What names in CloudFront begin with'),
    BucketName: bucketName(bucket),
    PriceClass: {
      Type: 'String',
      Description: 'Where CloudFront answers: everywhere, or not in its dearer regions',
      Default: 'PriceClass_All',
      AllowedValues: PRICE_CLASSES,
    },
    ...(domains.length > 0 && {
      CertificateArn: {
        Type: 'String',
        Description: `Of ACM in us-east-1, for ${domains.join(', ')}`,
        AllowedPattern: 'arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/.+',
      },
    }),
    ...(github !== undefined && {
      GitHubSubject: {
        Type: 'String',
        Description: 'Whose runs may deploy: the claim sub of their tokens, whole',
        Default: github,
        AllowedPattern: 'repo:[^/:*?]+/[^/:*?]+:[^*?]+',
      },
    }),
  }
}

function outputs({ github, sync }: SiteRequest): Template['Outputs'] {
  return {
    Bucket: { Description: 'The store', Value: ref('Bucket') },
    DistributionId: { Description: 'lading --cdn cloudfront:ID', Value: ref('Distribution') },
    DistributionDomain: {
      Description: 'Where it answers, and what a name of your own points to',
      Value: attribute('Distribution', 'DomainName'),
    },
    DeployPolicy: { Description: 'For the role of whoever deploys', Value: ref('DeployPolicy') },
    ...(github !== undefined && {
      DeployRole: {
        Description: 'role-to-assume of aws-actions/configure-aws-credentials',
        Value: attribute('DeployRole', 'Arn'),
      },
    }),
    Sync: { Description: 'Deploys the site', Value: sub(sync) },
  }
}

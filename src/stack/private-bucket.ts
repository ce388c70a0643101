import { attribute, type Parameter, type Resource, ref, type Statement, sub, type Value } from './template.ts'

/** A bucket of which nothing is public, which takes no ACLs, encrypts, and outlives its stack. */
export function privateBucket(...lifecycle: readonly Value[]): Resource {
  return {
    Type: 'AWS::S3::Bucket',
    // Of a creation that fails nothing stays: the next attempt would find the name taken.
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: { 'Fn::If': ['HasBucketName', ref('BucketName'), ref('AWS::NoValue')] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: { Rules: lifecycle },
    },
  }
}

/** @param name of a bucket that is not there yet */
export function bucketName(name = ''): Parameter {
  return { Type: 'String', Description: 'A new bucket; a name is made up if this is empty', Default: name }
}

/** For everybody, as every Deny of a bucket's policy. */
const EVERYBODY = { Effect: 'Deny', Principal: '*' } as const

export const TLS_ONLY: Statement = {
  Sid: 'TlsOnly',
  ...EVERYBODY,
  Action: 's3:*',
  Resource: [attribute('Bucket', 'Arn'), sub(`\${Bucket.Arn}/*`)],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
}

/**
 * Refuses to replace what is there. The parts of a multipart upload carry no condition; the completing request does.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export const createOnly = (Sid: string, Resource: Value): Statement => ({
  Sid,
  ...EVERYBODY,
  Action: 's3:PutObject',
  Resource,
  Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
})

/** Nobody can put objects that only his own key opens, as extortionists do with stolen credentials. */
export const NO_CUSTOMER_KEYS: Statement = {
  Sid: 'NoCustomerKeys',
  ...EVERYBODY,
  Action: 's3:PutObject',
  Resource: sub(`\${Bucket.Arn}/*`),
  Condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } },
}

import { attribute, policy, type Resource, ref, sub, type Value } from './template.ts'

/** Days after which a batch's records expire; its images stay. */
const BATCH_DAYS = 30

/** Objects below a prefix of the bucket. */
export const objects = (...prefixes: readonly string[]): Value =>
  prefixes.map((prefix) => sub(`\${Bucket.Arn}/${prefix}`))

/** The store, which outlives its stack: it holds the images. */
export function bucket(): Readonly<Record<string, Resource>> {
  return { Bucket: store(), BucketRules: rules() }
}

function store(): Resource {
  return {
    Type: 'AWS::S3::Bucket',
    DeletionPolicy: 'Retain',
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
      LifecycleConfiguration: {
        Rules: [
          { Id: 'batches', Status: 'Enabled', Prefix: 'b/', ExpirationInDays: BATCH_DAYS },
          { Id: 'uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
        ],
      },
    },
  }
}

/** Deny statements only, which apply to every role: also to a compromised worker. */
function rules(): Resource {
  return {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: ref('Bucket'),
      PolicyDocument: policy(
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [attribute('Bucket', 'Arn'), sub(`\${Bucket.Arn}/*`)],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          Sid: 'OriginalsAndVariantsAreCreateOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: objects('o/*', 'v/*'),
          // The parts of a multipart upload carry no condition; the completing request does.
          // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
          Condition: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
        },
      ),
    },
  }
}

import { createOnly, privateBucket, TLS_ONLY } from '../../stack/private-bucket.ts'
import { policy, type Resource, ref, sub, type Value } from '../../stack/template.ts'

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
  return privateBucket(
    { Id: 'batches', Status: 'Enabled', Prefix: 'b/', ExpirationInDays: BATCH_DAYS },
    { Id: 'uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
  )
}

/** Deny statements only, which apply to every role: also to a compromised worker. */
function rules(): Resource {
  return {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: ref('Bucket'),
      PolicyDocument: policy(TLS_ONLY, createOnly('OriginalsAndVariantsAreCreateOnly', objects('o/*', 'v/*'))),
    },
  }
}

import { nameParameter } from '../../stack/name.ts'
import { bucketName } from '../../stack/private-bucket.ts'
import { isGiven, type Parameter, ref, sub, type Template } from '../../stack/template.ts'
import { LEAST_LIFETIME_MINUTES } from '../plan/leaving.ts'
import { bucket } from './bucket.ts'
import { deadMan } from './dead-man.ts'
import { type Arch, fleet, imageOf } from './fleet.ts'
import { policies } from './policies.ts'
import { queues } from './queues.ts'

export interface StackRequest {
  readonly arch: Arch
  /** Prefix of the names of the queues, the group and the roles. */
  readonly name: string
  /** SHA-256 of the worker's bundle. @default none: a required parameter */
  readonly bundle?: string | undefined
  /** Public keys whose jobs and commands the workers obey, each in one line. */
  readonly publicKeys: readonly string[]
  /** Instances at most. */
  readonly maxInstances: number
  /** How long one lives at most. */
  readonly lifetimeMinutes: number
}

/**
 * Everything that a batch needs of AWS: queues, a bucket, roles, and a group of spot instances that begins with none.
 * The same request gives the same template, and no secret is in it.
 */
export function stackTemplate(request: StackRequest): Template {
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Images in bulk with Lading: store, queues, and workers on spot instances (${request.arch})`,
    Parameters: parameters(request),
    Conditions: { HasBucketName: isGiven('BucketName'), HasVpc: isGiven('Vpc') },
    Resources: { ...bucket(), ...queues(), ...policies(), ...fleet(request.arch), ...deadMan() },
    Outputs: outputs(),
  }
}

function parameters(request: StackRequest): Record<string, Parameter> {
  const { arch, name, bundle, publicKeys, maxInstances, lifetimeMinutes } = request
  return {
    Name: nameParameter(name, 'What the names of the queues, of the group and of the roles begin with'),
    BucketName: bucketName(),
    BundleSha256: {
      Type: 'String',
      Description: 'SHA-256 of the code that workers run, as lading batch pack says it',
      ...(bundle !== undefined && { Default: bundle }),
      AllowedPattern: '[0-9a-f]{64}',
    },
    PublicKeys: {
      Type: 'String',
      Description: 'Whose jobs and commands workers obey: public keys, with spaces between them',
      Default: publicKeys.join(' '),
      AllowedPattern: '[A-Za-z0-9+/= ]+',
    },
    MaxSize: { Type: 'Number', Description: 'Instances at most', Default: maxInstances, MinValue: 1 },
    LifetimeMinutes: {
      Type: 'Number',
      Description: 'An instance ends after so long, whatever it does',
      Default: lifetimeMinutes,
      MinValue: LEAST_LIFETIME_MINUTES,
    },
    ImageId: {
      Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
      Description: 'Where AWS names the image: Amazon Linux 2023, which has the AWS CLI',
      Default: imageOf(arch),
    },
    Vpc: { Type: 'String', Description: 'Where instances are; the default VPC if this is empty', Default: '' },
    Subnets: { Type: 'CommaDelimitedList', Description: 'Of that VPC', Default: '' },
  }
}

/** What `batch submit` and `batch worker` are told: --to, --queues and --group. */
function outputs(): Template['Outputs'] {
  return {
    Bucket: { Description: 'Where the bundle goes: bundles/SHA256.tar.gz', Value: ref('Bucket') },
    Store: { Description: 'lading batch --to', Value: sub(`s3://\${Bucket}?region=\${AWS::Region}`) },
    Queues: {
      Description: 'lading batch --queues',
      Value: sub(`https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/\${Name}`),
    },
    Group: { Description: 'lading batch --group', Value: ref('Group') },
    ProducerPolicy: { Description: 'For the role of whoever submits', Value: ref('ProducerPolicy') },
    OperatorPolicy: { Description: 'For the role of whoever looks after it', Value: ref('OperatorPolicy') },
  }
}

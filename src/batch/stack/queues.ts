import { policy, type Resource, ref, sub, type Value } from '../../stack/template.ts'
import { MAX_RECEIVES } from '../plan/deliveries.ts'

/**
 * Every check of an open shard releases its barrier message. 1000 is the maximum of SQS.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html
 */
const MAX_LOOKS = 1000

const FOUR_DAYS = 345_600
const FOURTEEN_DAYS = 1_209_600

/** Queues that workers receive from: logical ids in the template, and the suffixes of the queues' names. */
const WORK_QUEUES: Readonly<Record<string, string>> = {
  HiQueue: 'hi',
  StdQueue: 'std',
  BulkQueue: 'bulk',
  AssemblyQueue: 'assembly',
}

/** @param end what the queue's name ends with: `hi`, `ctl-*` */
export const queueArn = (end: string): Value =>
  sub(`arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:\${Name}-${end}`)

/** The lanes, the assembly queue, the dead letter queue, and the policy of all of them. */
export function queues(): Readonly<Record<string, Resource>> {
  const work = Object.entries(WORK_QUEUES).map(([id, end]) => [id, workQueue(end)] as const)
  return { ...Object.fromEntries(work), DeadQueue: deadQueue(), QueueRules: queueRules() }
}

function workQueue(end: string): Resource {
  const deadLetterTargetArn = { 'Fn::GetAtt': ['DeadQueue', 'Arn'] }
  const maxReceiveCount = end === 'assembly' ? MAX_LOOKS : MAX_RECEIVES
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: sub(`\${Name}-${end}`),
      VisibilityTimeout: 90,
      ReceiveMessageWaitTimeSeconds: 20,
      MessageRetentionPeriod: FOUR_DAYS,
      SqsManagedSseEnabled: true,
      RedrivePolicy: { deadLetterTargetArn, maxReceiveCount },
    },
  }
}

function deadQueue(): Resource {
  return {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: sub(`\${Name}-dead`),
      MessageRetentionPeriod: FOURTEEN_DAYS,
      SqsManagedSseEnabled: true,
      // By name: the queues refer to this one, so references would be circular.
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: Object.values(WORK_QUEUES).map((end) => queueArn(end)),
      },
    },
  }
}

/**
 * Deny statements only: permissions within the account come from the policies of its roles. Each queue has a copy,
 * which applies to that queue only, whatever `Resource` says.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html
 */
function queueRules(): Resource {
  const both = { Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: '*' } as const
  return {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [...Object.keys(WORK_QUEUES), 'DeadQueue'].map(ref),
      PolicyDocument: policy(
        { Sid: 'TlsOnly', ...both, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        {
          Sid: 'AccountOnly',
          ...both,
          Condition: { StringNotEquals: { 'aws:PrincipalAccount': ref('AWS::AccountId') } },
        },
      ),
    },
  }
}

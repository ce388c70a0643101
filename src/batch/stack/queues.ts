import { policy, type Resource, ref, sub, type Value } from './template.ts'

/** Deliveries of a job before it counts as dead; polite releases of spot instances burn some. */
const MAX_RECEIVES = 8
/** A barrier is handed back at every look of an open shard. The most that SQS knows. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html */
const MAX_LOOKS = 1000

const FOUR_DAYS = 345_600
const FOURTEEN_DAYS = 1_209_600

/** Queues that workers take from, by their names in the template: what their addresses end with. */
const WORK_QUEUES: Readonly<Record<string, string>> = {
  HiQueue: 'hi',
  StdQueue: 'std',
  BulkQueue: 'bulk',
  AssemblyQueue: 'assembly',
}

/** @param end what the queue's name ends with: `hi`, `ctl-*` */
export const queueArn = (end: string): Value =>
  sub(`arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:\${Name}-${end}`)

/** The lanes, assembly, where the dead go, and who may speak. */
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
      // By name: the queues themselves name this one, and a circle cannot be made.
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: Object.values(WORK_QUEUES).map((end) => queueArn(end)),
      },
    },
  }
}

/**
 * Refusals alone: who in the account may do what is said by the policies of its roles. Each queue has a copy, which
 * concerns that queue and no other, whatever it names.
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

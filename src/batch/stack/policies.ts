import { attribute, policy, type Resource, ref, type Statement, sub, type Value } from '../../stack/template.ts'
import { objects } from './bucket.ts'
import { queueArn } from './queues.ts'

const LANES = ['hi', 'std', 'bulk'].map((end) => queueArn(end))
const WORK = [...LANES, queueArn('assembly')]

const GROUP = sub(
  `arn:\${AWS::Partition}:autoscaling:\${AWS::Region}:\${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/\${Name}-workers`,
)

/**
 * Describing groups supports no resource-level permissions.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
 */
const LOOK_AT_GROUP = allow('LookAtGroup', 'autoscaling:DescribeAutoScalingGroups', '*')

/**
 * What is put when a batch closes. Its manifest and its items are not among it: whoever could write those would have
 * the next submit sign jobs of theirs.
 */
const CLOSES = ['s/*', 'result.json', 'told.json', 'images.json', 'index.html'].map((name) => `b/*/${name}`)
const RECEIPTS = ['b/*/d/*', 'b/*/f/*', 'b/*/crash/*']

/** Who submits: its own machine, or CI. */
const PRODUCER: readonly Statement[] = [
  allow('PutOriginalsAndBatches', 's3:PutObject', objects('o/*', 'r/*', 'b/*', 'control/account.json')),
  allow('AbortUploads', 's3:AbortMultipartUpload', objects('o/*')),
  // Variants for the contact sheet: whoever watches a batch may be the one that closes it.
  allow('ReadBatches', 's3:GetObject', objects('o/*', 'r/*', 'b/*', 'v/*', 'control/account.json')),
  list('b/*', 'o/*', 'v/*'),
  allow('SendJobs', ['sqs:SendMessage', 'sqs:GetQueueAttributes'], WORK),
  allow('KickGroup', 'autoscaling:SetDesiredCapacity', GROUP),
  LOOK_AT_GROUP,
]

/** A worker deletes no object, and writes neither originals nor code, nor what a batch is. */
const WORKER: readonly Statement[] = [
  allow('Read', 's3:GetObject', objects('o/*', 'r/*', 'b/*', 'v/*', 'control/*', 'bundles/*')),
  allow(
    'WriteResults',
    's3:PutObject',
    objects('v/*', ...RECEIPTS, ...CLOSES, 'control/leader.json', 'control/account.json', 'control/fleet/*'),
  ),
  allow('AbortUploads', 's3:AbortMultipartUpload', objects('v/*', ...CLOSES)),
  list('b/*', 'v/*'),
  allow('TakeJobs', takeFrom(), WORK),
  allow('BuryTheDead', 'sqs:SendMessage', queueArn('dead')),
  allow('OwnCommands', [...takeFrom(), 'sqs:CreateQueue', 'sqs:DeleteQueue'], queueArn('ctl-*')),
  allow('LeadAndLeave', ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'], GROUP),
  LOOK_AT_GROUP,
]

/** The operator's permissions beyond a producer's: commands, dead letters, cancelling and reassembling batches. */
const OPERATOR: readonly Statement[] = [
  allow('ReadAll', 's3:GetObject', objects('o/*', 'r/*', 'b/*', 'v/*', 'control/*')),
  allow('EndBatches', 's3:PutObject', objects(...CLOSES, 'b/*/cancel.json')),
  list('b/*', 'v/*', 'control/*'),
  allow('Command', 'sqs:SendMessage', queueArn('ctl-*')),
  allow('LookAtQueues', ['sqs:GetQueueAttributes', 'sqs:SendMessage'], WORK),
  allow('Redrive', takeFrom(), queueArn('dead')),
  LOOK_AT_GROUP,
]

/** The policies of all roles. */
export function policies(): Readonly<Record<string, Resource>> {
  return {
    ProducerPolicy: managed('producer', 'Submits batches of images.', PRODUCER),
    OperatorPolicy: managed('operator', 'Commands the workers and looks after dead letters.', OPERATOR),
    WorkerRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: sub(`\${Name}-worker-\${AWS::Region}`),
        AssumeRolePolicyDocument: policy({
          Sid: 'Instances',
          Effect: 'Allow',
          Principal: { Service: 'ec2.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
        Policies: [{ PolicyName: 'worker', PolicyDocument: policy(...WORKER) }],
      },
    },
    WorkerProfile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [ref('WorkerRole')] } },
  }
}

function managed(name: string, Description: string, statements: readonly Statement[]): Resource {
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      ManagedPolicyName: sub(`\${Name}-${name}-\${AWS::Region}`),
      Description,
      PolicyDocument: policy(...statements),
    },
  }
}

function allow(Sid: string, Action: Statement['Action'], Resource: Value): Statement {
  return { Sid, Effect: 'Allow', Action, Resource }
}

/**
 * Listing below prefixes. `IfExists`, because ListBucket also decides whether a GET of a missing object is a 404 or a
 * 403, and a GET has no prefix to compare.
 */
function list(...prefixes: readonly string[]): Statement {
  return {
    ...allow('List', 's3:ListBucket', attribute('Bucket', 'Arn')),
    Condition: { StringLikeIfExists: { 's3:prefix': prefixes } },
  }
}

function takeFrom(): readonly string[] {
  return ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes']
}

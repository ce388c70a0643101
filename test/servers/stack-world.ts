import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { batchStack, packWorker } from '../../src/index.ts'
import { temporaryFolder } from '../rig/sites.ts'
import { type Instances, startInstances } from './instances.ts'
import { clockIn, type Program, startServer } from './server.ts'

/** The command as it is shipped. */
const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')
const region = 'us-east-1'

interface ImageManifest {
  readonly images: Readonly<Record<string, { readonly variants: readonly { readonly key: string }[] }>>
  readonly failures: object
}

/** Of messages that wait, that are held, that are not due. */
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const

/** A stack in moto with a worker for each instance of its group, and somebody who has the keys of its owner. */
export interface StackWorld {
  readonly folder: string
  readonly groupName: string
  readonly instances: Instances
  /** Runs `lading batch ...` against the stack's outputs. @returns what it says on stdout */
  lading(...args: readonly string[]): Promise<string>
  group(): Promise<AutoScalingGroup>
  /** Somebody wants it done sooner. */
  grow(desired: number): Promise<void>
  /** EC2 takes the instance away, and the group starts another in its place. */
  takeAway(instance: string): Promise<void>
  /** Messages by queue: those that wait, are held, or are not due. Queues of commands stand under their own names. */
  depths(): Promise<Readonly<Record<string, number>>>
  held(queue: string): Promise<number>
  /** Keys below a prefix, with how often each was written. */
  written(prefix: string): Promise<ReadonlyMap<string, number>>
  /** A batch's image manifest, as whoever reads it finds it. */
  images(batch: string): Promise<ImageManifest>
  /** Lets so many seconds pass for the queues. */
  pass(seconds: number): void
  close(): Promise<void>
}

export async function createStackWorld(moto: Program): Promise<StackWorld> {
  const server = await startServer({ ...moto, start: (place) => soon(moto.start(place)) })
  const { path: folder, remove } = await temporaryFolder()
  const env = {
    PATH: process.env.PATH,
    ...server.credentials,
    AWS_REGION: region,
    AWS_ENDPOINT_URL: server.endpoint,
    LADING_BATCH_KEY: join(folder, 'batch.key'),
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = server.credentials
  const options = { endpoint: server.endpoint, region, credentials: { accessKeyId, secretAccessKey } }
  const [cloud, scaling, sqs] = [
    new CloudFormationClient(options),
    new AutoScalingClient(options),
    new SQSClient(options),
  ] as const
  const s3 = new S3Client({ ...options, forcePathStyle: true })

  const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
  const bundle = await packWorker({ arch, out: folder, node: false })
  const TemplateBody = await batchStack({ arch, bundle: bundle.sha256 }, { env })
  await cloud.send(new CreateStackCommand({ StackName: 'batch', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }))
  const [stack] = (await cloud.send(new DescribeStacksCommand({ StackName: 'batch' }))).Stacks ?? []
  const output = (name: string): string =>
    stack?.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue ?? ''
  const [Bucket, queues, group] = [output('Bucket'), output('Queues'), output('Group')]
  // So that whatever is written twice can be seen afterwards.
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const key = `bundles/${bundle.sha256}.tar.gz`
  await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: readFileSync(bundle.path) }))

  const instances = startInstances(server, { group, folder })
  const depth = async (QueueUrl: string): Promise<readonly number[]> => {
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))
    return COUNTS.map((name) => Number(Attributes[name] ?? 0))
  }
  let ahead = 0
  return {
    folder,
    groupName: group,
    instances,
    async lading(...args) {
      const place = ['--to', output('Store'), '--queues', queues]
      const run = promisify(execFile)(process.execPath, [MAIN, 'batch', ...args, ...place], { cwd: folder, env })
      return (await run).stdout
    },
    async group() {
      const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] })
      const [found] = (await scaling.send(command)).AutoScalingGroups ?? []
      if (!found) throw new Error('the group is gone')
      return found
    },
    async grow(DesiredCapacity) {
      await scaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: group, DesiredCapacity }))
    },
    async takeAway(InstanceId) {
      // moto's groups do not hear of what EC2 terminates; asked like this, they do as if they did.
      instances.doom(InstanceId)
      const asked = { InstanceId, ShouldDecrementDesiredCapacity: false }
      await scaling.send(new TerminateInstanceInAutoScalingGroupCommand(asked))
    },
    async depths() {
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}))
      const found = QueueUrls.map(async (url) => {
        const counts = await depth(url)
        return [url.replace(/^.*\/lading-/, ''), counts.reduce((sum, count) => sum + count, 0)] as const
      })
      return Object.fromEntries(await Promise.all(found))
    },
    held: async (queue) => (await depth(`${queues}-${queue}`))[1] ?? 0,
    async written(Prefix) {
      const times = new Map<string, number>()
      let KeyMarker: string | undefined
      do {
        const page = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix, ...(KeyMarker && { KeyMarker }) }))
        for (const { Key = '' } of page.Versions ?? []) times.set(Key, (times.get(Key) ?? 0) + 1)
        KeyMarker = page.IsTruncated ? page.NextKeyMarker : undefined
      } while (KeyMarker !== undefined)
      return times
    },
    async images(batch) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `b/${batch}/images.json` }))
      return JSON.parse((await Body?.transformToString()) ?? '')
    },
    pass(seconds) {
      ahead += seconds
      writeFileSync(clockIn(server.folder), `+${ahead * 1000}`)
    },
    async close() {
      await instances.close().finally(async () => {
        for (const client of [cloud, scaling, sqs, s3]) client.destroy()
        await server.stop()
        await remove()
      })
    },
  }
}

/** Whole pages, and receives that end soon: nobody has to wait for an idle fleet. */
const soon = (start: ReturnType<Program['start']>): ReturnType<Program['start']> => ({
  ...start,
  env: { ...start.env, MOTO_S3_DEFAULT_MAX_KEYS: '1000', LADING_WAIT: '1' },
})

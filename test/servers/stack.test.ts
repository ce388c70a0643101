import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling'
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVerifier, newKeyPair } from '../../src/batch/plan/signing.ts'
import { batchStack, openBatches, resolveBatch } from '../../src/index.ts'
import { openQueue } from '../../src/providers.ts'
import { type TemporaryFolder, temporaryFolder } from '../rig/sites.ts'
import { homeOf, PROGRAMS, REQUIRED, type Server, startServer } from './server.ts'

const moto = PROGRAMS.find(({ name }) => name === 'moto')
const home = moto && homeOf(moto)
const region = 'us-east-1'
/** It comes with moto, whose CloudFormation is built on it. */
const LINT = 'import sys; from cfnlint.runner import main; sys.exit(main())'

const keys = newKeyPair()
const template = (options: Parameters<typeof batchStack>[0] = {}): Promise<string> =>
  batchStack({ bundle: 'ab'.repeat(32), ...options }, { env: { LADING_BATCH_PUBLIC_KEYS: keys.publicKey } })

if (moto === undefined || (home === undefined && !REQUIRED)) {
  it.skip('makes the stack in moto (not installed: scripts/servers.sh)')
} else {
  describe('the template of batch stack', () => {
    let folder: TemporaryFolder
    beforeAll(async () => {
      folder = await temporaryFolder()
    })
    afterAll(() => folder?.remove())

    const lint = (text: string) => {
      const file = join(folder.path, 'template.json')
      writeFileSync(file, text)
      return spawnSync(join(home ?? '', 'bin/python'), ['-c', LINT, '--', file], { encoding: 'utf8' })
    }

    it.each(['arm64', 'x64'] as const)('has nothing that cfn-lint would change, for %s', async (arch) => {
      const { status, stdout, stderr } = lint(await template({ arch }))
      expect(stderr + stdout).toBe('')
      expect(status).toBe(0)
    })

    it('would be refused by cfn-lint with a property that there is not', async () => {
      const { status, stdout } = lint((await template()).replace('"HttpTokens"', '"HttpToken"'))
      expect(stdout).toContain("'HttpToken' was unexpected")
      expect(status).not.toBe(0)
    })
  })

  describe("a stack in moto's CloudFormation", () => {
    let server: Server
    let folder: TemporaryFolder
    let outputs: Readonly<Record<string, string>>
    const closers: (() => void)[] = []

    const client = <T extends { destroy(): void }>(make: (options: ClientOptions) => T): T => {
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = server.credentials
      const made = make({ endpoint: server.endpoint, region, credentials: { accessKeyId, secretAccessKey } })
      closers.push(() => made.destroy())
      return made
    }

    beforeAll(async () => {
      server = await startServer(moto)
      folder = await temporaryFolder()
      writeFileSync(join(folder.path, 'batch.key'), keys.privateKey, { mode: 0o600 })
      const cloud = client((options) => new CloudFormationClient(options))
      const TemplateBody = await template({ maxInstances: 3 })
      await cloud.send(new ValidateTemplateCommand({ TemplateBody }))
      await cloud.send(
        new CreateStackCommand({ StackName: 'batch', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
      )
      const [stack] = (await cloud.send(new DescribeStacksCommand({ StackName: 'batch' }))).Stacks ?? []
      expect(stack?.StackStatus).toBe('CREATE_COMPLETE')
      outputs = Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
    })
    afterAll(async () => {
      for (const close of closers) close()
      await server?.stop()
      await folder?.remove()
    })

    const env = () => ({
      ...server.credentials,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: server.endpoint,
      LADING_BATCH_KEY: join(folder.path, 'batch.key'),
    })

    const openFromOutputs = () => {
      const { Store = '', Queues = '', Group = '' } = outputs
      const to = `${Store}&endpoint=${server.endpoint}`
      const options = resolveBatch(
        { to },
        { queues: Queues, group: Group },
        { cwd: folder.path, env: env(), sources: {} },
      )
      return openBatches(options, { env: env() })
    }

    const group = async () => {
      const scaling = client((options) => new AutoScalingClient(options))
      const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [outputs.Group ?? ''] })
      return (await scaling.send(command)).AutoScalingGroups?.[0]
    }

    it('begins without an instance, and can have three', async () => {
      expect(await group()).toMatchObject({ MinSize: 0, MaxSize: 3, DesiredCapacity: 0, Instances: [] })
    })

    it('has queues that give their dead to one, as SQS says it', async () => {
      const sqs = client((options) => new SQSClient(options))
      const of = async (end: string) => {
        const command = new GetQueueAttributesCommand({ QueueUrl: `${outputs.Queues}-${end}`, AttributeNames: ['All'] })
        return (await sqs.send(command)).Attributes ?? {}
      }
      const { QueueArn } = await of('dead')
      for (const [end, maxReceiveCount] of [
        ['hi', 8],
        ['std', 8],
        ['bulk', 8],
        ['assembly', 1000],
      ] as const) {
        const { RedrivePolicy = '{}' } = await of(end)
        expect(JSON.parse(RedrivePolicy)).toMatchObject({ deadLetterTargetArn: QueueArn, maxReceiveCount })
      }
    })

    it('takes a batch by its outputs alone, and grows for it; its jobs are signed with the key of the template', async () => {
      const photos = await temporaryFolder()
      for (const width of [400, 300, 200])
        await sharp({ create: { width, height: 90, channels: 3, background: 'teal' } }).toFile(
          join(photos.path, `${width}.jpg`),
        )
      const batches = await openFromOutputs()
      const submitted = await batches.submit({
        root: photos.path,
        recipe: 'thumb',
        lane: 'std',
        deadlineSeconds: 3600,
        maxInstances: 2,
      })
      await photos.remove()
      expect(submitted).toMatchObject({ items: 3, sent: 3, instances: 1 })
      const { DesiredCapacity, Instances = [] } = (await group()) ?? {}
      expect(DesiredCapacity).toBe(1)
      expect(Instances.map(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn)).toEqual([true])

      const queue = await openQueue(
        { kind: 'sqs', url: `${outputs.Queues}-std`, endpoint: server.endpoint },
        { env: env() },
      )
      const jobs = await queue.receive({ max: 10, leaseSeconds: 60 })
      const verify = createVerifier([keys.publicKey])
      expect(jobs.map(({ body }) => verify(body).status)).toEqual(['signed', 'signed', 'signed'])
      expect(await queue.ack(jobs)).toEqual([])
      expect(await queue.gauge()).toMatchObject({ visible: 0, inFlight: 0 })
      expect(await batches.status(submitted.batch)).toMatchObject({ items: 3, done: 0 })
    })
  })
}

interface ClientOptions {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

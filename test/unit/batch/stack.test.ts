import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import {
  ACCOUNT_KEY,
  batchManifestKey,
  batchResultKey,
  bundleKey,
  cancelKey,
  closedShardKey,
  contactSheetKey,
  crashKey,
  doneReceiptKey,
  failureReceiptKey,
  fleetKey,
  imageManifestKey,
  LEADER_KEY,
  originalKey,
  recipeKey,
  sentKey,
  shardManifestKey,
  toldKey,
} from '../../../src/batch/plan/keys.ts'
import { variantKey } from '../../../src/images/plan/keys.ts'
import { batchStack } from '../../../src/index.ts'

const BUNDLE = 'ab'.repeat(32)
const KEY = `MCowBQYDK2VwAyEA${'A'.repeat(43)}=`
const ENV = { LADING_BATCH_PUBLIC_KEYS: KEY }

/** Loose on purpose: CloudFormation's documents are read here as whoever gets them reads them. */
// biome-ignore lint/suspicious/noExplicitAny: a parsed document
type Json = any

const template = async (options = {}): Promise<Json> =>
  JSON.parse(await batchStack({ bundle: BUNDLE, ...options }, { env: ENV }))

/** Every statement of every policy, with the resource that holds it. */
async function statements(): Promise<readonly Json[]> {
  const { Resources } = await template()
  return Object.entries<Json>(Resources).flatMap(([id, { Properties }]) => {
    const documents = [Properties.PolicyDocument, ...(Properties.Policies ?? []).map((one: Json) => one.PolicyDocument)]
    return documents.filter(Boolean).flatMap((one) => one.Statement.map((statement: Json) => ({ id, ...statement })))
  })
}

const list = <T>(value: T | readonly T[]): readonly T[] => [value].flat() as readonly T[] // flat() forgets the T
const text = (value: Json): string => value['Fn::Sub'] ?? JSON.stringify(value)
const of = async (id: string) => (await statements()).filter((one) => one.id === id && one.Effect === 'Allow')

const mayDo = (allowed: readonly Json[], action: string): readonly string[] =>
  allowed.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource).map(text))

describe('the rights that the stack gives', () => {
  it('are named one by one, and on named things alone, but for a call that cannot be held to one', async () => {
    const allowed = (await statements()).filter(({ Effect }) => Effect === 'Allow')
    expect(allowed.length).toBeGreaterThan(15)
    expect(
      allowed.flatMap(({ Action }) => list(Action)).filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action)),
    ).toEqual([])
    const wide = allowed.filter(({ Resource }) => list(Resource).includes('*'))
    expect(new Set(wide.map(({ Action }) => Action))).toEqual(new Set(['autoscaling:DescribeAutoScalingGroups']))
    const named = allowed.filter((one) => !wide.includes(one)).flatMap(({ Resource }) => list(Resource).map(text))
    // a queue or a group begins with the stack's name, an object is below a prefix of the stack's bucket
    for (const resource of named) expect(resource).toMatch(/\$\{Name\}-[a-z]|\$\{Bucket\.Arn\}\/[a-z]|"Bucket","Arn"/)
  })

  it('let a worker read what it renders, write what it makes, and neither remove nor bring in code', async () => {
    const worker = await of('WorkerRole')
    expect(mayDo(worker, 's3:GetObject')).toEqual(
      ['o', 'r', 'b', 'v', 'control', 'bundles'].map((prefix) => `\${Bucket.Arn}/${prefix}/*`),
    )
    const listing = worker.find(({ Action }) => Action === 's3:ListBucket')
    expect(listing.Condition).toEqual({ StringLikeIfExists: { 's3:prefix': ['b/*', 'v/*'] } })
    const actions = (await statements())
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => list(Action))
    expect(actions.filter((action) => /^s3:Delete|PassRole|RunInstances|UpdateAutoScalingGroup/.test(action))).toEqual(
      [],
    )
  })

  /** Whether one of the resources covers a key: in them `*` stands for anything, `/` too. */
  const mayPut = (allowed: readonly Json[], key: string): boolean =>
    mayDo(allowed, 's3:PutObject').some((resource) => {
      const pattern = resource.replace(`\${Bucket.Arn}/`, '').split('*').map(escaped).join('.*')
      return new RegExp(`^${pattern}$`).test(key)
    })
  const escaped = (part: string): string => part.replace(/[.\\/]/g, '\\$&')

  /** What says what a batch is. Whoever can write it has the next submit sign it. */
  const SAID = [batchManifestKey('b1'), shardManifestKey('b1', '0000'), sentKey('b1'), recipeKey('r1-0123456789ab')]
  const CLOSES = [
    ...[closedShardKey('b1', '0000'), batchResultKey('b1'), toldKey('b1')],
    ...[imageManifestKey('b1'), contactSheetKey('b1')],
  ]

  it('let a worker write receipts and the end of a batch, and not what the batch is, nor that it is cancelled', async () => {
    const worker = await of('WorkerRole')
    const receipts = [doneReceiptKey('b1', '0000-0001'), failureReceiptKey('b1', '0000-0001')]
    const own = [...receipts, crashKey('b1', '0000-0001', 1), variantKey('ab'.repeat(32), 'op', 320, 'avif')]
    const fleet = [LEADER_KEY, ACCOUNT_KEY, fleetKey('i-0abc')]
    for (const key of [...own, ...CLOSES, ...fleet]) expect([key, mayPut(worker, key)]).toEqual([key, true])
    const others = [cancelKey('b1'), originalKey('ab'.repeat(32), 'jpg'), bundleKey(BUNDLE)]
    for (const key of [...SAID, ...others]) expect([key, mayPut(worker, key)]).toEqual([key, false])
  })

  it('let an operator end a batch, and neither begin one nor make up what was done', async () => {
    const operator = await of('OperatorPolicy')
    for (const key of [...CLOSES, cancelKey('b1')]) expect([key, mayPut(operator, key)]).toEqual([key, true])
    for (const key of [...SAID, doneReceiptKey('b1', '0000-0001'), ACCOUNT_KEY])
      expect([key, mayPut(operator, key)]).toEqual([key, false])
  })

  it('let a producer close the batch that it watches, with the thumbnails of its contact sheet', async () => {
    const producer = await of('ProducerPolicy')
    expect(mayDo(producer, 's3:GetObject')).toContain(`\${Bucket.Arn}/v/*`)
    expect(mayDo(producer, 's3:PutObject')).not.toContain(`\${Bucket.Arn}/v/*`)
  })

  it('let a worker take from lanes and assembly, and only send to where the dead go', async () => {
    const worker = await of('WorkerRole')
    const ends = (action: string) => mayDo(worker, action).map((arn) => arn.split(`\${Name}-`)[1])
    expect(ends('sqs:ReceiveMessage')).toEqual(['hi', 'std', 'bulk', 'assembly', 'ctl-*'])
    expect(ends('sqs:SendMessage')).toEqual(['dead'])
    expect(ends('sqs:CreateQueue')).toEqual(['ctl-*'])
  })

  it('allow no request to SQS that nothing makes', async () => {
    const actions = (await statements())
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => list(Action))
    expect([...new Set(actions.filter((action) => action.startsWith('sqs:')))].sort()).toEqual([
      'sqs:ChangeMessageVisibility',
      'sqs:CreateQueue',
      'sqs:DeleteMessage',
      'sqs:DeleteQueue',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ])
  })

  it('let only the operator command workers', async () => {
    const senders = (await statements())
      .filter(({ Effect, Action }) => Effect === 'Allow' && list(Action).includes('sqs:SendMessage'))
      .filter(({ Resource }) => list(Resource).some((resource) => text(resource).includes('-ctl-')))
    expect(senders.map(({ id }) => id)).toEqual(['OperatorPolicy'])
  })

  it('are refused to everybody without TLS, to other accounts, and where an image would be written over', async () => {
    const denied = (await statements()).filter(({ Effect }) => Effect === 'Deny')
    expect(denied.map(({ id, Sid }) => `${id} ${Sid}`)).toEqual([
      'BucketRules TlsOnly',
      'BucketRules OriginalsAndVariantsAreCreateOnly',
      'QueueRules TlsOnly',
      'QueueRules AccountOnly',
    ])
    expect(denied[1].Resource.map(text)).toEqual([`\${Bucket.Arn}/o/*`, `\${Bucket.Arn}/v/*`])
    expect(denied[1].Condition.Null).toEqual({ 's3:if-none-match': 'true' })
  })
})

describe('the queues of the stack', () => {
  it('give the dead to one queue, which takes them from these alone', async () => {
    const { Resources } = await template()
    const policyOf = (id: string) => Resources[id].Properties.RedrivePolicy.maxReceiveCount
    expect(['HiQueue', 'StdQueue', 'BulkQueue'].map(policyOf)).toEqual([8, 8, 8])
    // a barrier is handed back at every look
    expect(policyOf('AssemblyQueue')).toBe(1000)
    const { RedriveAllowPolicy, MessageRetentionPeriod } = Resources.DeadQueue.Properties
    expect(MessageRetentionPeriod).toBe(14 * 24 * 3600)
    expect(RedriveAllowPolicy.sourceQueueArns.map(text).map((arn: string) => arn.split('-').at(-1))).toEqual([
      'hi',
      'std',
      'bulk',
      'assembly',
    ])
    const all = Object.values<Json>(Resources).filter(({ Type }) => Type === 'AWS::SQS::Queue')
    expect(all.map(({ Properties }) => Properties.SqsManagedSseEnabled)).toEqual(Array(5).fill(true))
  })
})

describe('the instances of the stack', () => {
  const dataOf = async (options = {}) =>
    (await template(options)).Resources.LaunchTemplate.Properties.LaunchTemplateData

  it('can be reached by nobody, have no key, and tell about themselves only to themselves', async () => {
    const data = await dataOf()
    expect(data.MetadataOptions).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 })
    expect(data).not.toHaveProperty('KeyName')
    expect(data.InstanceInitiatedShutdownBehavior).toBe('terminate')
    expect(data.BlockDeviceMappings[0].Ebs).toMatchObject({ Encrypted: true, VolumeType: 'gp3' })
    expect((await template()).Resources.SecurityGroup.Properties.SecurityGroupIngress).toEqual([])
  })

  it('run only the code with this digest, for these keys, and hold nothing secret', async () => {
    const { Parameters } = await template()
    const script: string = (await dataOf()).UserData['Fn::Base64']['Fn::Sub']
    expect(Parameters.BundleSha256.Default).toBe(BUNDLE)
    expect(Parameters.PublicKeys.Default).toBe(KEY)
    expect(script.indexOf('sha256sum --check')).toBeLessThan(script.indexOf('tar -xzf'))
    expect(script).toContain(`LADING_BATCH_PUBLIC_KEYS=\${PublicKeys}`)
    expect(script).not.toMatch(/private key|secret|access_key/i)
    // every name in braces is CloudFormation's
    const names = [...script.matchAll(/\$\{([^}]+)\}/g)].map((match) => match[1] ?? '')
    const known = [...Object.keys(Parameters), 'Bucket', 'AWS::Region', 'AWS::URLSuffix', 'AWS::AccountId']
    expect(names.filter((name) => !known.includes(name))).toEqual([])
  })

  it('leave their group, with nobody in their place, when they are old, or their script or their worker is broken', async () => {
    const data = await dataOf({ lifetimeMinutes: 90 })
    const script: string = data.UserData['Fn::Base64']['Fn::Sub']
    expect((await template({ lifetimeMinutes: 90 })).Parameters.LifetimeMinutes.Default).toBe(90)
    const leaving = ['trap /opt/lading/leave ERR', 'OnFailure=lading-leave.service']
    for (const line of [...leaving, `systemd-run --on-active=$((\${LifetimeMinutes} - 5))m /opt/lading/leave`])
      expect(script.split('\n')).toContain(line)
    // before anything that may fail
    expect(script.indexOf(leaving[0] ?? '')).toBeLessThan(script.indexOf('aws s3api'))
  })

  it.each([
    ['as the service takes it', 0],
    ['also when the service refuses', 1],
  ])('leave in that order, %s', async (_, status) => {
    const script: string = (await dataOf()).UserData['Fn::Base64']['Fn::Sub']
    const [, leave = ''] = /<< 'LEAVE'\n([\s\S]*?)LEAVE\n/.exec(script) ?? []
    // What the machine would have, saying what it is asked.
    const machine = `
      curl() { case "$*" in *-X\\ PUT*/latest/api/token) echo a-token;; *a-token*/meta-data/instance-id) echo i-0abc;; esac; }
      aws() { echo "aws $*" >&2; return ${status}; }
      shutdown() { echo "shutdown $*" >&2; }
    `
    const { stderr } = spawnSync('bash', ['-c', machine + leave.replace(/\$\{AWS::Region\}/, 'eu-west-1')], {
      encoding: 'utf8',
    })
    const asked = '--region eu-west-1 --instance-id i-0abc --should-decrement-desired-capacity'
    expect(stderr).toBe(`aws autoscaling terminate-instance-in-auto-scaling-group ${asked}\nshutdown -h now\n`)
  })

  it('get a script that fits, and that a shell can read', async () => {
    const script: string = (await dataOf()).UserData['Fn::Base64']['Fn::Sub'].replace(/\$\{[^}]+\}/g, 'filled-in')
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html, and twenty keys are more than anybody has
    expect(Buffer.byteLength(script) + 20 * KEY.length).toBeLessThan(16_384)
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('begin with none, are spot of many kinds, and never more than was said', async () => {
    const { Resources, Parameters } = await template({ maxInstances: 7 })
    const { MinSize, MaxSize, MixedInstancesPolicy, ...group } = Resources.Group.Properties
    expect(group.Tags).toContainEqual({
      Key: 'lading:lifetime-minutes',
      Value: { Ref: 'LifetimeMinutes' },
      PropagateAtLaunch: false,
    })
    expect([MinSize, MaxSize, Parameters.MaxSize.Default]).toEqual(['0', { Ref: 'MaxSize' }, 7])
    expect(group).not.toHaveProperty('DesiredCapacity')
    expect(group).toMatchObject({ CapacityRebalance: true, NewInstancesProtectedFromScaleIn: true })
    expect(MixedInstancesPolicy.InstancesDistribution).toEqual({
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: 0,
      SpotAllocationStrategy: 'price-capacity-optimized',
    })
    expect(MixedInstancesPolicy.LaunchTemplate.Overrides.length).toBeGreaterThanOrEqual(6)
  })

  it.each([
    ['arm64', /^[a-z]\dg\./, /-arm64$/],
    ['x64', /^[a-z]\d[ai]\./, /-x86_64$/],
  ] as const)('for %s are of that kind, with its image', async (arch, type, image) => {
    const { Resources, Parameters } = await template({ arch })
    const { Overrides } = Resources.Group.Properties.MixedInstancesPolicy.LaunchTemplate
    for (const { InstanceType } of Overrides) expect(InstanceType).toMatch(type)
    expect(Parameters.ImageId.Default).toMatch(image)
  })
})

describe('the template', () => {
  it('is the same text for the same request', async () => {
    const once = () => batchStack({ bundle: BUNDLE }, { env: ENV })
    expect(await once()).toBe(await once())
  })

  it('asks for the code when none was named', async () => {
    const { Parameters } = JSON.parse(await batchStack({}, { env: ENV }))
    expect(Parameters.BundleSha256).not.toHaveProperty('Default')
  })

  it('adds an instance when anything has waited for half an hour, and whoever grows the fleet is gone', async () => {
    const { Resources } = await template()
    const alarms = Object.values<Json>(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    expect(alarms.map(({ Properties }) => [Properties.Threshold, Properties.AlarmActions])).toEqual(
      Array(4).fill([1800, [{ Ref: 'OneMore' }]]),
    )
    expect(Resources.OneMore.Properties.StepAdjustments).toEqual([
      { MetricIntervalLowerBound: 0, ScalingAdjustment: 1 },
    ])
  })

  it.each(['', '-x', 'a b', 'x'.repeat(33)])('refuses the name "%s"', async (name) => {
    await expect(batchStack({ name }, { env: ENV })).rejects.toMatchObject({ code: 'E_USAGE' })
  })

  it('refuses what is no digest', async () => {
    await expect(batchStack({ bundle: 'abc' }, { env: ENV })).rejects.toMatchObject({ code: 'E_USAGE' })
  })
})

import type * as Sdk from '@aws-sdk/client-auto-scaling'
import { credentialsFor } from '../aws-keys.ts'
import { keepSdkQuiet } from '../aws-quiet.ts'
import { LadingError } from '../errors.ts'
import { type Asked, autoScalingError } from './ec2-errors.ts'
import type { Fleet, FleetCount } from './fleet.ts'

type AutoScalingSdk = typeof Sdk

export interface Ec2FleetOptions {
  /** The Auto Scaling group's name. */
  readonly group: string
  /** A cap below the group's own MaxSize. @default the group's */
  readonly max?: number | undefined
  /** The group's tag that says how long an instance lives at most, in minutes. @default it does not say */
  readonly lifetimeTag?: string | undefined
  /** @default AWS_REGION */
  readonly region?: string | undefined
  /** Checked by the caller. @default Amazon's */
  readonly endpoint?: string | undefined
  /** Credentials' profile in `~/.aws`. @default AWS_PROFILE */
  readonly profile?: string | undefined
  /** How long one request may take, in milliseconds. */
  readonly requestTimeoutMs: number
  /** Where credentials are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Imports the SDK. @default the package of the project that uses Lading */
  readonly load?: (() => Promise<AutoScalingSdk>) | undefined
}

/** How long a connection may take to come about, in milliseconds. */
const CONNECT_MS = 5000

/** Throttling of these calls passes within seconds; the SDK waits between attempts by itself. */
const ATTEMPTS = 5

/**
 * An EC2 Auto Scaling group as a fleet. Its instances should be protected from scale-in: two that grow at once may each
 * set the wish, and the lower one must end nobody. An instance retires itself, for only it knows that it holds nothing.
 *
 * @throws E_MISSING_PACKAGE, E_CONFIG
 */
export async function createEc2Fleet(options: Ec2FleetOptions): Promise<Fleet> {
  const sdk = await loadSdk(options)
  keepSdkQuiet()
  const client = new sdk.AutoScalingClient(configOf(options))
  const { group } = options
  const ask = async <T>(action: string, call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    const asked: Asked = { action: `autoscaling:${action}`, group, signal }
    return call().catch((error: unknown) => Promise.reject(autoScalingError(error, asked)))
  }
  const count = (signal: AbortSignal | undefined): Promise<FleetCount> => {
    const command = new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] })
    const call = async () => countIn(await client.send(command, abortable(signal)), options)
    return ask('DescribeAutoScalingGroups', call, signal)
  }
  return {
    label: `Auto Scaling group ${group}`,
    count,
    async grow(desired, signal) {
      const before = await count(signal)
      const wished = Math.min(desired, before.max)
      if (wished <= before.desired) return before
      // HonorCooldown would make a submitter wait for the last change to settle.
      const command = new sdk.SetDesiredCapacityCommand({
        AutoScalingGroupName: group,
        DesiredCapacity: wished,
        HonorCooldown: false,
      })
      await ask('SetDesiredCapacity', () => client.send(command, abortable(signal)), signal)
      return { ...before, desired: wished }
    },
    async retire(instance, signal) {
      // The call names no group, so it would end an instance of another one as well.
      if (!(await count(signal)).instances.includes(instance)) return
      const command = new sdk.TerminateInstanceInAutoScalingGroupCommand({
        InstanceId: instance,
        ShouldDecrementDesiredCapacity: true,
      })
      try {
        await client.send(command, abortable(signal))
      } catch (error) {
        if (isGone(error)) return
        throw autoScalingError(error, { action: 'autoscaling:TerminateInstanceInAutoScalingGroup', group, signal })
      }
    },
  }
}

function countIn(
  { AutoScalingGroups = [] }: Sdk.DescribeAutoScalingGroupsCommandOutput,
  options: Ec2FleetOptions,
): FleetCount {
  const found = AutoScalingGroups.find(({ AutoScalingGroupName }) => AutoScalingGroupName === options.group)
  if (!found) {
    throw new LadingError('E_CONFIG', `there is no Auto Scaling group "${options.group}"`, {
      subject: options.group,
      why: 'the account that the credentials belong to has none of this name in this region',
      hint: 'Check its name and AWS_REGION; `lading batch stack` prints a template that makes one.',
    })
  }
  const { Instances = [], Tags = [] } = found
  const lifetime = Number(Tags.find(({ Key }) => Key === options.lifetimeTag)?.Value)
  return {
    desired: found.DesiredCapacity ?? 0,
    inService: Instances.filter(({ LifecycleState }) => LifecycleState === 'InService').length,
    max: Math.min(found.MaxSize ?? 0, options.max ?? Number.POSITIVE_INFINITY),
    instances: Instances.flatMap(({ InstanceId }) => InstanceId ?? []),
    ...(lifetime > 0 && { lifetimeMinutes: lifetime }),
  }
}

/** `Instance Id not found - No managed instance found for instance ID: i-...`: it was terminated before. */
function isGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'ValidationError' && /not found/i.test(error.message)
}

async function loadSdk({
  load = () => import('@aws-sdk/client-auto-scaling'),
}: Ec2FleetOptions): Promise<AutoScalingSdk> {
  try {
    return await load()
  } catch (cause) {
    throw new LadingError('E_MISSING_PACKAGE', 'the package @aws-sdk/client-auto-scaling is not installed', {
      why: 'Lading needs it to start instances of EC2 and leaves it to those who do',
      hint: 'npm install --save-dev @aws-sdk/client-auto-scaling',
      cause,
    })
  }
}

function configOf(options: Ec2FleetOptions): Sdk.AutoScalingClientConfig {
  const { endpoint, env, requestTimeoutMs } = options
  const region = options.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION)
  return {
    ...(region && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...credentialsFor(options),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
  }
}

const abortable = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  signal ? { abortSignal: signal } : {}

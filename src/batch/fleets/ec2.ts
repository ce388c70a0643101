import type * as Sdk from '@aws-sdk/client-auto-scaling'
import { abortable, clientConfig, loadSdk } from '../../aws/client.ts'
import { profileOf } from '../../aws/keys.ts'
import { retried } from '../../store/wrappers/with-retry.ts'
import { LadingError } from '../../words/errors.ts'
import type { Fleet, FleetCount } from '../fleet.ts'
import { type Asked, autoScalingError } from './ec2-errors.ts'

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
  /** Retries of a request after a transient failure. @default 4 */
  readonly retries?: number | undefined
  /** Where credentials are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Imports the SDK. @default the package of the project that uses Lading */
  readonly load?: (() => Promise<AutoScalingSdk>) | undefined
}

/**
 * An EC2 Auto Scaling group as a fleet. Its instances should be protected from scale-in: when two callers grow it at
 * once, the lower desired capacity must end nobody. An instance retires itself, for only it knows that it holds
 * nothing.
 *
 * @throws E_MISSING_PACKAGE, E_CONFIG
 */
export async function createEc2Fleet(options: Ec2FleetOptions): Promise<Fleet> {
  const { group, retries, load = () => import('@aws-sdk/client-auto-scaling') } = options
  const sdk = await loadSdk(load, { name: '@aws-sdk/client-auto-scaling', need: 'instances of EC2' })
  const client = new sdk.AutoScalingClient(configOf(options))
  const ask = <T>(action: string, call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    const asked: Asked = { action: `autoscaling:${action}`, group, profile: profileOf(options), signal }
    const attempt = () => call().catch((error: unknown) => Promise.reject(autoScalingError(error, asked)))
    return retried(group, { retries, signal }, attempt)
  }
  const count = (signal: AbortSignal | undefined): Promise<FleetCount> => {
    const call = async () => {
      const command = new sdk.DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] })
      return countIn(await client.send(command, abortable(signal)), options)
    }
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
      const given = { AutoScalingGroupName: group, DesiredCapacity: wished, HonorCooldown: false }
      const call = () => client.send(new sdk.SetDesiredCapacityCommand(given), abortable(signal))
      await ask('SetDesiredCapacity', call, signal)
      return { ...before, desired: wished }
    },
    async retire(instance, signal) {
      // The call names no group, so it would end an instance of another one as well.
      if (!(await count(signal)).instances.includes(instance)) return
      const given = { InstanceId: instance, ShouldDecrementDesiredCapacity: true }
      const call = async () => {
        const command = new sdk.TerminateInstanceInAutoScalingGroupCommand(given)
        await client.send(command, abortable(signal)).catch(ignoreGone)
      }
      await ask('TerminateInstanceInAutoScalingGroup', call, signal)
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
function ignoreGone(error: unknown): void {
  if (!(error instanceof Error && error.name === 'ValidationError' && /not found/i.test(error.message))) throw error
}

function configOf(options: Ec2FleetOptions): Sdk.AutoScalingClientConfig {
  const region = options.region ?? (options.env.AWS_REGION || options.env.AWS_DEFAULT_REGION)
  return { ...(region && { region }), ...clientConfig(options) }
}

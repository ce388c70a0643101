import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling'
import { createEc2Fleet } from '../../src/batch/fleets/ec2.ts'
import type { FleetBench } from '../contract/fleet-contract.ts'
import { askEc2 } from './ec2-api.ts'
import type { Server } from './server.ts'

const region = 'us-east-1'

let groups = 0

/** A new group of at most three instances, without any, as `lading batch stack` has one made. */
export async function openGroup({ endpoint, credentials }: Server): Promise<FleetBench> {
  groups += 1
  const group = `workers-${groups}`
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = credentials
  const client = new AutoScalingClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
  await client.send(
    new CreateLaunchConfigurationCommand({
      LaunchConfigurationName: group,
      ImageId: 'ami-12c6146b',
      InstanceType: 'c7g.large',
    }),
  )
  await client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: group,
      LaunchConfigurationName: group,
      AvailabilityZones: [`${region}a`],
      MinSize: 0,
      MaxSize: 3,
      NewInstancesProtectedFromScaleIn: true,
    }),
  )
  const open = () => createEc2Fleet({ group, endpoint, region, env: credentials, requestTimeoutMs: 10_000 })
  return {
    fleet: await open(),
    other: await open(),
    // Its instances are there at once.
    settle: async () => undefined,
    async instances() {
      const asked = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] })
      const { AutoScalingGroups: [found] = [] } = await client.send(asked)
      return (found?.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? [])
    },
    // What EC2 itself does to an instance.
    async kill(instance) {
      await askEc2({ endpoint }, 'TerminateInstances', { 'InstanceId.1': instance })
    },
    close: async () => client.destroy(),
  }
}

import { attribute, type Resource, ref, sub, type Value } from '../../stack/template.ts'
import { LIFETIME_TAG } from '../plan/scale.ts'
import { USER_DATA } from './user-data.ts'

export type Arch = 'arm64' | 'x64'

/**
 * Four cores each, as many types as fit: the wider the choice, the more spot capacity is found.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html
 */
const TYPES: Readonly<Record<Arch, readonly string[]>> = {
  arm64: ['c8g.xlarge', 'c7g.xlarge', 'c6g.xlarge', 'm8g.xlarge', 'm7g.xlarge', 'm6g.xlarge'],
  x64: ['c7i.xlarge', 'c7a.xlarge', 'c6i.xlarge', 'c6a.xlarge', 'm7i.xlarge', 'm6i.xlarge'],
}

/**
 * The public SSM parameter that names the current Amazon Linux 2023 image, which has the AWS CLI.
 * https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
 */
export const imageOf = (arch: Arch): string =>
  `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch === 'x64' ? 'x86_64' : arch}`

/** Instances: what they are, who may reach them (nobody), and how many. */
export function fleet(arch: Arch): Readonly<Record<string, Resource>> {
  return { SecurityGroup: securityGroup(), LaunchTemplate: launchTemplate(), Group: group(arch) }
}

/** Out to the services of AWS, by TLS. */
const EGRESS: Value = [
  { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0', Description: 'S3, SQS, Auto Scaling' },
]

/** No ingress. Egress can be restricted only in a VPC that is named; in the default one all is allowed. */
function securityGroup(): Resource {
  return {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'Workers of Lading: nobody may connect to them',
      VpcId: { 'Fn::If': ['HasVpc', ref('Vpc'), ref('AWS::NoValue')] },
      SecurityGroupIngress: [],
      SecurityGroupEgress: { 'Fn::If': ['HasVpc', EGRESS, ref('AWS::NoValue')] },
    },
  }
}

function launchTemplate(): Resource {
  return {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        ImageId: ref('ImageId'),
        IamInstanceProfile: { Arn: attribute('WorkerProfile', 'Arn') },
        InstanceInitiatedShutdownBehavior: 'terminate',
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        SecurityGroupIds: [attribute('SecurityGroup', 'GroupId')],
        BlockDeviceMappings: [
          {
            DeviceName: '/dev/xvda',
            Ebs: { VolumeType: 'gp3', VolumeSize: 8, Encrypted: true, DeleteOnTermination: true },
          },
        ],
        TagSpecifications: ['instance', 'volume'].map((ResourceType) => ({ ResourceType, Tags: tags() })),
        UserData: { 'Fn::Base64': sub(USER_DATA) },
      },
    },
  }
}

function group(arch: Arch): Resource {
  return {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    // Without its permissions an instance would fail at its first step.
    DependsOn: ['WorkerRole'],
    // The group's size is up to the submitter and the leader, not the template.
    UpdatePolicy: { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } },
    Properties: {
      AutoScalingGroupName: sub(`\${Name}-workers`),
      MinSize: '0',
      MaxSize: ref('MaxSize'),
      CapacityRebalance: true,
      // Instances retire themselves: only they know that they hold nothing.
      NewInstancesProtectedFromScaleIn: true,
      MetricsCollection: [{ Granularity: '1Minute', Metrics: ['GroupInServiceInstances'] }],
      AvailabilityZones: { 'Fn::If': ['HasVpc', ref('AWS::NoValue'), { 'Fn::GetAZs': '' }] },
      VPCZoneIdentifier: { 'Fn::If': ['HasVpc', ref('Subnets'), ref('AWS::NoValue')] },
      MixedInstancesPolicy: {
        InstancesDistribution: {
          OnDemandBaseCapacity: 0,
          OnDemandPercentageAboveBaseCapacity: 0,
          SpotAllocationStrategy: 'price-capacity-optimized',
        },
        LaunchTemplate: {
          LaunchTemplateSpecification: {
            LaunchTemplateId: ref('LaunchTemplate'),
            Version: attribute('LaunchTemplate', 'LatestVersionNumber'),
          },
          Overrides: TYPES[arch].map((InstanceType) => ({ InstanceType })),
        },
      },
      Tags: [
        { Key: 'Name', Value: sub(`\${Name}-worker`), PropagateAtLaunch: true },
        // Read where the fleet's worst-case cost is computed.
        { Key: LIFETIME_TAG, Value: ref('LifetimeMinutes'), PropagateAtLaunch: false },
      ],
    },
  }
}

const tags = (): Value => [{ Key: 'lading', Value: ref('Name') }]

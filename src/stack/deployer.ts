import { ASSET_FOLDER } from '../plan/naming.ts'
import { type BucketPlace, checkLength, deployStatements, placeAt } from '../policy/deploy.ts'
import type { SiteRequest } from './site.ts'
import { DISTRIBUTION_ARN } from './site-bucket.ts'
import { attribute, literal, policy, type Resource, ref, type Statement, sub, type Value } from './template.ts'

const GITHUB = 'token.actions.githubusercontent.com'

/** How a policy names what it is about. */
interface Names {
  /** The bucket of the stack. */
  own(prefix: string): BucketPlace
  other(bucket: string, prefix: string): BucketPlace
  readonly distribution: Value
}

/**
 * Who may deploy: a policy for a role of yours, and a role for one branch at GitHub.
 * @throws E_TOO_LARGE
 */
export function deployer(request: SiteRequest): Readonly<Record<string, Resource>> {
  checkLength(statementsOf(request, writtenOut(request.bucket)))
  return {
    DeployPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Description: 'What lading sync and rollback need, and nothing else',
        PolicyDocument: policy(...statementsOf(request, IN_STACK)),
      },
    },
    ...(request.github !== undefined && { DeployRole: deployRole() }),
  }
}

function statementsOf(
  { prefix, state, hasPages, isCreateOnly }: SiteRequest,
  { own, other, distribution }: Names,
): readonly Statement[] {
  const store = own(prefix)
  const place = state && (state.bucket === undefined ? own(state.prefix) : other(state.bucket, state.prefix))
  const statements = deployStatements({ store, state: place, hasPages, distribution })
  return isCreateOnly && hasPages ? [...statements, keepHashed(store)] : statements
}

/** A name that was removed could be put anew, with other bytes. Pages are removed from everywhere else. */
const keepHashed = ({ arn, prefix }: BucketPlace): Statement => ({
  Sid: 'KeepHashedNames',
  Effect: 'Deny',
  Action: 's3:DeleteObject',
  Resource: arn(`${prefix}${ASSET_FOLDER}*`),
})

const IN_STACK: Names = {
  own: (prefix) => ({
    arn: (below) => (below === undefined ? attribute('Bucket', 'Arn') : sub(`\${Bucket.Arn}/${literal(below)}`)),
    prefix,
  }),
  other(bucket, prefix) {
    const { arn } = placeAt(`\${AWS::Partition}`, bucket, '')
    return { arn: (below) => sub(String(arn(below && literal(below)))), prefix }
  },
  distribution: DISTRIBUTION_ARN,
}

/** As IAM will count it, names that CloudFormation makes up as long as they get. */
const writtenOut = (bucket = 'b'.repeat(63)): Names => ({
  own: (prefix) => placeAt('aws-us-gov', bucket, prefix),
  other: (other, prefix) => placeAt('aws-us-gov', other, prefix),
  distribution: 'arn:aws-us-gov:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE',
})

/**
 * Both claims are compared whole: a role that trusts every repository was the way into accounts.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
function deployRole(): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policy({
        Sid: 'OneSubject',
        Effect: 'Allow',
        Principal: { Federated: sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:oidc-provider/${GITHUB}`) },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [`${GITHUB}:sub`]: ref('GitHubSubject') },
        },
      }),
      ManagedPolicyArns: [ref('DeployPolicy')],
    },
  }
}

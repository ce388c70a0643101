import { ASSET_FOLDER } from '../plan/naming.ts'
import { type BucketPlace, deployStatements, placeAt } from '../policy/deploy.ts'
import type { SiteRequest } from './site.ts'
import { DISTRIBUTION_ARN } from './site-bucket.ts'
import { attribute, literal, policy, type Resource, ref, type Statement, sub } from './template.ts'

const GITHUB = 'token.actions.githubusercontent.com'

/** Who may deploy: a policy for a role of yours, and a role for one branch at GitHub. */
export function deployer(request: SiteRequest): Readonly<Record<string, Resource>> {
  const { prefix, state, hasPages, github, isCreateOnly } = request
  const statements = deployStatements({
    store: inStack(prefix),
    state: state && stateAt(state),
    hasPages,
    distribution: DISTRIBUTION_ARN,
  })
  return {
    DeployPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Description: 'What lading sync and rollback need, and nothing else',
        PolicyDocument: policy(...statements, ...(isCreateOnly && hasPages ? [keepHashed(prefix)] : [])),
      },
    },
    ...(github !== undefined && { DeployRole: deployRole() }),
  }
}

const inStack = (prefix: string): BucketPlace => ({
  arn: (below) => (below === undefined ? attribute('Bucket', 'Arn') : sub(`\${Bucket.Arn}/${literal(below)}`)),
  prefix,
})

/** A name that was removed could be put anew, with other bytes. Pages are removed from everywhere else. */
const keepHashed = (prefix: string): Statement => ({
  Sid: 'KeepHashedNames',
  Effect: 'Deny',
  Action: 's3:DeleteObject',
  Resource: inStack(prefix).arn(`${prefix}${ASSET_FOLDER}*`),
})

/** In this bucket or in one that is there already. */
function stateAt({ bucket, prefix }: NonNullable<SiteRequest['state']>): BucketPlace {
  if (bucket === undefined) return inStack(prefix)
  const { arn } = placeAt(`\${AWS::Partition}`, bucket, '')
  return { arn: (below) => sub(String(arn(below && literal(below)))), prefix }
}

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

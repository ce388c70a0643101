import { shellWord } from '../words/units.ts'
import type { GitHubBranch } from './github.ts'
import type { SiteRequest } from './site.ts'

export const SITE_FILE = 'lading-site.json'

/** Whose account, and where in it. */
interface Account {
  readonly region?: string | undefined
  readonly profile?: string | undefined
}

/** In their order: what is needed once, the stack, and what it came to. */
export function siteCommands({ name, domains, github }: SiteRequest, { region, profile }: Account): readonly string[] {
  const as = profile === undefined ? '' : ` --profile ${shellWord(profile)}`
  const where = (region === undefined ? '' : ` --region ${shellWord(region)}`) + as
  // A stack that is there keeps its parameters, whatever a newer template has for defaults.
  const said = [
    ...(domains.length === 0 ? [] : ['CertificateArn=ARN']),
    ...(github === undefined ? [] : [shellWord(`GitHubSubject=${github}`)]),
  ]
  const overrides = said.length === 0 ? '' : ` --parameter-overrides ${said.join(' ')}`
  const outputs = `aws cloudformation describe-stacks --stack-name ${name}${where}`
  return [
    ...(domains.length === 0 ? [] : [requestCertificate(domains) + as]),
    ...(github === undefined ? [] : [KNOW_GITHUB + as]),
    `aws cloudformation deploy --stack-name ${name}${where} --template-file ${SITE_FILE} --capabilities CAPABILITY_IAM${overrides}`,
    `${outputs} --query 'Stacks[0].Outputs' --output table`,
    `${outputs} --query "Stacks[0].Outputs[?OutputKey=='Sync'].OutputValue" --output text`,
  ]
}

function requestCertificate([domain = '', ...others]: readonly string[]): string {
  const more = others.length === 0 ? '' : ` --subject-alternative-names ${others.map(shellWord).join(' ')}`
  return `aws acm request-certificate --region us-east-1 --validation-method DNS --domain-name ${shellWord(domain)}${more}`
}

const KNOW_GITHUB =
  'aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com'

/** What a person has to know of the template. */
export function siteNotes(
  { domains, hasPages, origins, isCreateOnly }: SiteRequest,
  github: GitHubBranch | undefined,
): string[] {
  return [
    'Whoever has the policy DeployPolicy may deploy. The bucket stays when the stack goes.',
    domains.length === 0
      ? "It answers at CloudFront's name; for one of yours: --domain www.example.com"
      : `The certificate is requested once and proved by DNS; ARN is what that command prints. Once there is a stack, let ${domains.join(', ')} point to DistributionDomain.`,
    ...(hasPages || origins !== undefined
      ? []
      : ['Without --cors, fonts and modules stay at the host of the pages: they load from no other.']),
    ...(isCreateOnly
      ? [
          'With --create-only a header rule that changes for hashed names fails at the next sync, and so does a repair of one.',
        ]
      : []),
    ...(github === undefined ? [] : githubNotes(github)),
  ]
}

function githubNotes({ repository, branch, subject, hasIds }: GitHubBranch): string[] {
  const [owner, name] = repository.split('/')
  return [
    `GitHub is made known to an account once; where it is, create-open-id-connect-provider says so, and nothing is amiss. The role trusts ${subject} alone; the parameter GitHubSubject names another, as repo:${repository}:environment:production.`,
    ...(hasIds
      ? []
      : [
          `Repositories made or renamed since 15 July 2026 sign with numbers: --github ${owner}@OWNER/${name}@REPOSITORY@${branch}. Both are what this prints:`,
          `gh api repos/${repository} --jq .owner.id,.id`,
        ]),
  ]
}

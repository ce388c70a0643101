import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import {
  CloudFrontClient,
  CreateDistributionCommand,
  CreateFunctionCommand,
  CreateOriginAccessControlCommand,
  GetInvalidationCommand,
  ListInvalidationsCommand,
} from '@aws-sdk/client-cloudfront'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { siteStack } from '../../src/index.ts'
import { evaluated, type Json } from '../rig/cloud-formation.ts'
import { optionsOf, SITE_STACKS, siteTemplateOf } from '../rig/site-stacks.ts'
import { type TemporaryFolder, temporaryFolder } from '../rig/sites.ts'
import { homeOf, PROGRAMS, REQUIRED, type Server, startServer } from './server.ts'

const moto = PROGRAMS.find(({ name }) => name === 'moto')
const home = moto && homeOf(moto)
const region = 'us-east-1'
/** It comes with moto, whose CloudFormation is built on it. */
const LINT = 'import sys; from cfnlint.runner import main; sys.exit(main())'
/** The command as it is shipped. */
const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.cjs')

if (moto === undefined || (home === undefined && !REQUIRED)) {
  it.skip('makes the stack of a site in moto (not installed: scripts/servers.sh)')
} else {
  describe('the template of stack site', () => {
    let folder: TemporaryFolder
    beforeAll(async () => {
      folder = await temporaryFolder()
    })
    afterAll(() => folder?.remove())

    const lint = (...texts: readonly string[]) => {
      const files = texts.map((text, index) => {
        const file = join(folder.path, `${index}.json`)
        writeFileSync(file, text)
        return file
      })
      return spawnSync(join(home ?? '', 'bin/python'), ['-c', LINT, '--', ...files], { encoding: 'utf8' })
    }

    it('has nothing that cfn-lint would change, whatever is asked for', async () => {
      const made = SITE_STACKS.map(({ config, ask }) => siteStack(optionsOf(config), ask))
      const { status, stdout, stderr } = lint(...(await Promise.all(made)).map(({ text }) => text))
      expect(stderr + stdout).toBe('')
      expect(status).toBe(0)
    })

    it('would be refused by cfn-lint with a property that there is not', async () => {
      const { text } = await siteStack(optionsOf({}))
      const { status, stdout } = lint(text.replace('"SigningBehavior"', '"SigningBehaviour"'))
      expect(stdout).toContain("'SigningBehaviour' was unexpected")
      expect(status).not.toBe(0)
    })
  })

  describe("a site's stack in moto", () => {
    let server: Server
    let folder: TemporaryFolder
    let outputs: Readonly<Record<string, string>>
    let clients: ReturnType<typeof clientsOf>

    const env = () => ({
      PATH: process.env.PATH,
      ...server.credentials,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: server.endpoint,
    })

    const clientsOf = () => {
      const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = server.credentials
      const options = { endpoint: server.endpoint, region, credentials: { accessKeyId, secretAccessKey } }
      return {
        cloud: new CloudFormationClient(options),
        cdn: new CloudFrontClient(options),
        s3: new S3Client({ ...options, forcePathStyle: true }),
      }
    }

    beforeAll(async () => {
      server = await startServer(moto)
      folder = await temporaryFolder()
      clients = clientsOf()
      const config = { host: true, to: 's3://acme-site/www', cors: true }
      const template = await siteTemplateOf(config, { github: 'acme/site', root: 'site' })
      const { cloud } = clients
      const TemplateBody = JSON.stringify(withoutCloudFront(template, await makeCloudFront(template, clients.cdn)))
      await cloud.send(new CreateStackCommand({ StackName: 'site', TemplateBody, Capabilities: ['CAPABILITY_IAM'] }))
      const [stack] = (await cloud.send(new DescribeStacksCommand({ StackName: 'site' }))).Stacks ?? []
      expect(stack?.StackStatus).toBe('CREATE_COMPLETE')
      outputs = Object.fromEntries((stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
    })
    afterAll(async () => {
      for (const client of Object.values(clients ?? {})) client.destroy()
      await server?.stop()
      await folder?.remove()
    })

    /** What IAM answers; there is no client for it here, and moto believes whoever names a service. */
    async function iam(parameters: Readonly<Record<string, string>>): Promise<string> {
      const authorization = `AWS4-HMAC-SHA256 Credential=x/20260101/${region}/iam/aws4_request, SignedHeaders=host, Signature=x`
      const body = new URLSearchParams({ Version: '2010-05-08', ...parameters })
      const response = await fetch(server.endpoint, { method: 'POST', headers: { authorization }, body })
      return decodeURIComponent((await response.text()).replaceAll('&quot;', '"'))
    }

    it('has a role that trusts the runs of one branch, and a policy for it', async () => {
      const RoleName = (outputs.DeployRole ?? '').split('/').at(-1) ?? ''
      const role = await iam({ Action: 'GetRole', RoleName })
      expect(role).toMatch(/"token\.actions\.githubusercontent\.com:aud": ?"sts\.amazonaws\.com"/)
      expect(role).toMatch(/"token\.actions\.githubusercontent\.com:sub": ?"repo:acme\/site:ref:refs\/heads\/main"/)
      const PolicyArn = outputs.DeployPolicy ?? ''
      const version = await iam({ Action: 'GetPolicyVersion', PolicyArn, VersionId: 'v1' })
      expect(version).toContain('"arn:aws:s3:::acme-site/www/*"')
    })

    it('is deployed to by the command that it prints, and its CDN is told of what changed', async () => {
      mkdirSync(join(folder.path, 'site'))
      const page = (text: string) => writeFileSync(join(folder.path, 'site/index.html'), `<p>${text}<img src=a.svg>`)
      writeFileSync(join(folder.path, 'site/a.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
      page('one')
      // The address is nobody's: what it answers is not asked here.
      const command = (outputs.Sync ?? '').replace(' --cors', '')
      expect(command).toBe(
        `lading sync site --to 's3://acme-site/www?region=us-east-1' --url https://${outputs.DistributionDomain}/ --host --cdn cloudfront:${outputs.DistributionId}`,
      )
      const run = () => {
        const script = `lading() { '${process.execPath}' '${MAIN}' "$@"; }; ${command}`
        return spawnSync('bash', ['-c', script], { cwd: folder.path, env: env(), encoding: 'utf8' })
      }
      const first = run()
      expect({ stderr: first.stderr, status: first.status }).toMatchObject({ status: 0 })
      page('two')
      const { stderr, status } = run()
      expect({ stderr, status }).toMatchObject({ status: 0 })

      const { s3, cdn } = clients
      const Bucket = outputs.Bucket ?? ''
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1000 }))
      expect(Contents.map(({ Key }) => Key?.replace(/\.[a-z2-7]{16}\./, '.HASH.'))).toContain('www/index.html')
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'www/index.html' }))
      const text = await Body?.transformToString()
      expect(text).toMatch(
        new RegExp(`<p>two<img src="?https://${outputs.DistributionDomain}/a/a\\.[a-z2-7]{16}\\.svg`),
      )

      const DistributionId = outputs.DistributionId
      const { InvalidationList } = await cdn.send(new ListInvalidationsCommand({ DistributionId }))
      const [last] = InvalidationList?.Items ?? []
      const { Invalidation } = await cdn.send(new GetInvalidationCommand({ DistributionId, Id: last?.Id }))
      expect(Invalidation?.InvalidationBatch?.Paths?.Items).toEqual(['/', '/index.html', '/www/index.html'])
    })
  })
}

interface CloudFront {
  readonly id: string
  readonly domain: string
}

/**
 * moto's CloudFormation passes over what it does not know, as the policy of a bucket, and ends at a reference to it, as
 * to what CloudFront has. moto's CloudFront knows that, so that part of the template is made by requests.
 */
async function makeCloudFront({ Resources, Parameters }: Json, client: CloudFrontClient): Promise<CloudFront> {
  const names: Record<string, string> = {
    Name: Parameters.Name.Default,
    PriceClass: Parameters.PriceClass.Default,
    'AWS::Region': region,
    'Bucket.RegionalDomainName': `acme-site.s3.${region}.amazonaws.com`,
    CorsHeaders: '00000000-0000-0000-0000-000000000000',
  }
  const of = (id: string) => evaluated(Resources[id].Properties, names)
  const access = await client.send(new CreateOriginAccessControlCommand(of('OriginAccess')))
  names['OriginAccess.Id'] = access.OriginAccessControl?.Id ?? ''
  const { FunctionCode, AutoPublish: _, ...edge } = of('EdgeFunction')
  const made = await client.send(new CreateFunctionCommand({ ...edge, FunctionCode: Buffer.from(FunctionCode) }))
  names['EdgeFunction.FunctionARN'] = made.FunctionSummary?.FunctionMetadata?.FunctionARN ?? ''
  const DistributionConfig = counted({ CallerReference: 'site', ...of('Distribution').DistributionConfig })
  const { Distribution } = await client.send(new CreateDistributionCommand({ DistributionConfig }))
  return { id: Distribution?.Id ?? '', domain: Distribution?.DomainName ?? '' }
}

/** With lists as the API wants them. */
function counted(value: Json): Json {
  if (Array.isArray(value)) return { Quantity: value.length, Items: value.map(counted) }
  if (typeof value !== 'object') return value
  const { CachedMethods, AllowedMethods, ...others } = value
  const made = Object.fromEntries(Object.entries(others).map(([name, one]) => [name, counted(one)]))
  if (AllowedMethods === undefined) return made
  return { ...made, AllowedMethods: { ...counted(AllowedMethods), CachedMethods: counted(CachedMethods) } }
}

function withoutCloudFront({ Resources, ...others }: Json, { id, domain }: CloudFront): Json {
  const kept = Object.entries<Json>(Resources).filter(([, { Type }]) => !Type.startsWith('AWS::CloudFront::'))
  const text = JSON.stringify({ ...others, Resources: Object.fromEntries(kept) })
  return JSON.parse(
    text
      .replaceAll('{"Fn::GetAtt":["Distribution","DomainName"]}', JSON.stringify(domain))
      .replaceAll('{"Ref":"Distribution"}', JSON.stringify(id))
      .replaceAll(`\${Distribution.DomainName}`, domain)
      .replaceAll(`\${Distribution}`, id),
  )
}

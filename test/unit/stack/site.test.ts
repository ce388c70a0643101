import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corsPolicy, edgePolicy, iamFor, resolvePolicy, siteStack } from '../../../src/index.ts'
import { evaluated, type Json, type Names } from '../../rig/cloud-formation.ts'
import { optionsOf, SITE_STACKS, siteTemplateOf } from '../../rig/site-stacks.ts'
import { type TemporaryFolder, temporaryFolder } from '../../rig/sites.ts'
import { runFunction } from '../policy/edges.ts'

/** As `policy iam` writes it, who cannot know the account. */
const NAMES: Names = {
  'AWS::Partition': 'aws',
  'AWS::AccountId': 'ACCOUNT',
  'AWS::Region': 'eu-west-1',
  Name: 'lading-site',
  Bucket: 'acme-site',
  'Bucket.Arn': 'arn:aws:s3:::acme-site',
  Distribution: 'EDFDVBD6EXAMPLE',
  'Distribution.DomainName': 'd111111abcdef8.cloudfront.net',
}

const list = (value: Json): readonly Json[] => [value].flat()
const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 's').test(text)
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Whether CloudFront gets the object, by the bucket's policy alone. */
function mayRead(template: Json, key: string): boolean {
  const { Statement } = evaluated(template.Resources.BucketRules.Properties.PolicyDocument, NAMES)
  const said = Statement.filter(({ Principal }: Json) => Principal.Service === 'cloudfront.amazonaws.com')
    .filter(({ Resource }: Json) => list(Resource).some((one) => matches(one, `arn:aws:s3:::acme-site/${key}`)))
    .map(({ Effect }: Json) => Effect)
  return said.includes('Allow') && !said.includes('Deny')
}

const rulesOf = (template: Json): readonly Json[] =>
  evaluated(template.Resources.BucketRules.Properties.PolicyDocument, NAMES).Statement
const configOf = (template: Json): Json => template.Resources.Distribution.Properties.DistributionConfig

describe('every template of a site', () => {
  it.each(SITE_STACKS)('gives the rights that policy iam prints: $name', async ({ config, ask }) => {
    const template = await siteTemplateOf(config, ask)
    const printed = await iamFor(
      resolvePolicy({ to: 's3://acme-site', ...config, cdn: 'cloudfront:EDFDVBD6EXAMPLE' }, { cwd: '/', env: {} }),
    )
    const { Version, Statement } = evaluated(template.Resources.DeployPolicy.Properties.PolicyDocument, NAMES)
    const allowed = Statement.filter(({ Effect }: Json) => Effect === 'Allow')
    expect({ Version, Statement: allowed }).toEqual(JSON.parse(printed.text))
  })

  it.each(SITE_STACKS)('has a bucket of which nothing is public: $name', async ({ config, ask }) => {
    const { Bucket } = (await siteTemplateOf(config, ask)).Resources
    expect(Bucket).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' })
    const { PublicAccessBlockConfiguration, OwnershipControls, BucketEncryption } = Bucket.Properties
    expect(Object.values(PublicAccessBlockConfiguration)).toEqual([true, true, true, true])
    expect(OwnershipControls.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }])
    expect(BucketEncryption.ServerSideEncryptionConfiguration).toHaveLength(1)
  })

  it.each(SITE_STACKS)('lets this distribution read, by signature, and nobody without TLS: $name', async (asked) => {
    const template = await siteTemplateOf(asked.config, asked.ask)
    const [reads, hides, ...denied] = rulesOf(template)
    expect(reads.Condition.StringEquals).toEqual({
      'aws:SourceArn': 'arn:aws:cloudfront::ACCOUNT:distribution/EDFDVBD6EXAMPLE',
    })
    expect([hides, ...denied].map(({ Effect }) => Effect)).not.toContain('Allow')
    expect(denied.map(({ Sid }) => Sid)).toEqual([
      'TlsOnly',
      'NoCustomerKeys',
      ...(asked.ask.createOnly ? ['HashedNamesAreCreateOnly'] : []),
    ])
    const { OriginAccess, Distribution } = template.Resources
    expect(OriginAccess.Properties.OriginAccessControlConfig).toMatchObject({
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    })
    const [origin] = Distribution.Properties.DistributionConfig.Origins
    expect(origin.OriginAccessControlId).toEqual({ 'Fn::GetAtt': ['OriginAccess', 'Id'] })
  })

  it.each(SITE_STACKS)('never shows a state folder, and what visitors need: $name', async ({ config, ask }) => {
    const template = await siteTemplateOf(config, ask)
    const prefix = config.to?.includes('/www') ? 'www/' : ''
    const hidden = ['.lading/pointer.json', '.lading/blobs/x', 'blog/.lading/pointer.json']
    expect(hidden.filter((key) => mayRead(template, prefix + key))).toEqual([])
    const shown = ['a/app.abc.js', 'v/x/1.avif']
    expect(shown.filter((key) => mayRead(template, prefix + key))).toEqual(shown)
    const pages = ['index.html', 'about/index.html', 'robots.txt']
    expect(pages.filter((key) => mayRead(template, prefix + key))).toEqual(config.out === undefined ? pages : [])
    if (prefix !== '') expect(mayRead(template, 'other/index.html')).toBe(false)
  })

  it.each(SITE_STACKS)('refers to nothing that there is not, and fits: $name', async ({ config, ask }) => {
    const { text } = await siteStack(optionsOf(config), ask)
    const { Parameters, Resources, Conditions, Outputs } = JSON.parse(text)
    const known = [...Object.keys(Parameters), ...Object.keys(Resources), ...Object.keys(NAMES)]
    const names = Object.fromEntries(
      [...known, 'AWS::NoValue', 'OriginAccess.Id', 'EdgeFunction.FunctionARN', 'DeployRole.Arn'].map((name) => [
        name,
        'x',
      ]),
    )
    const all = { ...names, 'Bucket.RegionalDomainName': 'x' }
    expect(() => evaluated({ Resources, Conditions, Outputs }, all)).not.toThrow()
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html, with room for a full function
    expect(Buffer.byteLength(text)).toBeLessThan(51_200 - 30_000)
  })

  it('is the same text for the same request, and knows no path of this machine', async () => {
    const once = () => siteStack(optionsOf({ host: true, root: 'dist' }, '/home/somebody/project'))
    const { text } = await once()
    expect((await once()).text).toBe(text)
    expect(text).not.toContain('somebody')
  })
})

describe('the distribution', () => {
  it('takes TLS 1.2 at least at names of yours, all of HTTP, and reads alone', async () => {
    const config = configOf(await siteTemplateOf({}, { domains: ['www.example.com'] }))
    expect(config).toMatchObject({
      HttpVersion: 'http2and3',
      Aliases: ['www.example.com'],
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' },
      DefaultCacheBehavior: {
        ViewerProtocolPolicy: 'redirect-to-https',
        AllowedMethods: ['GET', 'HEAD'],
        Compress: true,
        CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
      },
    })
    expect(configOf(await siteTemplateOf({})).ViewerCertificate).toEqual({ CloudFrontDefaultCertificate: true })
  })

  it('asks where the store is for what visitors see, so that invalidations name the paths that it caches', async () => {
    const originPath = async (to: string, url: string) =>
      configOf(await siteTemplateOf({ to, url, host: true })).Origins[0].OriginPath
    expect(await originPath('s3://acme-site', 'https://www.example.com/')).toBeUndefined()
    expect(await originPath('s3://acme-site/www/de', 'https://www.example.com/')).toBe('/www/de')
    expect(await originPath('s3://acme-site/x/shop', 'https://www.example.com/shop/')).toBe('/x')
    expect(await originPath('s3://acme-site/grün', 'https://www.example.com/')).toBe('/gr%C3%BCn')
    expect(await originPath('s3://acme-site/x/grün', 'https://www.example.com/gr%C3%BCn/')).toBe('/x')
  })

  it('answers with CORS as policy cors prints it, only where that is asked for', async () => {
    const origins = ['https://www.example.com']
    const { Resources } = await siteTemplateOf({ out: 'origin' }, { origins })
    const { Name, ...config } = Resources.CorsHeaders.Properties.ResponseHeadersPolicyConfig
    const { Name: _, ...printed } = JSON.parse(corsPolicy({ provider: 'aws', part: 'headers', origins }).text)
    expect(config).toEqual(JSON.parse(JSON.stringify(printed).replace(/"Quantity":\d+,/g, '')))
    expect(evaluated(Name, NAMES)).toBe('lading-site-cors-eu-west-1')
    const { DefaultCacheBehavior } = Resources.Distribution.Properties.DistributionConfig
    expect(DefaultCacheBehavior.ResponseHeadersPolicyId).toEqual({ Ref: 'CorsHeaders' })
    expect((await siteTemplateOf({ out: 'origin' })).Resources).not.toHaveProperty('CorsHeaders')
    const open = await siteTemplateOf({ out: 'origin', cors: true })
    const { CorsConfig } = open.Resources.CorsHeaders.Properties.ResponseHeadersPolicyConfig
    expect(CorsConfig.AccessControlAllowOrigins).toEqual({ Items: ['*'] })
  })

  it('has no function where pages are elsewhere', async () => {
    const { Resources } = await siteTemplateOf({ out: 'origin' })
    expect(Resources).not.toHaveProperty('EdgeFunction')
    expect(Resources.Distribution.Properties.DistributionConfig).not.toHaveProperty('CustomErrorResponses')
  })
})

describe('the edge function of the stack', () => {
  let folder: TemporaryFolder
  beforeAll(async () => {
    folder = await temporaryFolder()
    mkdirSync(join(folder.path, 'site/docs/next.js'), { recursive: true })
    const files = {
      'index.html': 'x',
      'docs/next.js/index.html': 'x',
      LICENSE: 'x',
      _redirects: '/old /new 301\n/b/* /c 301',
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, 'site', name), text)
  })
  afterAll(() => folder?.remove())

  const made = (config: object) => siteStack(optionsOf({ root: 'site', ...config }, folder.path))
  const edge = async (config: object) =>
    runFunction(JSON.parse((await made(config)).text).Resources.EdgeFunction.Properties.FunctionCode)

  it.each([
    ['/', 'ask /index.html'],
    ['/about/', 'ask /about/index.html'],
    ['/about', '301 /about/'],
    ['/old', '301 /new'],
    ['/LICENSE', 'ask /LICENSE'],
    ['/docs/next.js', '301 /docs/next.js/'],
    ['/a/app.abc.js', 'ask /a/app.abc.js'],
    ['/.lading/pointer.json', '404'],
    ['/%2elading/pointer.json', '404'],
  ])('%s: %s, whatever prefix the store has', async (path, outcome) => {
    const url = 'https://www.example.com/'
    expect(await (await edge({ to: 's3://acme-site/www', url, host: true }))(path)).toBe(outcome)
    expect(await (await edge({ host: true }))(path)).toBe(outcome)
    expect(await (await edge({}))(path)).toBe(outcome)
  })

  it('is what policy edge prints for a store that lies where visitors see it', async () => {
    const { text } = await made({ host: true, url: 'https://www.example.com/shop/', to: 's3://acme-site/shop' })
    const printed = edgePolicy({
      provider: 'aws',
      part: 'function',
      url: { href: 'https://www.example.com/shop/', kind: 'host' },
      prefix: 'shop/',
      hasPages: true,
      redirects: [{ from: '/old', to: '/new', status: 301 }],
      files: ['/shop/LICENSE', '/shop/_redirects'],
      folders: ['/shop/docs/next.js'],
      brotli: false,
    })
    const { EdgeFunction, Distribution } = JSON.parse(text).Resources
    expect(EdgeFunction.Properties.FunctionCode).toBe(printed.text)
    const [missing] = Distribution.Properties.DistributionConfig.CustomErrorResponses
    expect(missing).toEqual({
      ErrorCode: 403,
      ResponsePagePath: '/shop/404.html',
      ResponseCode: 404,
      ErrorCachingMinTTL: 10,
    })
  })

  it('knows no file of a cache that lies in the site', async () => {
    mkdirSync(join(folder.path, 'cached/cache'), { recursive: true })
    for (const name of ['index.html', 'cache/names-a1', 'cache/clock'])
      writeFileSync(join(folder.path, 'cached', name), 'x')
    const { text } = await made({ host: true, root: 'cached', cacheDir: 'cached/cache' })
    expect(JSON.parse(text).Resources.EdgeFunction.Properties.FunctionCode).toContain('var FILES = [];')
  })

  it('reads no _redirects that is no file', async () => {
    mkdirSync(join(folder.path, 'other/_redirects'), { recursive: true })
    writeFileSync(join(folder.path, 'other/index.html'), 'x')
    expect((await made({ host: true, root: 'other' })).leftOut).toEqual([])
  })

  it('is told where it lacks a page or a redirect', async () => {
    const { notes, leftOut } = await made({ host: true })
    expect(leftOut).toEqual(['/b/* /c 301'])
    expect(notes).toContain('The site has no 404.html yet.')
    expect((await made({ out: 'origin' })).leftOut).toEqual([])
  })

  it('serves a site below a path of its own in mirror mode', async () => {
    const { text } = await made({ base: '/docs/', to: 's3://acme-site/docs' })
    const { EdgeFunction } = JSON.parse(text).Resources
    expect(await runFunction(EdgeFunction.Properties.FunctionCode)('/docs/about')).toBe('301 /docs/about/')
  })
})

describe('the command that deploys', () => {
  const sync = async (config: object, ask = {}): Promise<string> =>
    evaluated((await siteTemplateOf(config, ask)).Outputs.Sync.Value, NAMES)

  it.each([
    [{}, "lading sync --to 's3://acme-site?region=eu-west-1' --cdn cloudfront:EDFDVBD6EXAMPLE"],
    [
      { host: true, to: 's3://acme-site/www' },
      "lading sync --to 's3://acme-site/www?region=eu-west-1' --url https://d111111abcdef8.cloudfront.net/ --host --cdn cloudfront:EDFDVBD6EXAMPLE",
    ],
    [
      { inPlace: true, url: 'https://cdn.example.com/', cors: true },
      "lading sync --to 's3://acme-site?region=eu-west-1' --url https://cdn.example.com/ --in-place --cors --cdn cloudfront:EDFDVBD6EXAMPLE",
    ],
    [
      { out: "it's", to: 's3://acme-site?profile=me', state: 's3://acme-site/.state' },
      "lading sync --to 's3://acme-site?region=eu-west-1&profile=me' --state 's3://acme-site/.state?region=eu-west-1&profile=me' --url https://d111111abcdef8.cloudfront.net/ --out 'it'\\''s' --cdn cloudfront:EDFDVBD6EXAMPLE",
    ],
    [
      { to: "s3://acme-site?profile=it's%2Badmin", state: 's3://acme-site/.state' },
      "lading sync --to 's3://acme-site?region=eu-west-1&profile=it%27s%2Badmin' --state 's3://acme-site/.state?region=eu-west-1&profile=it%27s%2Badmin' --cdn cloudfront:EDFDVBD6EXAMPLE",
    ],
  ])('%j: %s', async (config, command) => {
    expect(await sync(config)).toBe(command)
  })

  it('names the path of a mirrored site, which its CDN is told of', async () => {
    const command = await sync({ base: '/docs/', to: 's3://acme-site/docs' })
    expect(command).toContain(' --base /docs/ ')
  })

  it('takes a bucket of the same name at another provider for no part of this one', async () => {
    const state = 's3://acme-site/x?endpoint=https://1.r2.cloudflarestorage.com'
    expect(await sync({ state, to: 's3://acme-site' })).toContain('endpoint=https://1.r2.cloudflarestorage.com')
  })

  it('names the domain, and not one of its patterns', async () => {
    const command = await sync({ host: true }, { domains: ['*.example.com', 'www.example.com'] })
    expect(command).toContain('--url https://www.example.com/ --host')
  })
})

describe('who may deploy', () => {
  const subject = async (github: string) => (await siteTemplateOf({}, { github })).Parameters.GitHubSubject

  it.each([
    ['acme/site', 'repo:acme/site:ref:refs/heads/main'],
    ['acme/site.js@release/1.x', 'repo:acme/site.js:ref:refs/heads/release/1.x'],
    ['acme@12/site@34', 'repo:acme@12/site@34:ref:refs/heads/main'],
    ['acme@12/site@34@next', 'repo:acme@12/site@34:ref:refs/heads/next'],
  ])('at GitHub, for %s: %s', async (github, expected) => {
    const { Default, AllowedPattern } = await subject(github)
    expect(Default).toBe(expected)
    expect(expected).toMatch(new RegExp(`^${AllowedPattern}$`))
    for (const wide of ['*', 'repo:acme/*', 'repo:acme/site:*', 'repo:*/site:ref:refs/heads/main'])
      expect(wide).not.toMatch(new RegExp(`^${AllowedPattern}$`))
  })

  it.each(['acme', 'acme/*', 'acme/site@*', '*/site', 'acme/site@a b', 'https://github.com/acme/site', 'acme@12/site'])(
    'is no pattern and no address: %s',
    async (github) => {
      await expect(siteStack(optionsOf({}), { github })).rejects.toMatchObject({ code: 'E_USAGE' })
    },
  )

  it('is nobody at GitHub unless that is asked for, and only together with the audience of AWS', async () => {
    expect((await siteTemplateOf({})).Resources).not.toHaveProperty('DeployRole')
    const { DeployRole } = (await siteTemplateOf({}, { github: 'acme/site' })).Resources
    const [trust] = DeployRole.Properties.AssumeRolePolicyDocument.Statement
    expect(trust.Condition).toEqual({
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': { Ref: 'GitHubSubject' },
      },
    })
    expect(DeployRole.Properties.ManagedPolicyArns).toEqual([{ Ref: 'DeployPolicy' }])
  })

  it('with --create-only removes no hashed name: it could be put again, with other bytes', async () => {
    const rightsOf = async (config: object) =>
      evaluated((await siteTemplateOf(config, { createOnly: true })).Resources.DeployPolicy, NAMES).Properties
        .PolicyDocument.Statement
    expect(await rightsOf({ host: true, to: 's3://acme-site/www' })).toContainEqual({
      Sid: 'KeepHashedNames',
      Effect: 'Deny',
      Action: 's3:DeleteObject',
      Resource: 'arn:aws:s3:::acme-site/www/a/*',
    })
    const removes = (await rightsOf({ out: 'origin' })).flatMap(({ Action, Resource }: Json) =>
      list(Action).includes('s3:DeleteObject') ? list(Resource) : [],
    )
    expect(removes.filter((one: string) => matches(one, 'arn:aws:s3:::acme-site/a/app.abc.js'))).toEqual([])
  })

  it('has rights to a state whose endpoint is one of Amazon', async () => {
    const state = 's3://acme-state/site?endpoint=https://s3.eu-west-1.amazonaws.com'
    const { PolicyDocument } = (await siteTemplateOf({ state })).Resources.DeployPolicy.Properties
    expect(JSON.stringify(evaluated(PolicyDocument, NAMES))).toContain('arn:aws:s3:::acme-state/site/*')
    const elsewhere = 's3://acme-state/site?endpoint=https://x.r2.cloudflarestorage.com'
    expect((await siteStack(optionsOf({ state: elsewhere }))).text).not.toContain('ReadAndWriteState')
  })

  it('hides a state that has another name in the same bucket', async () => {
    const template = await siteTemplateOf({ to: 's3://acme-site', state: 's3://acme-site/private' })
    expect(mayRead(template, 'private/pointer.json')).toBe(false)
    expect(mayRead(template, 'public.html')).toBe(true)
    const apart = await siteTemplateOf({ to: 's3://acme-site', state: 's3://acme-state/private' })
    expect(mayRead(apart, 'private/pointer.json')).toBe(true)
  })
})

describe('what cannot be made is refused', () => {
  const COM = 'https://www.example.com/'
  it.each([
    [{ url: '/_a/' }, {}, 'E_USAGE', '/_a/ is a path of a distribution that you have already'],
    [{ url: COM }, {}, 'E_USAGE', 'url needs to know where the rewritten pages go'],
    [{ host: true, out: 'x' }, {}, 'E_USAGE', '--out and --host exclude each other'],
    [{ to: 'store' }, {}, 'E_USAGE', 'the store is a folder'],
    [{ to: 's3://acme?endpoint=https://x.r2.cloudflarestorage.com' }, {}, 'E_USAGE', 'the store is not at Amazon'],
    [{ to: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/acme' }, {}, 'E_USAGE', 'an access point is of a bucket'],
    [{ url: 'https://www.example.com/100%/', host: true }, {}, 'E_URL', '"/100%/" cannot be the path of the site'],
    [{ url: 'http://www.example.com/', host: true }, {}, 'E_USAGE', 'the distribution answers by https alone'],
    [{ to: 's3://acme/x', state: 's3://acme/x' }, {}, 'E_USAGE', 'the state has the place of the store itself'],
    [{ to: 's3://acme/a*' }, {}, 'E_PREFIX', '"a*/" cannot stand in a policy'],
    [{ to: 's3://acme/x', url: `${COM}shop/`, host: true }, {}, 'E_PREFIX', 'visitors see the store at /shop/'],
    [{ to: 's3://acme/x', base: '/docs/' }, {}, 'E_PREFIX', 'visitors see the store at /docs/'],
    [{ url: COM, host: true }, { domains: ['cdn.example.com'] }, 'E_USAGE', 'is at none of the domains'],
    [
      { url: 'https://example.com/', host: true },
      { domains: ['*.example.com'] },
      'E_USAGE',
      'is at none of the domains',
    ],
    [
      { url: 'https://www.example.com:8443/', host: true },
      {},
      'E_USAGE',
      'the distribution cannot answer at www.example.com:8443',
    ],
    [
      { url: 'https://www.example.com:8443/', host: true },
      { domains: ['www.example.com'] },
      'E_USAGE',
      'the distribution cannot answer at www.example.com:8443',
    ],
    [{}, { domains: ['https://www.example.com/'] }, 'E_USAGE', 'cannot be a domain'],
    [{}, { domains: ['d1.cloudfront.net'] }, 'E_USAGE', '"d1.cloudfront.net" cannot be a domain'],
    [{}, { domains: ['localhost'] }, 'E_USAGE', '"localhost" cannot be a domain'],
    [{}, { origins: ['www.example.com'] }, 'E_USAGE', '"www.example.com" is no origin'],
    [{}, { createOnly: true }, 'E_USAGE', '--create-only is for hashed names'],
    [{}, { name: 'my site' }, 'E_USAGE', '"my site" cannot name a stack'],
  ])('%j, %j', async (config, ask, code, message) => {
    const failed = (async () => siteStack(optionsOf(config), ask))()
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('a domain of CloudFront itself as the public address is none of yours', async () => {
    const template = await siteTemplateOf({ url: 'https://d111111abcdef8.cloudfront.net/', host: true })
    expect(configOf(template)).not.toHaveProperty('Aliases')
    expect(template.Parameters).not.toHaveProperty('CertificateArn')
  })

  it('a policy for deploying that IAM would find too long is refused', async () => {
    const to = `s3://acme-site/${'p'.repeat(900)}`
    await expect(siteStack(optionsOf({ to, state: `s3://acme-state/${'q'.repeat(500)}` }))).resolves.toBeDefined()
    const state = `s3://acme-state/${'q'.repeat(900)}`
    await expect(siteStack(optionsOf({ to, state }))).rejects.toMatchObject({ code: 'E_TOO_LARGE' })
  })

  it('a template with as many redirects as a function holds is still one that CloudFormation takes', async () => {
    const folder = await temporaryFolder()
    mkdirSync(join(folder.path, 'site'))
    const lines = Array.from({ length: 300 }, (_, index) => `/old-"${index} /new`)
    const config = { root: 'site', host: true }
    const textOf = async (count: number) => {
      writeFileSync(join(folder.path, 'site/_redirects'), lines.slice(0, count).join('\n'))
      return (await siteStack(optionsOf(config, folder.path), { domains: ['www.example.com'], github: 'a/b' })).text
    }
    await expect(textOf(300)).rejects.toMatchObject({ code: 'E_TOO_LARGE' })
    const text = await textOf(190)
    expect(Buffer.byteLength(text)).toBeLessThan(51_200)
    await folder.remove()
  })
})

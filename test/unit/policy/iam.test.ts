import { describe, expect, it } from 'vitest'
import { iamFor, resolvePolicy } from '../../../src/index.ts'
import type { Json } from '../../rig/cloud-formation.ts'

type Config = Parameters<typeof resolvePolicy>[0]

const made = (config: Config, ask = {}) => iamFor(resolvePolicy(config, { cwd: '/', env: {} }), ask)

const statements = async (config: Config): Promise<readonly Json[]> => JSON.parse((await made(config)).text).Statement

const COM = 'https://cdn.example.com/'

describe('policy iam', () => {
  it('names a prefix, and what sync does there', async () => {
    const { text, commands, file } = await made({ to: 's3://acme-site/www' })
    expect(file).toBe('deploy.json')
    expect(commands).toEqual([
      'aws iam create-policy --policy-name lading-acme-site-deploy --policy-document file://deploy.json',
    ])
    expect(JSON.parse(text)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'List',
          Effect: 'Allow',
          Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads'],
          Resource: 'arn:aws:s3:::acme-site',
          // with a plain StringLike a GET of what is missing would be a 403, and sync would stop
          Condition: { StringLikeIfExists: { 's3:prefix': 'www/*' } },
        },
        {
          Sid: 'ReadAndWrite',
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
          Resource: 'arn:aws:s3:::acme-site/www/*',
        },
        { Sid: 'RemovePages', Effect: 'Allow', Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::acme-site/www/*' },
      ],
    })
  })

  it('removes nothing of a site whose pages are elsewhere, but what it probes with', async () => {
    const [, , removes, ...others] = await statements({ to: 's3://acme-site/_a', url: COM, out: 'origin' })
    expect(removes).toMatchObject({
      Sid: 'RemoveProbes',
      Resource: ['arn:aws:s3:::acme-site/_a/.lading/probe*', 'arn:aws:s3:::acme-site/_a/a/lading-probe-*'],
    })
    expect(others).toEqual([])
  })

  it('names the state where it is, the one distribution, and the partition of the region', async () => {
    const config = {
      to: 's3://acme-site?region=cn-north-1',
      state: 's3://acme-state/x',
      cdn: 'cloudfront:EDFDVBD6EXAMPLE',
    }
    const [list, , , listState, writeState, removeState, invalidate] = await statements(config)
    expect(list).not.toHaveProperty('Condition')
    expect(listState).toMatchObject({ Sid: 'ListState', Resource: 'arn:aws-cn:s3:::acme-state' })
    expect(writeState).toMatchObject({ Sid: 'ReadAndWriteState', Resource: 'arn:aws-cn:s3:::acme-state/x/*' })
    expect(removeState.Resource).toBe('arn:aws-cn:s3:::acme-state/x/.lading/probe*')
    expect(invalidate).toEqual({
      Sid: 'Invalidate',
      Effect: 'Allow',
      Action: ['cloudfront:CreateInvalidation', 'cloudfront:GetInvalidation'],
      Resource: 'arn:aws-cn:cloudfront::ACCOUNT:distribution/EDFDVBD6EXAMPLE',
    })
  })

  it('names a state whose endpoint is one of Amazon', async () => {
    const state = 's3://acme-state?endpoint=https://s3.eu-west-1.amazonaws.com'
    expect((await made({ to: 's3://acme-site', state })).text).toContain('arn:aws:s3:::acme-state/*')
  })

  it('of an access point names its objects as IAM does', async () => {
    const to = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/acme/www'
    const [list, write] = await statements({ to })
    expect(list.Resource).toBe('arn:aws:s3:eu-west-1:123456789012:accesspoint/acme')
    expect(write.Resource).toBe('arn:aws:s3:eu-west-1:123456789012:accesspoint/acme/object/www/*')
  })

  it('is refused where IAM would refuse its length', async () => {
    const config = (length: number): Config => ({
      to: `s3://acme-site/${'p'.repeat(length)}`,
      state: `s3://acme-state/${'q'.repeat(length)}`,
    })
    const { text } = await made(config(700))
    expect(text.replaceAll(/\s/g, '').length).toBeLessThanOrEqual(6144)
    await expect(made(config(900))).rejects.toMatchObject({
      code: 'E_TOO_LARGE',
      message: expect.stringMatching(/^the policy has 6\d{3} characters; IAM takes 6144$/),
    })
  })

  it('is for AWS, and for prefixes that are no patterns', async () => {
    expect((await made({})).text).toContain('"arn:aws:s3:::BUCKET/*"')
    await expect(made({ to: 'store' })).rejects.toThrow('no provider was given')
    await expect(made({}, { provider: 'r2' })).rejects.toThrow('policy iam is for AWS, and the provider is r2')
    await expect(made({ to: 's3://acme/a*' })).rejects.toThrow('"a*/" cannot stand in a policy')
    await expect(made({ to: 's3://acme/日本' })).rejects.toMatchObject({
      code: 'E_PREFIX',
      why: 'IAM takes no letter beyond Latin-1.',
    })
    expect((await made({ to: 's3://acme/grün' })).text).toContain('acme/grün/*')
  })
})

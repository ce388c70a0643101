import { CloudFrontClient, CreateDistributionCommand, GetInvalidationCommand } from '@aws-sdk/client-cloudfront'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cdn } from '../../src/cdn/cdn.ts'
import { parseCdn } from '../../src/config/cdn.ts'
import { openCdn } from '../../src/providers.ts'
import { homeOf, PROGRAMS, REQUIRED, type Server, startServer } from './server.ts'

const moto = PROGRAMS.find(({ name }) => name === 'moto')

if (moto === undefined || (homeOf(moto) === undefined && !REQUIRED)) {
  it.skip('invalidates through moto (not installed: scripts/servers.sh)')
} else {
  describe("moto's CloudFront", () => {
    let server: Server
    let client: CloudFrontClient
    let distribution: string
    beforeAll(async () => {
      server = await startServer(moto)
      const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = server.credentials
      const credentials = { accessKeyId, secretAccessKey }
      client = new CloudFrontClient({ endpoint: server.endpoint, region: 'us-east-1', credentials })
      distribution = await createDistribution(client)
    })
    afterAll(async () => {
      client?.destroy()
      await server?.stop()
    })

    const open = (query = '', id = distribution): Promise<Cdn> =>
      openCdn(parseCdn(`cloudfront:${id}?endpoint=${server.endpoint}${query}`, '--cdn'), {
        env: server.credentials,
        origin: undefined,
        requestTimeoutMs: 30_000,
      })

    async function recorded(id: string | undefined): Promise<{ paths: readonly string[]; reference: string }> {
      const { Invalidation } = await client.send(new GetInvalidationCommand({ DistributionId: distribution, Id: id }))
      const batch = Invalidation?.InvalidationBatch
      return { paths: batch?.Paths?.Items ?? [], reference: batch?.CallerReference ?? '' }
    }

    it('records what was asked for', async () => {
      const cdn = await open()
      const receipt = await cdn.purge(['/index.html', '/', '/gr%C3%BCn/a%20b.html', '/logo%402x.png'])
      expect(receipt).toMatchObject({ asked: 4, sent: 4, waited: false, completed: false })
      expect(receipt.ids).toHaveLength(1)
      const { paths } = await recorded(receipt.ids[0])
      expect(paths).toEqual(['/', '/gr%C3%BCn/a%20b.html', '/index.html', '/logo@2x.png'])
    })

    it('is waited for', async () => {
      const cdn = await open('&wait=true')
      expect(await cdn.purge(['/a'])).toMatchObject({ sent: 1, waited: true, completed: true })
    })

    it('gets wildcards when a deploy is over its budget', async () => {
      const cdn = await open('&budget=10')
      const posts = Array.from({ length: 400 }, (_, n) => `/blog/${n}/index.html`)
      const receipt = await cdn.purge([...posts, '/index.html', '/'])
      expect(receipt).toMatchObject({ asked: 402, sent: 3 })
      expect((await recorded(receipt.ids[0])).paths).toEqual(['/', '/blog/*', '/index.html'])
    })

    it('gets large deploys in batches with a reference each', async () => {
      const cdn = await open('&budget=4000&wait=true')
      const receipt = await cdn.purge(Array.from({ length: 3500 }, (_, n) => `/${n}`))
      expect(receipt).toMatchObject({ asked: 3500, sent: 3500, completed: true })
      const batches = await Promise.all(receipt.ids.map(recorded))
      expect(batches.map(({ paths }) => paths.length)).toEqual([3000, 500])
      expect(new Set(batches.map(({ reference }) => reference)).size).toBe(2)
    })

    it('knows no other distribution', async () => {
      const cdn = await open('', 'EDFDVBD6EXAMPLE')
      await expect(cdn.purge(['/a'])).rejects.toMatchObject({ code: 'E_CDN', subject: 'EDFDVBD6EXAMPLE' })
    })
  })
}

async function createDistribution(client: CloudFrontClient): Promise<string> {
  const { Distribution } = await client.send(
    new CreateDistributionCommand({
      DistributionConfig: {
        CallerReference: 'lading-test',
        Comment: '',
        Enabled: true,
        Origins: {
          Quantity: 1,
          Items: [
            {
              Id: 'site',
              DomainName: 'site-assets.s3.amazonaws.com',
              S3OriginConfig: { OriginAccessIdentity: '' },
            },
          ],
        },
        DefaultCacheBehavior: { TargetOriginId: 'site', ViewerProtocolPolicy: 'redirect-to-https' },
      },
    }),
  )
  return Distribution?.Id ?? ''
}

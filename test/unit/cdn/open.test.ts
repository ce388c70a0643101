import { describe, expect, it } from 'vitest'
import { parseCdn } from '../../../src/config/cdn.ts'
import { openCdn } from '../../../src/providers.ts'
import { startCloudflare } from '../../rig/cloudflare.ts'
import { startEdge } from './edge.ts'

const origin = 'https://www.example.com'
const requestTimeoutMs = 5000

describe('opening a CDN', () => {
  it('purges through Cloudflare with what the environment holds', async () => {
    const server = await startCloudflare()
    try {
      const target = parseCdn(`cloudflare:${server.zone}?endpoint=${server.endpoint}`, '--cdn')
      const cdn = await openCdn(target, { env: { CLOUDFLARE_API_TOKEN: server.token }, origin, requestTimeoutMs })
      await cdn.purge(['/index.html'])
      expect(server.purges).toEqual([['https://www.example.com/index.html']])
    } finally {
      await server.close()
    }
  })

  it('purges through CloudFront, at the address of the target or of the environment', async () => {
    const edge = await startEdge()
    try {
      const keys = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
      const named = parseCdn(`cloudfront:${edge.distribution}?endpoint=${edge.endpoint}&wait=true`, '--cdn')
      const first = await openCdn(named, { env: keys, origin: undefined, requestTimeoutMs })
      expect(await first.purge(['/a'])).toMatchObject({ sent: 1, waited: true, completed: true })
      const env = { ...keys, AWS_ENDPOINT_URL_CLOUDFRONT: edge.endpoint, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
      const second = await openCdn(parseCdn(`cloudfront:${edge.distribution}`, '--cdn'), {
        env,
        origin,
        requestTimeoutMs,
      })
      expect(await second.purge(['/b'])).toMatchObject({ sent: 1, waited: false })
      expect(edge.created.map(({ paths }) => paths)).toEqual([['/a'], ['/b']])
    } finally {
      await edge.close()
    }
  })

  it('fails before anything is deployed when something is missing', async () => {
    const zone = parseCdn(`cloudflare:${'0'.repeat(32)}`, '--cdn')
    const noToken = openCdn(zone, { env: {}, origin, requestTimeoutMs })
    await expect(noToken).rejects.toMatchObject({ code: 'E_CREDENTIALS', exitCode: 4 })
    const noOrigin = openCdn(zone, { env: { CLOUDFLARE_API_TOKEN: 'x' }, origin: undefined, requestTimeoutMs })
    await expect(noOrigin).rejects.toMatchObject({ code: 'E_CDN', exitCode: 2 })
    const env = { AWS_ENDPOINT_URL: 'http://cdn.example.com' }
    const insecure = openCdn(parseCdn('cloudfront:EDFDVBD6EXAMPLE', '--cdn'), { env, origin, requestTimeoutMs })
    await expect(insecure).rejects.toMatchObject({ code: 'E_ENDPOINT', exitCode: 2 })
  })
})

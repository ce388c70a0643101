import type { ResponseHeadersPolicyConfig } from '@aws-sdk/client-cloudfront'
import type { CORSConfiguration } from '@aws-sdk/client-s3'
import { parseDocument } from 'htmlparser2'
import { describe, expect, it } from 'vitest'
import { type CorsRequest, corsPolicy } from '../../../src/index.ts'

const AWS: CorsRequest = { provider: 'aws', part: 'bucket', bucket: 'site-assets' }
const ALL: readonly CorsRequest[] = [
  AWS,
  { ...AWS, part: 'headers' },
  { ...AWS, provider: 'r2' },
  { ...AWS, provider: 'minio' },
]

describe('CORS', () => {
  it('of a bucket at Amazon is what put-bucket-cors takes', () => {
    const { text, commands } = corsPolicy(AWS)
    const expected: CORSConfiguration = {
      CORSRules: [{ ID: 'lading-read', AllowedMethods: ['GET', 'HEAD'], AllowedOrigins: ['*'], MaxAgeSeconds: 86_400 }],
    }
    expect(JSON.parse(text)).toEqual(expected)
    expect(commands).toEqual(['aws s3api put-bucket-cors --bucket site-assets --cors-configuration file://cors.json'])
  })

  it('of another store with that protocol names its endpoint', () => {
    const { commands } = corsPolicy({ ...AWS, endpoint: 'https://s3.example.com' })
    expect(commands[0]).toContain(' --endpoint-url https://s3.example.com ')
  })

  it('behind CloudFront is a response headers policy that every answer gets', () => {
    const { text, notes } = corsPolicy({ ...AWS, bucket: 'my.site', part: 'headers' })
    const expected: ResponseHeadersPolicyConfig = {
      Name: 'lading-my-site-cors',
      Comment: 'Pages of other hosts may read these files',
      CorsConfig: {
        AccessControlAllowOrigins: { Quantity: 1, Items: ['*'] },
        AccessControlAllowMethods: { Quantity: 2, Items: ['GET', 'HEAD'] },
        AccessControlAllowHeaders: { Quantity: 1, Items: ['Range'] },
        AccessControlAllowCredentials: false,
        AccessControlMaxAgeSec: 86_400,
        OriginOverride: true,
      },
      SecurityHeadersConfig: { ContentTypeOptions: { Override: true } },
      CustomHeadersConfig: {
        Quantity: 1,
        Items: [{ Header: 'Cross-Origin-Resource-Policy', Value: 'cross-origin', Override: true }],
      },
    }
    expect(JSON.parse(text)).toEqual(expected)
    expect(notes.join(' ')).toContain('in front of the cache')
  })

  it('of R2 is the body of its API, which wrangler takes as a file', () => {
    const { text, commands, notes } = corsPolicy({ ...AWS, provider: 'r2' })
    expect(JSON.parse(text)).toEqual({
      rules: [{ id: 'lading-read', allowed: { origins: ['*'], methods: ['GET', 'HEAD'] }, maxAgeSeconds: 86_400 }],
    })
    expect(commands).toEqual(['npx wrangler r2 bucket cors set site-assets --file cors.json'])
    expect(notes.join(' ')).toContain('purge')
  })

  it('of MinIO is the XML that mc takes', () => {
    const { text } = corsPolicy({
      ...AWS,
      provider: 'minio',
      origins: ['https://a.example.com', 'https://*.example.net'],
    })
    const document = parseDocument(text, { xmlMode: true })
    const leaves: string[] = []
    const walk = (nodes: typeof document.children): void => {
      for (const node of nodes) {
        if ('children' in node && 'name' in node) {
          const [only] = node.children
          if (only !== undefined && 'data' in only && node.children.length === 1)
            leaves.push(`${node.name} ${only.data}`)
          else walk(node.children)
        }
      }
    }
    walk(document.children)
    expect(leaves).toEqual([
      'ID lading-read',
      'AllowedOrigin https://a.example.com',
      'AllowedOrigin https://*.example.net',
      'AllowedMethod GET',
      'AllowedMethod HEAD',
      'MaxAgeSeconds 86400',
    ])
  })

  it.each(ALL)('of $provider, $part, reads and never writes, without credentials', (request) => {
    const { text } = corsPolicy(request)
    expect(text).not.toMatch(/PUT|POST|DELETE|PATCH|ExposeHeader|AllowCredentials": true/)
    expect(text).toMatch(/GET/)
  })

  it.each(ALL)('of $provider, $part, is for the origins that are named', (request) => {
    const { text } = corsPolicy({ ...request, origins: ['https://a.example.com', 'http://localhost:5173'] })
    expect(text).toContain('https://a.example.com')
    expect(text).toContain('http://localhost:5173')
    expect(text).not.toContain('"*"')
  })

  it.each(['www.example.com', 'https://a.example.com/', 'https://a.example.com/x', '<b>', "https://'", 'null'])(
    'refuses %s as an origin',
    (origin) => {
      expect(() => corsPolicy({ ...AWS, origins: [origin] })).toThrow('is no origin')
    },
  )

  it('has a part of its own at CloudFront only', () => {
    expect(() => corsPolicy({ ...AWS, provider: 'r2', part: 'headers' })).toThrow('--part headers is for CloudFront')
  })
})

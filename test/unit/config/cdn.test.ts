import { describe, expect, it } from 'vitest'
import { parseCdn } from '../../../src/config/cdn.ts'
import { LadingError } from '../../../src/words/errors.ts'

const ZONE = '023e105f4ecef8ad9ca31a8372d0c353'

function failure(text: string): LadingError {
  try {
    parseCdn(text, '--cdn')
  } catch (error) {
    if (error instanceof LadingError) return error
    throw error
  }
  throw new Error(`"${text}" was accepted`)
}

const said = ({ message, subject, why, hint }: LadingError): string => [message, subject, why, hint].join('\n')

describe('addresses of CDNs', () => {
  it('reads a distribution with its defaults', () => {
    expect(parseCdn('cloudfront:EDFDVBD6EXAMPLE', '--cdn')).toEqual({
      kind: 'cloudfront',
      distribution: 'EDFDVBD6EXAMPLE',
      wait: false,
      budget: 100,
      endpoint: undefined,
      profile: undefined,
    })
  })

  it('reads what may follow a distribution', () => {
    const text = 'cloudfront:EDFDVBD6EXAMPLE?wait=true&budget=15&profile=site&endpoint=http://127.0.0.1:5000'
    expect(parseCdn(text, '--cdn')).toEqual({
      kind: 'cloudfront',
      distribution: 'EDFDVBD6EXAMPLE',
      wait: true,
      budget: 15,
      endpoint: 'http://127.0.0.1:5000',
      profile: 'site',
    })
    expect(parseCdn('cloudfront:EDFDVBD6EXAMPLE?wait=false', '--cdn')).toMatchObject({ wait: false })
  })

  it('reads a zone', () => {
    expect(parseCdn(`cloudflare:${ZONE}`, '--cdn')).toEqual({ kind: 'cloudflare', zone: ZONE, endpoint: undefined })
    const elsewhere = `cloudflare:${ZONE.toUpperCase()}?endpoint=localhost:8787`
    expect(parseCdn(elsewhere, '--cdn')).toEqual({ kind: 'cloudflare', zone: ZONE, endpoint: 'http://localhost:8787' })
  })

  it.each([
    ['cloudfrnt:EDFDVBD6EXAMPLE', 'Did you mean "cloudfront:"?'],
    ['Cloudflare:x', 'Did you mean "cloudflare:"?'],
    ['fastly:abc', 'Write cloudfront:DISTRIBUTION'],
    ['', 'Write cloudfront:DISTRIBUTION'],
    ['cloudfront:EDFDVBD6EXAMPLE?budgt=3', 'Did you mean "budget"?'],
    ['cloudfront:EDFDVBD6EXAMPLE?region=x', 'Known are wait, budget, endpoint, profile.'],
    [`cloudflare:${ZONE}?endpiont=x`, 'Did you mean "endpoint"?'],
    [`cloudflare:${ZONE}?wait=true`, 'Known are endpoint.'],
  ])('knows no %s and says what it does know', (text, hint) => {
    const error = failure(text)
    expect(error).toMatchObject({ code: 'E_USAGE', exitCode: 2 })
    expect(error.hint).toContain(hint)
  })

  it.each([
    'cloudfront:',
    'cloudfront',
    'cloudfront:d111111abcdef8.cloudfront.net',
    'cloudfront:arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE',
    'cloudflare:example.com',
    `cloudflare:${ZONE}0`,
    'cloudfront:EDFDVBD6EXAMPLE?wait=yes',
    'cloudfront:EDFDVBD6EXAMPLE?wait',
    'cloudfront:EDFDVBD6EXAMPLE?budget=0',
    'cloudfront:EDFDVBD6EXAMPLE?budget=30001',
    'cloudfront:EDFDVBD6EXAMPLE?budget=1e2',
    'cloudfront:EDFDVBD6EXAMPLE?profile=',
  ])('refuses %s', (text) => {
    expect(failure(text)).toMatchObject({ code: 'E_USAGE', exitCode: 2 })
  })

  it.each([
    'cloudfront:AKIAIOSFODNN7EXAMPLE:canary/secret@EDFDVBD6EXAMPLE',
    'cloudfront:AKIAIOSFODNN7EXAMPLE',
    `cloudflare:canary-token@${ZONE}`,
    `cloudflare:${ZONE}?token=canary-token`,
    `cloudflare:${ZONE}?api_token=canary&x`,
    'cloudfront:EDFDVBD6EXAMPLE?secret=canary',
  ])('refuses credentials in %s without repeating them', (text) => {
    const error = failure(text)
    expect(error).toMatchObject({ code: 'E_CONFIG_SECRET', exitCode: 2 })
    expect(said(error)).not.toMatch(/canary|IOSFODNN7/)
  })

  it('does not repeat what stands in the place of an id', () => {
    expect(said(failure('cloudflare:canary0123456789012345678901234567890'))).not.toContain('canary')
    expect(said(failure('cloudfront:canary0123456789'))).not.toContain('canary')
  })

  it.each([
    'http://cdn.example.com',
    'https://cdn.example.com/api',
    'ftp://cdn.example.com',
    'https://user:canary@cdn.example.com',
  ])('refuses the endpoint %s', (endpoint) => {
    const error = failure(`cloudflare:${ZONE}?endpoint=${endpoint}`)
    expect(error).toMatchObject({ code: 'E_ENDPOINT', exitCode: 2 })
    expect(said(error)).not.toContain('canary')
  })
})

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createEc2Fleet } from '../../../src/batch/fleets/ec2.ts'
import { autoScalingError } from '../../../src/batch/fleets/ec2-errors.ts'
import { openSqs } from '../../../src/batch/queues/sqs-client.ts'
import { sqsError } from '../../../src/batch/queues/sqs-errors.ts'
import { createCloudFrontCdn } from '../../../src/cdn/cloudfront.ts'
import { cloudFrontError } from '../../../src/cdn/cloudfront-errors.ts'
import { s3Error } from '../../../src/store/s3/errors.ts'
import type { LadingError } from '../../../src/words/errors.ts'

const SERVICES: readonly (readonly [string, (error: unknown) => LadingError])[] = [
  ['Auto Scaling', (error) => autoScalingError(error, { action: 'a:B', group: 'g', signal: undefined })],
  ['SQS', (error) => sqsError(error, { action: 'a:B', queue: 'https://q.example/1/q' })],
  ['CloudFront', (error) => cloudFrontError(error, { action: 'a:B', distribution: 'E1', signal: undefined })],
  ['S3', (error) => s3Error(error, { action: 'a:B', bucket: 'b' })],
]
/** The store mends a wrong clock elsewhere, for it also sends without the SDK. */
const WITHOUT_S3 = SERVICES.filter(([name]) => name !== 'S3')

interface Said {
  readonly headers?: Readonly<Record<string, string>>
  readonly clockSkewCorrected?: boolean
}

/** An answer as the SDK throws it. */
function refusal(status: number, name: string, { headers = {}, clockSkewCorrected = false }: Said = {}): Error {
  const $metadata = { httpStatusCode: status, clockSkewCorrected }
  return Object.assign(new Error('says no'), { name, $metadata, $response: { statusCode: status, headers } })
}

const BAD_CREDENTIALS = [
  ...['ExpiredToken', 'ExpiredTokenException', 'IncompleteSignature', 'InvalidAccessKeyId', 'InvalidClientTokenId'],
  ...['InvalidSecurity', 'InvalidSignatureException', 'InvalidToken', 'MissingAuthenticationToken'],
  ...['SignatureDoesNotMatch', 'TokenRefreshRequired', 'UnrecognizedClientException'],
]

describe.each(SERVICES)('a failure of %s', (_, read) => {
  it.each(BAD_CREDENTIALS)('by the name of %s is about the credentials, and not about rights', (name) => {
    expect(read(refusal(403, name))).toMatchObject({ code: 'E_CREDENTIALS', retryable: false })
  })

  it.each(['CredentialsProviderError', 'ProviderError', 'TokenProviderError'])('by %s is about them, too', (name) => {
    expect(read(Object.assign(new Error('none'), { name }))).toMatchObject({ code: 'E_CREDENTIALS', retryable: false })
  })

  it('that says nothing of credentials is about rights', () => {
    expect(read(refusal(403, 'AccessDenied'))).toMatchObject({ code: 'E_ACCESS_DENIED', retryable: false })
  })

  it.each([
    [400, 'ThrottlingException'],
    [429, 'TooManyRequestsException'],
    [503, 'ServiceUnavailable'],
  ])('that passes says when to come again: %i %s', (status, name) => {
    const error = read(refusal(status, name, { headers: { 'retry-after': '7' } }))
    expect(error).toMatchObject({ retryable: true, retryAfterMs: 7000 })
  })

  it.each([
    ['ECONNRESET', true],
    ['ECONNREFUSED', true],
    ['EPIPE', true],
    ['EAI_AGAIN', true],
    ['ENETUNREACH', true],
    ['ENOTFOUND', false],
    ['CERT_HAS_EXPIRED', false],
  ])('of the line, %s, is worth another attempt: %s', (code, retryable) => {
    const error = read(Object.assign(new Error('broken'), { code }))
    expect(error).toMatchObject({ code: 'E_UNREACHABLE', retryable })
  })

  it('because of the time is one', () => {
    const error = read(Object.assign(new Error('took too long'), { name: 'TimeoutError' }))
    expect(error).toMatchObject({ code: 'E_TIMEOUT', retryable: true })
  })

  it('is told in one line that is not long', () => {
    const why = read(Object.assign(refusal(400, 'Odd'), { message: `a\nb${'c'.repeat(1000)}` })).why ?? ''
    expect(why).toContain('Odd: a')
    expect(why).not.toContain('\n')
    expect(why.length).toBeLessThan(220)
  })
})

describe.each(WITHOUT_S3)('a wrong clock before %s', (_, read) => {
  it.each([
    [403, 'SignatureDoesNotMatch'],
    [403, 'InvalidSignatureException'],
    [400, 'RequestExpired'],
  ])('is set by the answer, %i %s, and the next request may succeed', (status, name) => {
    expect(read(refusal(status, name, { clockSkewCorrected: true })).retryable).toBe(true)
    expect(read(refusal(status, name)).retryable).toBe(false)
  })
})

describe('a profile that does not exist is named', () => {
  const REGION = 'eu-west-1'
  const URL = `https://sqs.${REGION}.amazonaws.com/111122223333/q`
  type Asking = (options: {
    profile?: string
    env: Record<string, string>
    requestTimeoutMs: number
  }) => Promise<unknown>
  const ASKING: readonly (readonly [string, Asking])[] = [
    [
      'CloudFront',
      async (o) => (await createCloudFrontCdn({ ...o, distribution: 'E1', budget: 1, wait: false })).purge(['/a']),
    ],
    ['SQS', async (o) => (await openSqs({ ...o, url: URL })).attributes(['All'])],
    [
      'Auto Scaling',
      async (o) => (await createEc2Fleet({ ...o, group: 'g', region: REGION, retries: 0 })).count(undefined),
    ],
  ]

  it.each(ASKING)('of %s', async (_, asking) => {
    for (const [name, value] of [
      ['AWS_EC2_METADATA_DISABLED', 'true'],
      ['AWS_CONFIG_FILE', '/none'],
      ['AWS_SHARED_CREDENTIALS_FILE', '/none'],
    ] as const)
      vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
    const named = {
      code: 'E_CREDENTIALS',
      message: expect.stringContaining('for the profile "nosuch"'),
      hint: expect.stringContaining('aws sso login --profile nosuch'),
    }
    await expect(asking({ profile: 'nosuch', env: {}, requestTimeoutMs: 20_000 })).rejects.toMatchObject(named)
    await expect(asking({ env: { AWS_PROFILE: 'nosuch' }, requestTimeoutMs: 20_000 })).rejects.toMatchObject(named)
  })
})

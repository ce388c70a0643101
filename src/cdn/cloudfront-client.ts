import type * as Sdk from '@aws-sdk/client-cloudfront'
import { abortable, clientConfig, loadSdk } from '../aws/client.ts'
import { profileOf } from '../aws/keys.ts'
import { LadingError } from '../words/errors.ts'
import { type CloudFrontRequest, cloudFrontError } from './cloudfront-errors.ts'

type CloudFrontSdk = typeof Sdk

export interface CloudFrontClientOptions {
  readonly distribution: string
  /** Checked by the caller. @default Amazon's */
  readonly endpoint?: string | undefined
  /** Credentials' profile in `~/.aws`. @default AWS_PROFILE */
  readonly profile?: string | undefined
  /** How long one request may take, in milliseconds. */
  readonly requestTimeoutMs: number
  /** Where credentials are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Imports the SDK. @default the package of the project that uses Lading */
  readonly load?: (() => Promise<CloudFrontSdk>) | undefined
}

/** One distribution, and the two requests about it that we make. */
export interface CloudFrontClient {
  /** Resolves with the invalidation's id. The same reference again is the same invalidation. */
  create(paths: readonly string[], reference: string, signal: AbortSignal | undefined): Promise<string>
  isCompleted(id: string, signal: AbortSignal | undefined): Promise<boolean>
}

/** CloudFront has no regions, but the SDK wants one; it tells Amazon's partitions (China) apart. */
const REGION = 'us-east-1'

/** @throws E_MISSING_PACKAGE */
export async function openCloudFront(options: CloudFrontClientOptions): Promise<CloudFrontClient> {
  const profile = profileOf(options)
  const { distribution, env, load = () => import('@aws-sdk/client-cloudfront') } = options
  const { CloudFrontClient, CreateInvalidationCommand, GetInvalidationCommand } = await loadSdk(load, {
    name: '@aws-sdk/client-cloudfront',
    need: 'invalidations of CloudFront',
  })
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || REGION
  const client = new CloudFrontClient({ region, ...clientConfig(options) })
  return {
    create: (paths, reference, signal) =>
      ask({ action: 'cloudfront:CreateInvalidation', distribution, profile, signal }, async (request) => {
        const command = new CreateInvalidationCommand({
          DistributionId: distribution,
          InvalidationBatch: {
            CallerReference: reference,
            Paths: { Quantity: paths.length, Items: [...paths] },
          },
        })
        const id = (await client.send(command, abortable(signal))).Invalidation?.Id
        if (id) return id
        throw new LadingError('E_CDN', `the answer to ${request.action} is not CloudFront's`, {
          subject: distribution,
          why: 'it names no invalidation',
          hint: 'A proxy may have answered. Check `endpoint`.',
        })
      }),
    isCompleted: (id, signal) =>
      ask({ action: 'cloudfront:GetInvalidation', distribution, profile, signal }, async () => {
        const command = new GetInvalidationCommand({ DistributionId: distribution, Id: id })
        const status = (await client.send(command, abortable(signal))).Invalidation?.Status
        // Amazon writes "Completed", moto in capitals.
        return status?.toLowerCase() === 'completed'
      }),
  }
}

async function ask<T>(request: CloudFrontRequest, call: (request: CloudFrontRequest) => Promise<T>): Promise<T> {
  try {
    return await call(request)
  } catch (error) {
    throw cloudFrontError(error, request)
  }
}

import type { S3Options } from './s3-client.ts'

/** What is known of a bucket before anything is asked of it. */
export interface WireSetup {
  readonly options: S3Options
  readonly endpoint: URL | undefined
  readonly region: string | undefined
  readonly isPathStyle: boolean
  isMd5Wanted(): boolean
}

/** How long a connection may take to come about, in milliseconds. */
const CONNECT_MS = 5000

/** Before the time of the whole request is up, so that it is known what there was no time for. */
export function connectMs(requestTimeoutMs: number): number {
  return Math.min(CONNECT_MS, requestTimeoutMs * 0.9)
}

/** From `env` rather than by the SDK's own look at process.env, which a caller may not mean. */
export function environmentKeys(env: NonNullable<S3Options['env']>): Keys | undefined {
  const accessKeyId = env.AWS_ACCESS_KEY_ID
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY
  const sessionToken = env.AWS_SESSION_TOKEN
  if (!(accessKeyId && secretAccessKey)) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}

/** What requests are signed with. */
export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

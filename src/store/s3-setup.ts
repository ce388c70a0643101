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

import type { S3Options } from './client.ts'

/** What is known of a bucket before anything is asked of it. */
export interface WireSetup {
  readonly options: S3Options
  readonly endpoint: URL | undefined
  readonly region: string | undefined
  readonly isPathStyle: boolean
  isMd5Wanted(): boolean
}

/** The time limit for connecting, in milliseconds. */
const CONNECT_MS = 5000

/** Shorter than the time limit of the whole request, so that the error tells that connecting took too long. */
export function connectMs(requestTimeoutMs: number): number {
  return Math.min(CONNECT_MS, requestTimeoutMs * 0.9)
}

import { LadingError, printable } from '../../words/errors.ts'
import { abortedError } from '../abort.ts'
import { AwsFailure, failureOf } from './failure.ts'
import type { S3Request } from './line-readings.ts'
import { describe, notS3Description } from './readings.ts'

export type { S3Request } from './line-readings.ts'

/** Turns whatever the SDK threw into one of our errors. Nothing of the request's headers or options enters it. */
export function s3Error(error: unknown, request: S3Request): LadingError {
  if (error instanceof LadingError) return error
  if (request.signal?.aborted) return abortedError(request.signal)
  const failure = failureOf(error)
  const { code, message, facts } = describe(failure, request)
  return new LadingError(code, message, { subject: subjectOf(request), ...facts, cause: failure })
}

/** Whether a call failed because there is no such object. */
export function isNoObject(error: unknown): boolean {
  const failure = causeOf(error)
  // An answer to HEAD has no body, so that the SDK has only the status to go by.
  return failure?.name === 'NoSuchKey' || (failure?.name === 'NotFound' && failure.status === 404)
}

/** Whether a call failed because the upload was completed or aborted. */
export function isNoUpload(error: unknown): boolean {
  return causeOf(error)?.name === 'NoSuchUpload'
}

/** Whether a call failed because its condition does not hold. */
export function isPreconditionFailed(error: unknown): boolean {
  return causeOf(error)?.status === 412
}

/** Whether a call failed because its range begins past the object's end. */
export function isPastEnd(error: unknown): boolean {
  return causeOf(error)?.status === 416
}

/** Whether the store found a request to be wrong. */
export function isBadRequest(error: unknown): boolean {
  return causeOf(error)?.status === 400
}

/** Whether the store knows no such request, or not with such a header. */
export function isUnsupported(error: unknown): boolean {
  const failure = causeOf(error)
  if (failure?.status === undefined || failure.name === 'NoSuchBucket') return false
  return UNSUPPORTED.has(failure.status) && !isNoObject(error) && !isNoUpload(error)
}

/** Whether the store found that a body is not what its checksum says. */
export function isRefusedBody(error: unknown): boolean {
  return BAD_BODY.has(causeOf(error)?.name ?? '')
}

const BAD_BODY = new Set(['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch', 'XAmzContentSHA256Mismatch'])

const UNSUPPORTED = new Set([400, 404, 405, 501])

/** For a 200 that nothing proves: whoever answered is not an object store. */
export function notS3(request: S3Request, why: string): LadingError {
  const { code, message, facts } = notS3Description(request, why)
  return new LadingError(code, message, { subject: subjectOf(request), ...facts })
}

function causeOf(error: unknown): AwsFailure | undefined {
  return error instanceof LadingError && error.cause instanceof AwsFailure ? error.cause : undefined
}

function subjectOf({ bucket, key }: S3Request): string {
  return key === undefined ? bucket : printable(key)
}

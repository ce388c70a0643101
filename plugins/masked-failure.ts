import { LadingError } from '../src/build/index.ts'
import { credentialMask, maskText } from '../src/build/masks.ts'
import { told } from './failure.ts'

/** Told in full, and without secrets. Anything that is not an error of ours stays as it is. */
export function inFull(error: unknown): unknown {
  return error instanceof LadingError ? told(masked(error), maskedCause(error.cause)) : error
}

/** Without the secrets that foreign texts may have brought in. */
function masked({ code, message, subject, why, hint, details }: LadingError): LadingError {
  const mask = credentialMask(process.env)
  const without = (text: string | undefined): string | undefined => text && maskText(mask(text))
  return new LadingError(code, maskText(mask(message)), {
    subject: without(subject),
    why: without(why),
    hint: hint && mask(hint),
    details: details.map((detail) => maskText(mask(detail))),
  })
}

/** Bundlers print the cause unchanged, with its stack. */
function maskedCause(cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined
  const mask = credentialMask(process.env)
  const told = new Error(maskText(mask(cause.message)))
  told.name = cause.name
  told.stack = maskText(mask(cause.stack ?? ''))
  return told
}

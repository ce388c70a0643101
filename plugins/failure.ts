import { credentialMask, LadingError, maskText } from '../src/build/index.ts'

/**
 * Bundlers print an error's message and nothing else, so all that an error of ours says is put into it.
 * @throws the same error, told in full
 */
export async function toldInFull<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw inFull(error)
  }
}

/** Anything that is not an error of ours stays as it is. */
export function inFull(error: unknown): unknown {
  if (!(error instanceof LadingError)) return error
  const { code, message, subject, why, hint, details } = masked(error)
  const lines = [
    `lading: ${message}${subject === undefined ? '' : ` (${subject})`}`,
    ...details.map((detail) => `  ${detail}`),
    ...(why === undefined ? [] : [why]),
    ...(hint === undefined ? [] : [`Fix: ${hint}`]),
  ]
  const cause = maskedCause(error.cause)
  const told = new LadingError(code, lines.join('\n'), { subject, why, hint, details, cause })
  // Bundlers print the stack and every field that shows: frames of ours, and all over again what the message says.
  told.stack = `${told.name}: ${told.message}`
  for (const field of TOLD) Object.defineProperty(told, field, { enumerable: false })
  return told
}

/** Without what others wrote into it and nobody may read. */
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

/** Bundlers print it as it is, with its stack. */
function maskedCause(cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined
  const mask = credentialMask(process.env)
  const told = new Error(maskText(mask(cause.message)))
  told.name = cause.name
  told.stack = maskText(mask(cause.stack ?? ''))
  return told
}

/** Still to be read, but not shown. */
const TOLD = ['subject', 'why', 'hint', 'details', 'retryable', 'retryAfterMs'] as const

import { LadingError } from '../src/words/errors.ts'

/**
 * Bundlers print an error's message and nothing else, so all that an error of ours says is put into it.
 * @throws the same error, told in full
 */
export async function toldInFull<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    // Loads every rule for secrets, which a successful build does not need.
    const { inFull } = await import('./masked-failure.ts')
    throw inFull(error)
  }
}

/** The error with all its facts in the message. Foreign texts in it are not masked here: see `inFull`. */
export function told(error: LadingError, cause?: Error): LadingError {
  const { code, message, subject, why, hint, details } = error
  const lines = [
    `lading: ${message}${subject === undefined ? '' : ` (${subject})`}`,
    ...details.map((detail) => `  ${detail}`),
    ...(why === undefined ? [] : [why]),
    ...(hint === undefined ? [] : [`Fix: ${hint}`]),
  ]
  const full = new LadingError(code, lines.join('\n'), { subject, why, hint, details, cause })
  // Bundlers print the stack and every enumerable field: internal frames, and a second time what the message says.
  full.stack = `${full.name}: ${full.message}`
  for (const field of TOLD) Object.defineProperty(full, field, { enumerable: false })
  return full
}

/** Fields that stay readable but become non-enumerable. */
const TOLD = ['subject', 'why', 'hint', 'details', 'retryable', 'retryAfterMs'] as const

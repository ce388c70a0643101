import { LadingError } from '../words/errors.ts'
import { codeOf } from '../words/system-error.ts'

/** What stands in the way, where the system's code alone does not tell people. */
const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'It is no folder.',
  ENOTDIR: 'It leads through a file.',
  ENOSPC: 'The disk is full.',
}

/**
 * What a write to a place that somebody named has failed with.
 *
 * @param flag that names another place
 * @throws E_WRITE for an answer of the system, and anything else as it is
 */
export function refuseWrite(
  cause: unknown,
  { what, subject, flag }: Record<'what' | 'subject' | 'flag', string>,
): never {
  const code = codeOf(cause)
  if (!/^E[A-Z0-9]+$/.test(code)) throw cause
  throw new LadingError('E_WRITE', `${what} cannot be written`, {
    subject,
    why: REASONS[code] ?? `The disk answered ${code}.`,
    hint: `Make room there, or name a folder with ${flag} that this user may write.`,
    cause,
  })
}

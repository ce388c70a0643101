import { LadingError, printable } from '../words/errors.ts'
import type { Parameter } from './template.ts'

/** Short enough to leave room in the names of what a stack makes: an instance id in a queue's, a region in a function's. */
const NAME = '[A-Za-z][A-Za-z0-9-]{0,31}'

/** @throws E_USAGE */
export function checkName(name: string): void {
  if (new RegExp(`^${NAME}$`).test(name)) return
  throw new LadingError('E_USAGE', `"${printable(name)}" cannot name a stack and begin the names in it`, {
    hint: 'Write up to 32 letters, digits and "-", with a letter first.',
  })
}

export function nameParameter(name: string, Description: string): Parameter {
  return { Type: 'String', Description, Default: name, AllowedPattern: NAME }
}

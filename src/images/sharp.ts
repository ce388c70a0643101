import { createRequire } from 'node:module'
import { LadingError } from '../words/errors.ts'

/** The command that adds it to a project. */
const INSTALL = 'npm install --save-dev sharp'

/**
 * Fails early, before a process is started in vain. sharp itself is loaded in that process only.
 *
 * @param from address of the file that needs it
 * @throws E_MISSING_PACKAGE
 */
export function requireSharp(from: string = import.meta.url): void {
  try {
    createRequire(from).resolve('sharp')
  } catch (cause) {
    throw new LadingError('E_MISSING_PACKAGE', 'the package sharp is not installed', {
      why: 'Images are rendered by it, and not everyone who loads a site renders images.',
      hint: INSTALL,
      cause,
    })
  }
}

/** sharp is installed but does not load: most often it was installed for another platform. */
export const noSharp = (message: string): LadingError =>
  new LadingError('E_MISSING_PACKAGE', 'the package sharp cannot be loaded', {
    why: message.split('\n')[0],
    hint: `On this machine: ${INSTALL}`,
  })

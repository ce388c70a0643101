import { LadingError } from '../words/errors.ts'
import type { AllowedFinding } from './interface.ts'

/**
 * Checks what the guards are to let pass.
 * @throws E_CONFIG for an entry without a path, a rule or a reason, or with something else than a SHA-256
 */
export function resolveAllowed(allow: readonly AllowedFinding[]): AllowedFinding[] {
  return allow.map(({ path, rule, sha256, reason }, index) => {
    const at = `allow[${index}]`
    const empty = path.trim() === '' ? 'path' : rule.trim() === '' ? 'rule' : undefined
    if (empty !== undefined) {
      throw new LadingError('E_CONFIG', `${at}.${empty} is empty`, {
        subject: path || rule,
        why: 'A finding is allowed for one rule in one file, never for all of them.',
        hint: 'Copy the entry from the error that stopped the run.',
      })
    }
    if (reason.trim() === '') {
      throw new LadingError('E_CONFIG', `${at}.reason is empty`, {
        subject: path,
        why: 'Whoever reads the configuration later must be able to see why this may be published.',
        hint: 'Write why it is no secret, e.g. reason: "a key that we publish for tests".',
      })
    }
    if (!/^[0-9a-f]{64}$/i.test(sha256)) {
      throw new LadingError('E_CONFIG', `${at}.sha256 is not 64 hexadecimal digits`, {
        subject: path,
        why: 'A finding is allowed for exactly one content of its file.',
        hint: 'Copy the entry from the error that stopped the run.',
      })
    }
    return { path: path.normalize('NFC'), rule, sha256: sha256.toLowerCase(), reason }
  })
}

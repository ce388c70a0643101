import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { IGNORE_FILE } from '../site/scan/ignore-file.ts'
import { isSecretRule } from '../site/secrets/secret-files.ts'
import type { Survey } from '../site/survey.ts'
import { LadingError } from '../words/errors.ts'
import type { SitePath } from '../words/model.ts'
import { closest, shellWord } from '../words/units.ts'

/** Why there is nothing to explain: `subject` as it was written, `path` as the site would name it. */
export function unexplained({ files, skipped }: Survey, subject: string, path: SitePath): LadingError {
  const usage = (message: string, facts: { readonly why?: string; readonly hint?: string }): LadingError =>
    new LadingError('E_USAGE', message, { subject, ...facts })
  const never = skipped.find((found) => found.path === path || path.startsWith(`${found.path}/`))
  if (never !== undefined) {
    return usage('this file is never uploaded', {
      why: isSecretRule(never.rule) ? `${never.rule}.` : `${never.rule}: no option changes that.`,
      hint: 'lading plan names all that is left out, under its warnings.',
    })
  }
  if (path === IGNORE_FILE) {
    return usage('this file is never uploaded', { why: 'It says what is ignored, and is itself none of the site.' })
  }
  const folder = path === '' || path === '.' ? '' : `${path.replace(/\/$/, '')}/`
  const inside = files.find((file) => file.path.startsWith(folder))
  if (inside !== undefined) {
    return usage('this is a folder of the site', {
      hint: `Name a file in it: lading explain ${shellWord(inside.path)}`,
    })
  }
  if (/^\.\.(?:\/|$)/.test(subject) || (isAbsolute(subject) && existsSync(subject))) {
    return usage('this lies outside the site', {
      hint: 'Name a file by its path below the root, or name the folder that holds it with --root.',
    })
  }
  const guess = closest(
    path,
    files.map((file) => file.path),
  )
  return usage('The site has no such file', {
    hint:
      guess === undefined ? 'Name it by its path below the root.' : `Did you mean: lading explain ${shellWord(guess)}`,
  })
}

import { lstatSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Matcher, matcher } from '../../plan/patterns.ts'
import type { SitePath } from '../../words/model.ts'
import { unreadable } from './scan-trouble.ts'

const require = createRequire(import.meta.url)

/** Lies in the root, is written like a `.gitignore`, and is itself never uploaded. */
export const IGNORE_FILE = '.ladingignore'

export interface Selection {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/**
 * Whether a path is left alone by the user's wish: not included, excluded, or ignored by the root's `.ladingignore`.
 * @throws E_UNREADABLE when there is a `.ladingignore` that does not say what to ignore
 */
export function exclusion(root: string, { include, exclude }: Selection): Matcher {
  const included = include.length === 0 ? () => true : matcher(include)
  const excluded = matcher(exclude)
  const ignored = ignoredBy(readIgnoreFile(root))
  return (path) => !included(path) || excluded(path) || ignored(path)
}

/** By which wish {@link exclusion} leaves a path alone; `undefined` where by none. */
export function wishAgainst(path: SitePath, root: string, { include, exclude }: Selection): string | undefined {
  if (include.length > 0 && !matcher(include)(path)) return 'include does not name it'
  const glob = exclude.find((one) => matcher([one])(path))
  if (glob !== undefined) return `exclude names it: ${glob}`
  return ignoredBy(readIgnoreFile(root))(path) ? `${IGNORE_FILE} names it` : undefined
}

function ignoredBy(text: string): Matcher {
  if (text === '') return () => false
  const ignore: typeof import('ignore') = require('ignore') // late, since most sites have no such file
  const rules = ignore({ allowRelativePaths: true }).add(text)
  return (path) => rules.ignores(path)
}

/**
 * Only a missing file ignores nothing; a folder, a pipe or a dangling link is an error: it was meant to say something.
 */
function readIgnoreFile(root: string): string {
  const file = join(root, IGNORE_FILE)
  try {
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return ''
    if (statSync(file).isFile()) return readFileSync(file, 'utf8').replace(/^\ufeff/, '')
  } catch (error) {
    throw unreadable([IGNORE_FILE], error)
  }
  throw unreadable([IGNORE_FILE])
}

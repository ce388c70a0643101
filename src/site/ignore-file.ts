import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ignore from 'ignore'
import { type Matcher, matcher } from '../plan/patterns.ts'

/** Lies in the root, is written like a `.gitignore`, and is itself never uploaded. */
export const IGNORE_FILE = '.ladingignore'

export interface Selection {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** Whether a path is left alone by the user's wish: not included, excluded, or ignored by the root's `.ladingignore`. */
export function exclusion(root: string, { include, exclude }: Selection): Matcher {
  const included = include.length === 0 ? () => true : matcher(include)
  const excluded = matcher(exclude)
  const ignored = ignore({ allowRelativePaths: true }).add(readIgnoreFile(root))
  return (path) => !included(path) || excluded(path) || ignored.ignores(path)
}

function readIgnoreFile(root: string): string {
  try {
    return readFileSync(join(root, IGNORE_FILE), 'utf8')
  } catch {
    return '' // absent is the rule
  }
}

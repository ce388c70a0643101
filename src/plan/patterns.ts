import picomatch from 'picomatch'
import type { SitePath } from '../model.ts'

/** Whether a path is meant. */
export type Matcher = (path: SitePath) => boolean

/**
 * Globs over site paths: `img/**`, `**\/*.pdf`; one without a slash (`*.pdf`) means any folder. Dots match.
 * Only what a person wrote is a glob: file names such as `[id]` or `(group)` never become one.
 */
export function matcher(globs: readonly string[]): Matcher {
  if (globs.length === 0) return () => false
  const tests = globs.map((glob) => picomatch(glob.replace(/^\.?\//, ''), { dot: true, basename: !glob.includes('/') }))
  return (path) => tests.some((test) => test(path))
}

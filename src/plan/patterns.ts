import { createRequire } from 'node:module'
import type { SitePath } from '../words/model.ts'

const require = createRequire(import.meta.url)

/** Whether a path is meant. */
export type Matcher = (path: SitePath) => boolean

/**
 * Globs over site paths: `img/**`, `**\/*.pdf`; one without a slash before its end (`*.pdf`, `drafts/`) means any
 * folder. A glob that names a folder means all that lies below it, one that ends with a slash only that; a leading `!`
 * means all other files. Dots match. Only what a person wrote is a glob: file names such as `[id]` or `(group)` never
 * become one.
 */
export function matcher(globs: readonly string[]): Matcher {
  const tests = globs.map(matcherOf)
  return (path) => tests.some((test) => test(path))
}

function matcherOf(glob: string): Matcher {
  if (/^!(?!\()/.test(glob)) {
    const rest = matcherOf(glob.slice(1))
    return (path) => !rest(path)
  }
  const name = glob.replace(/^\.?\//, '').replace(/\/+$/, '')
  if (name === '' || name === '.') return () => glob !== '' // the root itself
  const anchored = glob.replace(/\/+$/, '').includes('/') ? name : `**/${name}`
  const below = `${anchored}/**/*`
  // Late, since most runs are given no globs.
  const picomatch: typeof import('picomatch') = require('picomatch')
  return picomatch(glob.endsWith('/') ? [below] : [anchored, below], { dot: true })
}

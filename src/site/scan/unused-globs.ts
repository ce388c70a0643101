import type { SyncOptions } from '../../config/interface.ts'
import { matcher } from '../../plan/patterns.ts'
import type { Warning } from '../../words/events.ts'
import type { Scan } from './scan.ts'

type Globs = Pick<SyncOptions, 'include' | 'exclude' | 'keep'>

/** Globs that match no file: most likely mistyped, so that what they should exclude is not. */
export function unusedGlobs({ files, skipped }: Pick<Scan, 'files' | 'skipped'>, globs: Globs): Warning[] {
  // a skipped folder stands for what lies in it
  const paths = [...files.map(({ path }) => path), ...skipped.flatMap(({ path }) => [path, `${path}/x`])]
  const items = (['include', 'exclude', 'keep'] as const).flatMap((option) =>
    globs[option].filter((glob) => !paths.some(matcher([glob]))).map((glob) => `${option}: ${glob}`),
  )
  if (items.length === 0) return []
  const fix = 'write globs from the root (`img/**`); one without a slash (`*.pdf`) means any folder'
  return [{ code: 'W_PATTERN_UNUSED', message: 'globs match no file of the site', items, fix }]
}

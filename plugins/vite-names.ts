import { LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'

/** The patterns that a build's names were made by: one text, or a function of what is named. */
export interface NamePatterns {
  readonly entryFileNames: Pattern
  readonly chunkFileNames: Pattern
  readonly assetFileNames: Pattern
}

// What a function is given differs by bundler version; it is handed through unread.
type Pattern = string | ((info: never) => string)

/** One file of the bundle, as far as its name is concerned. */
export interface NamedOutput {
  readonly type: 'asset' | 'chunk'
  readonly fileName: SitePath
  readonly isEntry?: boolean | undefined
}

/** What each placeholder of a pattern may stand for. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  name: '.+',
  ext: '\\w+',
  extname: '(?:\\.\\w+)?',
  format: '\\w+',
}

/** Whether the bundler named this file by its content: only then do its bytes never change under that name. */
export function isNamedByContent(output: NamedOutput, patterns: NamePatterns): boolean {
  return namesLike(patternOf(output, patterns))?.test(output.fileName) ?? false
}

/** Made once for each pattern: a build names thousands of files by one. */
const known = new Map<string, RegExp | undefined>()

/** What the names look like; undefined when the pattern has no hash. */
function namesLike(pattern: string): RegExp | undefined {
  if (!known.has(pattern)) known.set(pattern, expressionOf(pattern))
  return known.get(pattern)
}

function expressionOf(pattern: string): RegExp | undefined {
  if (!/\[hash(?::\d+)?\]/.test(pattern)) return undefined
  const parts = pattern.split(/(\[[^\]]+\])/).map((part) => {
    const token = /^\[(\w+)(?::\d+)?\]$/.exec(part)?.[1]
    if (token === 'hash') return '[\\w-]{6,}'
    return token === undefined ? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : (PLACEHOLDERS[token] ?? '.+')
  })
  return new RegExp(`^${parts.join('')}$`)
}

function patternOf(output: NamedOutput, patterns: NamePatterns): string {
  const pattern =
    output.type === 'asset'
      ? patterns.assetFileNames
      : output.isEntry
        ? patterns.entryFileNames
        : patterns.chunkFileNames
  // The bundle's entry stands in for the function's argument: it has every field that the bundler versions share.
  return typeof pattern === 'string' ? pattern : pattern(output as never)
}

/** @throws E_BUILD for names that would be cached for a year although their bytes change */
export function refuseUnhashed(paths: readonly SitePath[], option: string): void {
  if (paths.length === 0) return
  throw new LadingError('E_BUILD', 'the build names files without a hash of their content', {
    details: paths,
    why: 'They are cached for a year under that name; the next build would change their bytes.',
    hint: option,
  })
}

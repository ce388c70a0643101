import { encodePath } from '../src/build/index.ts'
import { type Addresses, BUNDLE_FOLDER, movesAll, whyEmittedStays } from './placement.ts'
import type { RollupBuild } from './rollup-state.ts'

/** What `resolveFileUrl` is told of `import.meta.ROLLUP_FILE_URL_*`. */
export interface AskedFile {
  /** Relative to the output's folder; a chunk's name may still hold a placeholder. */
  readonly fileName: string
  readonly referenceId: string
}

/**
 * The expression that takes the place of `import.meta.ROLLUP_FILE_URL_*`: an absolute URL, as the bundler's own would be.
 * Undefined leaves that one, which leads to the file beside the script.
 */
export function fileUrl({ settings, fileUrls, sitePath }: RollupBuild, asked: AskedFile): string | undefined {
  if (!settings?.rewrite || settings.addresses === undefined) return undefined
  const { addresses } = settings
  const path = sitePath(asked.fileName)
  const moves = whyEmittedStays(path, addresses) === undefined && !isScriptElsewhere(path, addresses)
  fileUrls.set(asked.referenceId, { moves })
  if (moves) return expressionOf(addresses.url.href + BUNDLE_FOLDER + encoded(path))
  if (!movesAll(addresses)) return undefined
  return expressionOf((addresses.site ?? addresses.base) + encoded(path))
}

/** A script referenced by URL instead of imported starts a worker, which browsers refuse from another origin. */
function isScriptElsewhere(path: string, { sameOrigin }: Addresses): boolean {
  return !sameOrigin && /\.[cm]?js$/i.test(path)
}

function expressionOf(url: string): string {
  const text = JSON.stringify(url)
  return url.startsWith('/') ? `new URL(${text}, location.origin).href` : text
}

/** Placeholders for names that are not final stay unencoded, or the bundler could not find and replace them. */
function encoded(path: string): string {
  const parts = path.split(/(!~\{\w+\}~)/)
  return parts.map((part, at) => (at % 2 === 1 ? part : encodePath(part))).join('')
}

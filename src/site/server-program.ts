import { readFileSync } from 'node:fs'
import type { FileFacts, SiteFile } from './file.ts'

/** Names of what a server runs, and what such a file holds that is no page. Programs in Python or Perl may be downloads. */
const KINDS: readonly (readonly [name: RegExp, program: RegExp])[] = [
  [/[^/]\.(?:php\d?|phtml|phar)$/i, /<\?(?:php|=|\s)/i],
  [/[^/]\.(?:aspx?|ashx|jspx?|erb)$/i, /<%|<jsp:/i],
  [/[^/]\.(?:cfm|cgi)$/i, /<cf(?:component|if|include|output|query|script|set)\b/i],
]

/**
 * Whether a store would show the source of a program. A mere page that the mirror of a site has named as one is none;
 * templates begin as pages do, so the whole of it is read.
 */
export function isProgram(
  { path, disk }: Pick<SiteFile, 'path' | 'disk'>,
  { magic }: Pick<FileFacts, 'magic'>,
): boolean {
  const kind = KINDS.find(([name]) => name.test(path))
  return kind !== undefined && (magic !== 'html' || kind[1].test(textOf(disk)))
}

/** Of a file that has just gone, nothing is said; the run notices it later. */
function textOf(disk: string): string {
  try {
    return readFileSync(disk, 'latin1')
  } catch {
    return ''
  }
}

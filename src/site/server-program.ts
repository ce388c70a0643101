import { readFileSync } from 'node:fs'
import type { FileFacts, SiteFile } from './file.ts'

/** Names of what a server runs, and what such a file holds that is no page. Programs in Python or Perl may be downloads. */
const KINDS: readonly (readonly [name: RegExp, program: RegExp])[] = [
  [/[^/]\.(?:php\d?|phtml|phar)$/i, /<\?(?:php|=|\s)/i],
  [/[^/]\.(?:aspx?|ashx|jspx?|erb)$/i, /<%|<jsp:/i],
  [/[^/]\.(?:cfm|cgi)$/i, /<cf/i],
]

/**
 * Whether a store would show the source of a program, or a mere page that the mirror of a site has named as one;
 * `undefined` for all other names. Templates begin as pages do, so the whole of one is read.
 */
export function namedAsProgram(
  { path, disk }: Pick<SiteFile, 'path' | 'disk'>,
  { magic }: Pick<FileFacts, 'magic'>,
): 'program' | 'page' | undefined {
  const kind = KINDS.find(([name]) => name.test(path))
  if (kind === undefined) return undefined
  return magic === 'html' && !kind[1].test(textOf(disk)) ? 'page' : 'program'
}

/** Of a file that has just gone, nothing is said; the run notices it later. */
function textOf(disk: string): string {
  try {
    return readFileSync(disk, 'latin1')
  } catch {
    return ''
  }
}

import { LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import type { Addresses } from './placement.ts'

/**
 * What to say of a sheet that moves and names files by addresses that are wrong there. It has its name by now, so it cannot
 * be edited: its bytes would change under a name that is cached for long.
 * @param urls as written
 */
export function unnameable(path: SitePath, urls: readonly string[], { site, url }: Addresses): LadingError {
  // Where the site is known, an address that Vite asked for is right whatever the name.
  const unread = site === undefined ? urls.find(isPlain) : urls[0]
  if (unread === undefined) return needsEscaping(path, urls)
  return new LadingError('E_BUILD', 'a style sheet names files by addresses that Vite did not process', {
    subject: path,
    details: urls,
    why: `The sheet moves to ${url.href} and has its name, so Lading cannot edit it: new URL() named it, or a plugin made or changed it behind Vite and lading().`,
    hint: `Write them in full, as ${inFull(unread, site)}, or leave the sheet at the site: keep: ['${globOf(path)}'].`,
  })
}

function needsEscaping(path: SitePath, urls: readonly string[]): LadingError {
  return new LadingError('E_BUILD', 'a style sheet names public files whose names need escaping', {
    subject: path,
    details: urls,
    why: 'Vite writes such names differently from the addresses of the objects.',
    hint: 'Use only letters, digits, "-", "_" and "." in the names of public files that style sheets name, or set site: \'https://www.example.com\', the site\'s own address.',
  })
}

const isPlain = (url: string): boolean => /^[\w./-]+(?:[?#]|$)/.test(url)

function inFull(url: string, site = 'https://www.example.com/'): string {
  return URL.canParse(url, site) ? new URL(url, site).href : url
}

/** Without the hash, which the next change replaces. */
function globOf(path: SitePath): string {
  return path.replace(/-[\w-]{8}\.css$/, '-*.css')
}

import { decodePath, encodePath, spellings } from '../rewrite/url.ts'
import type { Edge } from './edge.ts'

/** Types of files that a build may have compressed; pictures and fonts are compressed already. */
const TEXTS = 'css|html|js|json|mjs|svg|txt|webmanifest|xml'

/** The store's prefix as a path of URLs; starts and ends with `/`. */
export const prefixPath = ({ prefix }: Pick<Edge, 'prefix'>): string => `/${encodePath(prefix)}`

/**
 * The part that is the same at every edge that runs JavaScript, in words that cloudfront-js-2.0 knows: ES 5.1 and
 * little more. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 *
 *   /                 the index page
 *   /about/           its index page
 *   /about            301 to /about/, unless the name has an extension or is a file's
 *   /about/index.html 301 to /about/
 *   /.lading/...      404: it is the state
 */
export function routeSource(edge: Edge): string {
  const constants = {
    MOUNT: edge.mount,
    PREFIX: prefixPath(edge),
    ...(edge.hasPages && {
      REDIRECTS: redirectsAsAsked(edge.redirects),
      FILES: asAsked(edge.files),
      FOLDERS: asAsked(edge.folders),
    }),
  }
  const lines = Object.entries(constants).map(([name, value]) => `var ${name} = ${JSON.stringify(value)};`)
  return `${lines.join('\n')}\n${LEAD}${edge.hasPages ? PAGES : ASSETS}${edge.brotli ? BROTLI : ''}`
}

const asAsked = (paths: readonly string[]): readonly string[] => [
  ...new Set(paths.flatMap((path) => spellings(decodePath(path)))),
]

/** Without query and fragment. */
export const pathOf = (to: string): string => to.replace(/[?#].*/s, '')

type Target = readonly [to: string, status: number]

/** Each by every spelling of its path. Where two lines share one, that counts which is written so. */
function redirectsAsAsked(redirects: Edge['redirects']): Readonly<Record<string, Target>> {
  const targets = new Map(redirects.map(({ from, to, status }): [string, Target] => [from, [to, status]]))
  for (const { from, to, status } of redirects) {
    const paths = asAsked([from])
    // An encoded slash is part of a name, and stays as it is written. What leads from one spelling to another must not
    // lead the other one to itself.
    if (/%2f/i.test(from) || asAsked([pathOf(to)]).some((path) => paths.includes(path))) continue
    for (const path of paths) if (!targets.has(path)) targets.set(path, [to, status])
  }
  return Object.fromEntries(targets)
}

/** A path that began with two slashes would lead to another host. */
const LEAD = `
function local(path) {
  return path.replace(/^[\\/\\\\]+/, '/');
}

function isState(path) {
  try {
    path = decodeURIComponent(path);
  } catch (_) {
    // not encoded as it should be: no key of ours
  }
  return /(^|\\/)\\.lading(\\/|$)/.test(path);
}

// S3 reads a bare + as a space.
function stored(uri) {
  return PREFIX + uri.slice(MOUNT.length).replace(/\\+/g, '%2B');
}
`

const ASSETS = `
// The file to ask for, or a status.
function route(uri) {
  if (uri.slice(0, MOUNT.length) !== MOUNT) return { uri: uri };
  if (isState(uri)) return { status: 404 };
  return { uri: stored(uri) };
}
`

const PAGES = `
function isFolder(uri, name) {
  if (FOLDERS.indexOf(uri) >= 0) return true;
  if (FILES.indexOf(uri) >= 0 || uri.indexOf('/.well-known/') >= 0) return false;
  return !/\\.[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*$/.test(name);
}

// The file to ask for, a redirect, or a status.
function route(uri) {
  if (uri + '/' === MOUNT) return { to: MOUNT, status: 301 };
  if (uri.slice(0, MOUNT.length) !== MOUNT) return { uri: uri };
  if (isState(uri)) return { status: 404 };
  if (Object.prototype.hasOwnProperty.call(REDIRECTS, uri)) return { to: REDIRECTS[uri][0], status: REDIRECTS[uri][1] };
  var name = uri.slice(uri.lastIndexOf('/') + 1);
  if (name === 'index.html') return { to: local(uri.slice(0, -name.length)), status: 301 };
  if (name === '') uri += 'index.html';
  else if (isFolder(uri, name)) return { to: local(uri + '/'), status: 301 };
  return { uri: stored(uri) };
}

function withQuery(to, query) {
  if (query === '' || to.indexOf('?') >= 0) return to;
  var hash = to.indexOf('#') < 0 ? to.length : to.indexOf('#');
  return to.slice(0, hash) + '?' + query + to.slice(hash);
}
`

const BROTLI = `
// Beside these files lies one compressed with brotli, KEY.br.
function hasBrotli(uri, accepts) {
  if (uri.slice(0, PREFIX.length + 2) !== PREFIX + 'a/' || !/\\.(${TEXTS})$/.test(uri)) return false;
  return /(^|[\\s,])br\\s*(,|$|;(?!\\s*q=0(\\.0*)?\\s*(,|$)))/.test(accepts);
}
`

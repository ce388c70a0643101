import type { SyncOptions, Target } from '../config/interface.ts'
import { encodePath, spellings } from '../rewrite/url.ts'
import type { Key } from '../words/model.ts'

/**
 * The URL paths under which a visitor may have got the object, and under which a CDN may hold it, percent-encoded.
 *
 *   about/index.html   /about/index.html  /about/  /about
 *   index.html         /index.html  /
 *   a.html             /a.html  /a
 *   404.html           /404.html: it is shown for other addresses, and has no short one
 *   favicon.ico        /favicon.ico
 *
 * A name that browsers and `encodePath` write differently, `a (1).png`, has both spellings.
 *
 * @param key of an object, below the site's root
 * @param base path of the root, starts and ends with `/`; not encoded
 */
export function visitedPaths(key: Key, base = '/'): readonly string[] {
  return [...new Set(plainPaths(`${base}${key}`).flatMap(spellings))]
}

/**
 * Where a CDN may hold an object besides: it caches by the path that an edge function or a Worker has made of a
 * visitor's, and `lading policy edge` puts the store's prefix in front and encodes `+`. Whether there is such code is not known here.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html,
 * https://developers.cloudflare.com/workers/reference/how-the-cache-works/#single-file-purge-assets-cached-by-a-worker
 *
 * @param key of an object, below the site's root
 */
export function originPaths(key: Key, target: Target): readonly string[] {
  if (target.kind !== 's3') return []
  const paths = spellings(key).flatMap((path) => [path, path.replaceAll('+', '%2B')])
  return [...new Set(paths)].map((path) => `/${encodePath(target.prefix)}${path}`)
}

/**
 * What a CDN is told when these objects changed, each path once. Of an offloaded site none changes under its name, but
 * a takedown that has not been finished leaves names of what has gone.
 */
export function changedPaths(
  keys: Iterable<Key>,
  { delivery, base, target }: Pick<SyncOptions, 'delivery' | 'base' | 'target'>,
): readonly string[] {
  const root = delivery.mode === 'mirror' ? base : pathOf(delivery.url.href)
  return [...new Set([...keys].flatMap((key) => [...visitedPaths(key, root), ...originPaths(key, target)]))]
}

/** Decoded, as keys are, not percent-encoded as URLs are. */
const pathOf = (href: string): string => decodeURIComponent(new URL(href, 'https://path.invalid').pathname)

function plainPaths(path: string): string[] {
  const slash = path.lastIndexOf('/') + 1
  const folder = path.slice(0, slash)
  const name = path.slice(slash)
  if (/^index\.x?html?$/i.test(name)) return folder === '/' ? [path, folder] : [path, folder, folder.slice(0, -1)]
  if (name === '404.html' || !/.\.x?html?$/is.test(name)) return [path]
  return [path, path.replace(/\.x?html?$/i, '')]
}

import type { LoadClass, ReferenceUse } from '../reference.ts'

/** What a `<link>` loads. */
export interface LinkUse {
  readonly use: ReferenceUse
  /** Undefined: as its `crossorigin` says. */
  readonly loadClass?: LoadClass
  /** Read by robots that take only absolute URLs. @default false */
  readonly absolute?: boolean
}

const ICONS: ReadonlySet<string> = new Set([
  'icon',
  'apple-touch-icon',
  'apple-touch-icon-precomposed',
  'apple-touch-startup-image',
  'mask-icon',
  'fluid-icon',
])

/**
 * The load class of a preload by its `as`; fonts are always fetched with CORS. Not `fetch`, workers and documents: a
 * preload must have the same URL as the later request, which a script or navigation makes unseen by us.
 */
const PRELOAD: ReadonlyMap<string, LoadClass | undefined> = new Map([
  ['font', 'B'],
  ['track', 'B'],
  ['image', undefined],
  ['style', undefined],
  ['script', undefined],
  ['audio', undefined],
  ['video', undefined],
])

/**
 * What a link of these `rel` tokens (lower case) loads; undefined for navigation and hints (`canonical`, `alternate`,
 * `next`, `preconnect`, ...).
 */
export function linkUse(rel: readonly string[], as: string): LinkUse | undefined {
  if (rel.includes('stylesheet')) return { use: 'stylesheet' }
  if (rel.some((token) => ICONS.has(token))) return { use: 'icon' }
  if (rel.includes('manifest')) return { use: 'manifest', loadClass: 'C' }
  if (rel.includes('modulepreload')) return MODULES.has(as) ? { use: 'modulepreload', loadClass: 'B' } : undefined
  if (rel.includes('preload')) return preloadUse(as)
  if (rel.includes('prefetch')) return as === '' ? { use: 'preload' } : preloadUse(as)
  if (rel.includes('image_src')) return { use: 'meta', loadClass: 'A', absolute: true }
  return undefined
}

/** Not workers: they are loaded from the site. */
const MODULES: ReadonlySet<string> = new Set(['', 'script', 'style', 'json'])

function preloadUse(as: string): LinkUse | undefined {
  if (!PRELOAD.has(as)) return undefined
  const loadClass = PRELOAD.get(as)
  return loadClass === undefined ? { use: 'preload' } : { use: 'preload', loadClass }
}

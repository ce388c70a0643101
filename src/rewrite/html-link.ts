import type { LoadClass, ReferenceUse } from './reference.ts'

/** What a `<link>` loads. */
export interface LinkUse {
  readonly use: ReferenceUse
  /** Undefined: as its `crossorigin` says. */
  readonly loadClass?: LoadClass
}

const ICONS: ReadonlySet<string> = new Set([
  'icon',
  'apple-touch-icon',
  'apple-touch-icon-precomposed',
  'apple-touch-startup-image',
  'mask-icon',
])

/**
 * What a preload of each destination needs; fonts are asked for with CORS always. `fetch`, workers and documents are
 * not here: a script or a navigation asks for them, at an address that we do not see, and a preload must name the same.
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
  if (rel.includes('modulepreload')) return { use: 'modulepreload', loadClass: 'B' }
  if (rel.includes('preload')) return preloadUse(as)
  if (rel.includes('prefetch')) return as === '' ? { use: 'preload' } : preloadUse(as)
  return undefined
}

function preloadUse(as: string): LinkUse | undefined {
  if (!PRELOAD.has(as)) return undefined
  const loadClass = PRELOAD.get(as)
  return loadClass === undefined ? { use: 'preload' } : { use: 'preload', loadClass }
}

import type { Compilation } from 'webpack'
import type { SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER } from './placement.ts'
import { type MadeAssets, textOf, whyStays } from './webpack-assets.ts'

interface Room {
  readonly compilation: Compilation
  readonly made: MadeAssets
  readonly addresses: Addresses
}

/**
 * What to say of a manifest of a module federation (`mf-manifest.json`) that leads nowhere; undefined without one. It knows
 * the entry below the public path alone, and one that keeps its fixed name at the site is not there. No error: plugins
 * write a manifest unasked, and sites that know the entry do without.
 * https://module-federation.io/configure/manifest.html
 */
export function lostEntryWarning(room: Room): string | undefined {
  const { compilation, made, addresses } = room
  const store = addresses.url.href + BUNDLE_FOLDER
  for (const path of made.copied) {
    if (!/manifest[^/]*\.json$/i.test(path)) continue
    const entry = entryOf(textOf(compilation, made.names.get(path) ?? path), store)
    if (entry === undefined || !made.emitted.has(entry) || whyStays(entry, room) === undefined) continue
    const named = entry.replace(/\.\w+$/, '.[contenthash]$&')
    return [
      `${path} looks for the entry of the federation at ${store}${entry}, but it stays at the site, as its name has no hash`,
      `Fix: for sites that know the manifest, filename: '${named}'; for those that know the entry, manifest: false.`,
    ].join('\n')
  }
  return undefined
}

/** What a manifest says of the entry; undefined for any other JSON, and where it lies elsewhere. */
function entryOf(json: string, store: string): SitePath | undefined {
  if (!json.includes('"remoteEntry"') || !json.includes(store)) return undefined
  const { publicPath, remoteEntry } = metaDataIn(json) ?? {}
  const { path, name } = remoteEntry ?? {}
  if (publicPath !== store || typeof path !== 'string' || typeof name !== 'string') return undefined
  return path === '' ? name : `${path.replace(/\/$/, '')}/${name}`
}

interface MetaData {
  readonly publicPath?: unknown
  readonly remoteEntry?: { readonly path?: unknown; readonly name?: unknown } | null
}

function metaDataIn(json: string): MetaData | undefined {
  try {
    // A foreign format: whatever is missing in it is undefined.
    return (JSON.parse(json) as { readonly metaData?: MetaData }).metaData
  } catch {
    return undefined
  }
}

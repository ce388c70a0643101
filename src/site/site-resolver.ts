import { ASSET_FOLDER, bundlePath, unhashedPath } from '../plan/naming.ts'
import { createResolver, type Resolved, type Resolver, type ResolverOptions } from '../rewrite/resolve.ts'
import type { FileClass, Key, SitePath } from '../words/model.ts'
import type { SiteFile } from './file.ts'
import type { LayoutInput } from './layout.ts'
import { keyProbe, pathProbe } from './probe.ts'

interface Names {
  readonly files: ReadonlyMap<SitePath, SiteFile>
  readonly classes: ReadonlyMap<SitePath, FileClass>
  /** What the layout has named so far. */
  readonly byKey: ReadonlyMap<Key, SitePath>
  /** Called for every path and key that an answer depends on. */
  probed(name: string): void
}

/**
 * Tries the configured address first, then those that earlier releases were written with. One address may lie within
 * another (`https://c/x/` and `https://c/`, `/_a/` and the site), so only a file of the site, or a key whose file is
 * known, settles it at once.
 */
export function createSiteResolver(input: LayoutInput, names: Names): Resolver {
  const { site, base, url, earlierUrls } = input
  const known: Pick<ResolverOptions, 'has' | 'pathOfKey' | 'formerKey'> = {
    has(path) {
      names.probed(pathProbe(path))
      return names.files.has(path)
    },
    pathOfKey(key) {
      names.probed(keyProbe(key))
      return names.byKey.get(key)
    },
    formerKey: (key) => formerKey(key, input, names),
  }
  const current = createResolver({ site, base, url, ...known })
  const earlier = earlierUrls.map((address) => createResolver({ site, base, url: address, ...known }))
  return {
    resolve(...reference) {
      const first = current.resolve(...reference)
      if (isSettled(first) || earlier.length === 0) return first
      const found = [first, ...earlier.map((resolver) => resolver.resolve(...reference))]
      return found.find(isKnownKey) ?? found.find(isAssetKey) ?? first
    },
  }
}

function isSettled(resolved: Resolved): boolean {
  return resolved.kind === 'file' || isKnownKey(resolved)
}

const isKnownKey = (resolved: Resolved): boolean => resolved.kind === 'key' && resolved.path !== undefined

/** We have never made keys outside of the assets' folder. */
const isAssetKey = (resolved: Resolved): boolean => resolved.kind === 'key' && resolved.key.startsWith(ASSET_FOLDER)

/** A bundle by its own name, a name that carries our hash, or whatever else the manifest knows below `a/`. */
export function formerKey(
  key: Key,
  { build, taken }: LayoutInput,
  { files, classes }: Pick<Names, 'files' | 'classes'>,
): { readonly path: SitePath | undefined } | undefined {
  const own = bundlePath(key)
  if (own === undefined) return undefined
  if (classes.get(own) === 'bundle' || (files.has(own) && build?.origin.has(own))) return { path: own }
  const made = unhashedPath(key)
  if (made !== undefined) return { path: files.has(made) ? made : undefined }
  return taken(key) === undefined ? undefined : { path: undefined }
}

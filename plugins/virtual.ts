import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LadingError, urlOfKey } from '../src/build/index.ts'
import type { Key, SitePath } from '../src/index.ts'
import { createAssetUrl } from '../src/runtime.ts'
import { toldInFull } from './failure.ts'
import { type BuildSettings, type LadingPluginOptions, namingOf } from './options.ts'
import { type Addresses, LOADS_ANYWHERE } from './placement.ts'
import { NO_PUBLIC_FILES, type PublicFiles, readPublicFiles } from './public-files.ts'
import { publicPaths, writeTypes } from './virtual-types.ts'

/** The module that scripts import `assetUrl` from. */
export const VIRTUAL = 'virtual:lading'

/** Where `virtual:lading` is asked for. */
export interface VirtualPlace {
  /** Absolute; undefined when the project has none. */
  readonly publicDir: string | undefined
  /** Path that the pages are served from. */
  readonly base: string
  /** Undefined where addresses are left as they are: a dev server, watch mode. */
  readonly settings: BuildSettings | undefined
  /** A name that does not exist is warned of in the browser's console. */
  readonly isDevelopment: boolean
}

export interface VirtualModule {
  readonly code: string
  /** The files whose addresses the code holds. */
  readonly files: PublicFiles
}

/** The folder of files that are served as they are, for bundlers that know none. */
export function publicDirOf({ publicDir }: LadingPluginOptions, cwd: string): string | undefined {
  if (publicDir === false) return undefined
  const folder = resolve(cwd, publicDir ?? 'public')
  return publicDir !== undefined || existsSync(folder) ? folder : undefined
}

/** Writes the types, if configured, early enough for type checks during the build. */
export async function provideTypes(
  { types }: LadingPluginOptions,
  { cwd, publicDir }: { readonly cwd: string; readonly publicDir: string | undefined },
): Promise<void> {
  if (!types) return
  const file = resolve(cwd, types === true ? 'lading-env.d.ts' : types)
  await toldInFull(() => writeTypes(file, publicDir === undefined ? [] : publicPaths(publicDir)))
}

/** @throws what naming the public files throws, told in full */
export async function virtualModule(place: VirtualPlace): Promise<VirtualModule> {
  const files = await toldInFull(() => movableFiles(place))
  const addresses = place.settings?.addresses
  const urls = [...files.keys].map(([path, key]) => [`/${path}`, addresses && urlOfKey(addresses.url, key)])
  const known = place.isDevelopment && place.publicDir !== undefined ? publicPaths(place.publicDir) : undefined
  const options = { base: addresses?.base ?? place.base, ...(known && { known }) }
  // The function's source is inlined: the module imports nothing, so Lading need not be resolvable from the project.
  const code = `export const assetUrl = /* @__PURE__ */ (${createAssetUrl})(${JSON.stringify(urls)}, ${JSON.stringify(options)})\n`
  return { code, files }
}

/** The public files that a script may name by their key; the others work only at their own path. */
async function movableFiles({ publicDir, settings }: VirtualPlace): Promise<PublicFiles> {
  const naming = settings?.rewrite && publicDir !== undefined ? namingOf(settings, publicDir) : undefined
  if (naming === undefined || settings?.addresses === undefined) return NO_PUBLIC_FILES
  const files = await readPublicFiles(naming)
  const { addresses } = settings
  const keys = [...files.keys].filter(([path]) => mayMove(path, files, addresses))
  return { ...files, keys: new Map(keys) }
}

/** What a script does with an address cannot be seen: it may start a worker, fetch, or take a piece of a sprite. */
function mayMove(path: SitePath, { sprites }: PublicFiles, { sameOrigin, cors }: Addresses): boolean {
  if (sameOrigin) return true
  if (sprites.has(path) || /\.[cm]?js$/i.test(path)) return false
  return cors || LOADS_ANYWHERE.test(path)
}

/**
 * For bundlers that copy nothing themselves: what scripts name has to lie in the site's folder when the build ends.
 * @throws E_BUILD
 */
export function refuseUncopied(keys: ReadonlyMap<SitePath, Key>, root: string): void {
  const missing = [...keys.keys()].filter((path) => !existsSync(join(root, path)))
  if (missing.length === 0) return
  throw new LadingError('E_BUILD', 'public files that scripts name are not in the build', {
    subject: root,
    details: missing,
    why: `${VIRTUAL} gives their addresses in the store, and this bundler copies no files.`,
    hint: 'Copy the public folder into the output folder before the build, or in a plugin before lading.',
  })
}

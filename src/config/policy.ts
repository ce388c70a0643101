import { resolve } from 'node:path'
import type { PublicUrl } from '../words/model.ts'
import { parsePublicUrl } from './address.ts'
import type { ResolveContext } from './asked.ts'
import { resolveCacheDir } from './checked.ts'
import { DEFAULTS, defaultRoot } from './defaults.ts'
import type { LadingConfig, SyncOptions, Target } from './interface.ts'
import { resolveDeploy, resolveStore } from './resolve.ts'
import { optionName } from './sources.ts'
import { parseTarget } from './target.ts'

/** What is needed to say how a store and its edge are to be set up, before there is either. */
export interface PolicyOptions extends Pick<SyncOptions, 'site' | 'base' | 'cdn' | 'include' | 'exclude' | 'cacheDir'> {
  readonly target: Target | undefined
  /** Where the state is, if not in the store. */
  readonly state: Target | undefined
  readonly url: PublicUrl | undefined
  /** Pages are in the store too. */
  readonly hasPages: boolean
  /** Absolute; it may not be there yet. */
  readonly root: string | undefined
}

/**
 * The part of a configuration that a provider has to know of. Neither a store nor a place for pages need be named yet.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_URL, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT
 */
export function resolvePolicy(input: LadingConfig, context: ResolveContext): PolicyOptions {
  const { site, base, cdn } = resolveDeploy(input, context)
  const url = input.url === undefined ? undefined : parsePublicUrl(input.url, optionName('url', context.sources))
  const root = input.root ?? defaultRoot(context.cwd)
  return {
    ...{ site, base, cdn, url },
    cacheDir: resolveCacheDir({ config: input, context }),
    target: input.to === undefined ? undefined : resolveStore(input, context).target,
    state: input.state === undefined ? undefined : parseTarget(input.state, context.cwd),
    hasPages: hasPages(input, url),
    root: root === undefined ? undefined : resolve(context.cwd, root),
    include: [...(input.include ?? DEFAULTS.include)],
    exclude: [...(input.exclude ?? DEFAULTS.exclude)],
  }
}

/** With a path as `url`, pages are not in the store, unless configured otherwise. */
function hasPages({ host, inPlace, out }: LadingConfig, url: PublicUrl | undefined): boolean {
  return host === true || (!inPlace && out === undefined && url?.kind !== 'path')
}

import { resolve } from 'node:path'
import type { ResolveContext } from './asked.ts'
import { defaultRoot } from './defaults.ts'
import type { LadingConfig, SyncOptions } from './interface.ts'
import { resolveDeploy, resolveStore, type StoreOptions } from './resolve.ts'

/** What is needed to change what is live without a site: rollback, prune, remove, channels. */
export interface HistoryOptions extends StoreOptions, Pick<SyncOptions, 'channel' | 'order' | 'cdn' | 'base' | 'site'> {
  /** Where the origin's pages lie, when a folder was named. */
  readonly pages: { readonly dir: string; readonly isOut: boolean } | undefined
}

/**
 * The part of a configuration that concerns what was published, on any machine.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_URL, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT
 */
export function resolveHistory(input: LadingConfig, context: ResolveContext): HistoryOptions {
  return { ...resolveStore(input, context), ...resolveDeploy(input, context), pages: pagesOf(input, context) }
}

function pagesOf({ out, inPlace, root }: LadingConfig, { cwd }: ResolveContext): HistoryOptions['pages'] {
  if (out !== undefined) return { dir: resolve(cwd, out), isOut: true }
  const dir = root ?? defaultRoot(cwd)
  return inPlace && dir !== undefined ? { dir: resolve(cwd, dir), isOut: false } : undefined
}

import type { Asked, ResolveContext } from './asked.ts'
import { resolveChecked, resolveCheckedStore, type StoreOptions } from './checked.ts'
import { resolveCheckedDeploy } from './deploy.ts'
import type { LadingConfig, SyncOptions } from './interface.ts'
import { checkConfig } from './schema.ts'

export type { StoreOptions } from './checked.ts'

/** Stands for a store where there is none; it overlaps with no folder. */
export const NOWHERE = 's3://nowhere'

/**
 * The one door between what a person writes and what the program reads: defaults, checks, absolute paths.
 * Reads no file's content and changes nothing.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_URL, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT, E_HEADER_INVALID (exit 2)
 * @throws E_OUT, E_ROOT_DANGEROUS when root, `out` and stores lie inside each other (exit 3)
 */
export function resolveConfig(input: LadingConfig, context: ResolveContext): SyncOptions {
  return resolveChecked(checked(input, context))
}

/**
 * The part of {@link resolveConfig} that concerns the stores: what `releases` needs on a machine without the site.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT
 */
export function resolveStore(input: LadingConfig, context: ResolveContext): StoreOptions {
  return resolveCheckedStore(checked(input, context))
}

/** The part that every deploy has. @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_URL */
export function resolveDeploy(input: LadingConfig, context: ResolveContext): ReturnType<typeof resolveCheckedDeploy> {
  return resolveCheckedDeploy(checked(input, context))
}

function checked(input: LadingConfig, context: ResolveContext): Asked {
  return { config: checkConfig(input, { name: 'options' }), context }
}

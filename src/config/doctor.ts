import type { PublicUrl } from '../words/model.ts'
import { parsePublicUrl } from './address.ts'
import type { ResolveContext } from './asked.ts'
import { DEFAULTS } from './defaults.ts'
import type { LadingConfig, SyncOptions } from './interface.ts'
import { resolveDeploy, resolveStore, type StoreOptions } from './resolve.ts'
import { optionName } from './sources.ts'

/** What `doctor` looks at: the stores, and the public address where one is configured. */
export interface DoctorOptions extends StoreOptions {
  /** @default none: the public address is not checked */
  readonly url?: PublicUrl | undefined
  readonly site?: SyncOptions['site']
  /** What the configuration says of `url`. @default false */
  readonly cors?: boolean | undefined
  /** Whether the pages lie in the store too. @default false */
  readonly host?: boolean | undefined
}

/**
 * The part of a configuration that concerns the stores and the way to them, on any machine.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_URL, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT
 */
export function resolveDoctor(input: LadingConfig, context: ResolveContext): DoctorOptions {
  const { site } = resolveDeploy(input, context)
  const { url, cors = DEFAULTS.cors, host = false } = input
  return {
    ...resolveStore(input, context),
    url: url === undefined ? undefined : parsePublicUrl(url, optionName('url', context.sources)),
    site,
    cors,
    host,
  }
}

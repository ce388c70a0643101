import { LadingError } from '../words/errors.ts'
import type { Mode } from '../words/model.ts'
import type { ResolveContext } from './asked.ts'
import { DEFAULTS } from './defaults.ts'
import { resolveDelivery } from './delivery.ts'
import type { LadingConfig } from './interface.ts'
import { type PolicyOptions, resolvePolicy } from './policy.ts'

/** What the template of a site has to know of it, before there is a store. */
export interface SiteStackOptions extends PolicyOptions {
  readonly cors: boolean
  readonly mode: Mode
  /** The folder of rewritten pages as it was written; none: they are rewritten where they are. */
  readonly out: string | undefined
}

/** Stands for an address that only the finished stack has. */
const UNKNOWN = 'https://distribution.invalid/'

/**
 * The part of a configuration that the template of a site has to know of. No store need be named, and of the public
 * address only the path counts where the distribution's own name is meant.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_URL, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT
 */
export function resolveSiteStack(input: LadingConfig, context: ResolveContext): SiteStackOptions {
  const options = resolvePolicy(input, context)
  if (options.url?.kind === 'path' && !input.host) throw isPath(options.url.href)
  const isRewritten = input.inPlace || input.out !== undefined || input.host
  const url = input.url ?? (isRewritten ? UNKNOWN : undefined)
  const { mode } = resolveDelivery({ config: { ...input, url }, context })
  return {
    ...options,
    cors: input.cors ?? DEFAULTS.cors,
    mode,
    out: input.out,
  }
}

/** The site's own distribution is there already, and only lends a path. */
function isPath(path: string): LadingError {
  return new LadingError('E_USAGE', `${path} is a path of a distribution that you have already`, {
    why: 'The template makes a new one, with a host name of its own.',
    hint: 'Its behavior there is printed by: lading policy edge --provider aws',
  })
}

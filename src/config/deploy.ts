import type { Order } from '../plan/order.ts'
import { LadingError } from '../words/errors.ts'
import { parseBase, parseSite } from './address.ts'
import type { Asked } from './asked.ts'
import { parseCdn } from './cdn.ts'
import { CHANNEL, DEFAULTS, defaultChannel, sanitizeChannel } from './defaults.ts'
import type { CdnTarget, SyncOptions } from './interface.ts'
import { defaultOrder, parseOrder } from './order.ts'
import { optionName } from './sources.ts'

/**
 * The part that every deploy has, whether it comes from a site or from an earlier release.
 *
 * @throws E_USAGE, E_URL
 */
export function resolveCheckedDeploy(asked: Asked): Pick<SyncOptions, 'channel' | 'order' | 'cdn' | 'base' | 'site'> {
  return { ...resolveSite(asked), channel: resolveChannel(asked), order: resolveOrder(asked), cdn: resolveCdn(asked) }
}

/** `site` and `base` say the same path; either may say it alone. */
function resolveSite({ config, context }: Asked): Pick<SyncOptions, 'site' | 'base'> {
  const base = config.base === undefined ? undefined : parseBase(config.base, optionName('base', context.sources))
  if (config.site === undefined) return { site: undefined, base: base ?? DEFAULTS.base }
  const url = new URL(parseSite(config.site, optionName('site', context.sources)))
  if (base !== undefined && url.pathname !== '/' && url.pathname !== base) {
    throw new LadingError('E_URL', 'site and base name different paths', {
      subject: `${url.href} and ${base}`,
      hint: 'Write the path in one of them.',
    })
  }
  const path = base ?? url.pathname
  return { site: url.origin + path, base: path }
}

function resolveChannel({ config, context }: Asked): string {
  if (config.channel === undefined) return defaultChannel(context.env).name
  if (CHANNEL.test(config.channel)) return config.channel
  const usable = sanitizeChannel(config.channel)
  throw new LadingError('E_USAGE', `"${config.channel}" cannot name a channel`, {
    subject: optionName('channel', context.sources),
    why: 'A channel has up to 64 letters, digits, dots, hyphens and underscores.',
    hint: usable === '' ? 'Write a name such as production.' : `Write ${usable}.`,
  })
}

function resolveOrder({ config, context }: Asked): Order | undefined {
  const given = parseOrder(config.order, context.sources)
  if (given !== undefined) return given
  const found = defaultOrder(context.env)
  return found && { counter: found.counter, number: found.number }
}

function resolveCdn({ config, context }: Asked): CdnTarget | undefined {
  return config.cdn === undefined ? undefined : parseCdn(config.cdn, optionName('cdn', context.sources))
}

import { resolve } from 'node:path'
import { LadingError } from '../words/errors.ts'
import type { PublicUrl } from '../words/model.ts'
import { parsePublicUrl } from './address.ts'
import type { Asked } from './asked.ts'
import { isLoopback } from './bucket.ts'
import type { Delivery } from './interface.ts'
import { optionName } from './sources.ts'

const DELIVERY_HELP = [
  '--in-place   rewrite the pages where they are; your origin serves them',
  '--out DIR    write the whole origin, pages rewritten, into DIR',
  '--host       put the rewritten pages into the store too',
]

/**
 * Where pages go.
 *
 * @throws E_USAGE, E_URL
 */
export function resolveDelivery(asked: Asked): Delivery {
  const { config, context } = asked
  const chosen = [config.inPlace && '--in-place', config.out !== undefined && '--out', config.host && '--host'].filter(
    Boolean,
  )
  if (chosen.length > 1) {
    throw new LadingError('E_USAGE', `${chosen.join(' and ')} exclude each other`, {
      why: 'Pages go to one place.',
      details: DELIVERY_HELP,
      hint: 'Keep one of them.',
    })
  }
  if (config.url === undefined) {
    if (chosen.length === 0) return { mode: 'mirror' }
    throw new LadingError('E_USAGE', `${chosen[0]} needs the public address of the store`, {
      hint: 'Add --url https://cdn.example.com/, or a path of the site such as --url /_a/.',
    })
  }
  const url = parsePublicUrl(config.url, optionName('url', context.sources))
  refuseMixed(url, asked)
  if (config.inPlace) return { mode: 'offload', url, pages: 'in-place' }
  if (config.host) return { mode: 'host', url }
  if (config.out === undefined) throw noDelivery(optionName('url', context.sources))
  if (config.out.trim() === '') throw new LadingError('E_USAGE', 'the folder of --out has no name')
  return { mode: 'offload', url, pages: 'out', dir: resolve(context.cwd, config.out) }
}

/** https://www.w3.org/TR/mixed-content/: scripts, style sheets and fonts are blocked. Loopback is trusted. */
function refuseMixed({ href, kind }: PublicUrl, { config, context }: Asked): void {
  if (kind === 'path' || !/^https:/i.test(config.site ?? '')) return
  const { protocol, hostname, port } = new URL(href)
  if (protocol === 'https:' || isLoopback(hostname)) return
  // a port that answers by http answers by nothing else
  const secure = port === '' ? href.replace(/^http:/, 'https:') : 'an address by https'
  const plain = (config.site ?? '').replace(/^https:/i, 'http:')
  throw new LadingError('E_URL', 'The site is https and its assets are not', {
    subject: `${optionName('url', context.sources)} ${href}`,
    why: 'Browsers load neither scripts nor style sheets nor fonts over http into such pages.',
    hint: `Write ${secure}, or give \`site\` as ${plain} while you test.`,
  })
}

const noDelivery = (option: string): LadingError =>
  new LadingError('E_USAGE', `${option} needs to know where the rewritten pages go`, {
    details: DELIVERY_HELP,
    hint: 'Add one of the three.',
  })

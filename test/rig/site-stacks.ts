import { resolveSiteStack, type SiteStackAsk, type SiteStackOptions, siteStack } from '../../src/index.ts'
import type { Json } from './cloud-formation.ts'

export type SiteConfig = Parameters<typeof resolveSiteStack>[0]

/** A folder without a site, whose templates are those of a site without redirects. */
const NOWHERE = '/nowhere'

export const optionsOf = (config: SiteConfig, cwd: string = NOWHERE): SiteStackOptions =>
  resolveSiteStack(config, { cwd, env: {} })

export const siteTemplateOf = async (config: SiteConfig, ask: SiteStackAsk = {}, cwd?: string): Promise<Json> =>
  JSON.parse((await siteStack(optionsOf(config, cwd), ask)).text)

interface Asked {
  readonly name: string
  readonly config: SiteConfig
  readonly ask: SiteStackAsk
}

const MODES: readonly (readonly [string, SiteConfig])[] = [
  ['mirror', {}],
  ['host', { host: true }],
  ['offload', { out: 'origin' }],
]

const STORES: readonly (readonly [string, SiteConfig])[] = [
  ['no store yet', {}],
  ['a prefix', { to: 's3://acme-site/www?region=eu-west-1' }],
  ['a state elsewhere', { to: 's3://acme-site', state: 's3://acme-state/site' }],
]

const ASKS: readonly (readonly [string, SiteStackAsk])[] = [
  ['nothing else', {}],
  ['a domain and GitHub', { domains: ['www.example.com', '*.example.com'], github: 'acme/site@release/1' }],
  ['CORS', { origins: ['https://www.example.com'], root: 'dist' }],
  ['create-only', { createOnly: true }],
]

/** Every combination of what changes the template. */
export const SITE_STACKS: readonly Asked[] = MODES.flatMap(([mode, pages]) =>
  STORES.flatMap(([where, store]) =>
    ASKS.filter(([, { createOnly }]) => mode !== 'mirror' || !createOnly).map(([what, ask]) => ({
      name: `${mode}, ${where}, ${what}`,
      config: { ...pages, ...store },
      ask,
    })),
  ),
)

import type { PublicFacts } from '../../index.ts'

/** One line: how good it is, its name, what was found. */
export type FactRow = readonly [mark: 'ok' | 'warn' | 'fail', name: string, text: string]

/** What visitors get, each with what to do about it. */
export function publicRows(facts: PublicFacts): FactRow[] {
  const rows = [served(facts), cors(facts), compression(facts), caching(facts), sniffing(facts), state(facts)]
  return rows.filter((row) => row !== undefined)
}

function served({ served, why }: PublicFacts): FactRow {
  if (served === 'yes') return ['ok', 'served', 'what lies in the store, also under names with a space and a plus sign']
  if (served === 'unknown') return ['warn', 'served', `could not be found out: ${why}`]
  return ['fail', 'served', `not what lies in the store: ${why}; see where \`url\` leads and who may read there`]
}

/** What is found against what is declared; the second half is the line for the configuration. */
function cors({ served, cors, declaredCors }: PublicFacts): FactRow | undefined {
  if (served !== 'yes') return undefined
  if (cors === undefined) return ['ok', 'cors', 'does not matter: pages and assets share one origin']
  if (cors === 'open') {
    return declaredCors
      ? ['ok', 'cors', 'every use is allowed, as `cors` says']
      : ['warn', 'cors', 'every use is allowed, so fonts and modules can move too: write cors: true']
  }
  const found =
    cors === 'closed'
      ? 'no use by other origins is allowed'
      : 'allowed only to who asks with Origin, and no Vary: Origin tells caches so'
  if (!declaredCors) return [cors === 'closed' ? 'ok' : 'warn', 'cors', `${found}: cors: false is right`]
  return ['fail', 'cors', `${found}: write cors: false, or mend it (lading policy cors)`]
}

function compression({ compresses }: PublicFacts): FactRow | undefined {
  if (compresses === undefined) return undefined
  if (compresses) return ['ok', 'compresses', 'text on its way']
  return ['warn', 'compresses', "nothing: turn it on at the CDN, or write compress: 'gzip'"]
}

function caching({ keepsCacheControl }: PublicFacts): FactRow | undefined {
  if (keepsCacheControl === undefined) return undefined
  if (keepsCacheControl) return ['ok', 'caching', 'Cache-Control comes as it is stored']
  return ['warn', 'caching', 'Cache-Control comes other than it is stored: let the CDN respect the origin’s']
}

function sniffing({ nosniff }: PublicFacts): FactRow | undefined {
  if (nosniff === undefined) return undefined
  if (nosniff) return ['ok', 'nosniff', 'X-Content-Type-Options: nosniff is sent']
  return ['warn', 'nosniff', 'X-Content-Type-Options: nosniff is not sent: let the CDN add it']
}

function state({ statePublic }: PublicFacts): FactRow | undefined {
  if (statePublic === undefined) return undefined
  if (!statePublic) return ['ok', 'state', 'what lies below .lading/ is not for visitors']
  const fix = 'write state: "s3://PRIVATE-BUCKET/PREFIX", or let the CDN refuse .lading/'
  return ['warn', 'state', `everybody can read the record of your releases: ${fix}`]
}

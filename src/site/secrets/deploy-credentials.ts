import { createHash } from 'node:crypto'
import { type Credential, profileCredentials, tokenCredentials } from './profile-files.ts'
import { isDocumented } from './rule.ts'

/** What this run signs its requests with: allowed in no file of a site, whatever the configuration says. */
export interface DeployCredentials {
  /** Every credential in every form that texts write it in, longest form first. */
  readonly needles: readonly { readonly variable: string; readonly bytes: Buffer }[]
  /** Of all needles, in bytes. */
  readonly longest: number
  /** Identifies these credentials without revealing them; empty when there are none. */
  readonly fingerprint: string
}

const VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'CLOUDFLARE_API_TOKEN',
] as const

/** Shorter values belong to tests and local servers, and occur in texts by chance. */
const SHORTEST = 16

/** The credentials of an environment: its variables, and the files of profiles and tokens that it leads to. */
export function deployCredentials(env: Readonly<Record<string, string | undefined>>): DeployCredentials {
  const set = credentialsOf(env)
  const needles = new Map<string, string>()
  for (const { name, value } of set) for (const form of formsOf(value)) if (!needles.has(form)) needles.set(form, name)
  const bytes = [...needles].map(([form, variable]) => ({ variable, bytes: Buffer.from(form) }))
  bytes.sort((a, b) => b.bytes.length - a.bytes.length)
  return {
    needles: bytes,
    longest: bytes[0]?.bytes.length ?? 0,
    fingerprint: set.length === 0 ? '' : fingerprint(set.map(({ value }) => value)),
  }
}

function credentialsOf(env: Readonly<Record<string, string | undefined>>): Credential[] {
  const variables = VARIABLES.map((name) => ({ name, value: env[name]?.trim() ?? '' }))
  return [...variables, ...profileCredentials(env), ...tokenCredentials(env)].filter(
    ({ value }) => value.length >= SHORTEST && !isDocumented(value),
  )
}

/** As written in JSON, in URLs and in cluster manifests (base64). */
function formsOf(value: string): readonly string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '')
  return [value, value.replaceAll('/', '\\/'), encodeURIComponent(value), base64]
}

function fingerprint(values: readonly string[]): string {
  return createHash('sha256')
    .update(`lading\0${values.join('\0')}`)
    .digest('hex')
    .slice(0, 16)
}

import { createHash } from 'node:crypto'

/** What this run signs its requests with: in no file of any site, whatever the configuration allows. */
export interface DeployCredentials {
  readonly needles: readonly { readonly variable: string; readonly bytes: Buffer }[]
  /** Of all needles, in bytes. */
  readonly longest: number
  /** Tells these credentials from others without giving them away; empty when there are none. */
  readonly fingerprint: string
}

const VARIABLES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const

/** Shorter values are what tests and local servers use, and stand in texts by chance. */
const SHORTEST = 16

/** The credentials of an environment, also as JSON and addresses write them. */
export function deployCredentials(env: Readonly<Record<string, string | undefined>>): DeployCredentials {
  const set = VARIABLES.map((variable) => ({ variable, value: env[variable]?.trim() ?? '' })).filter(
    ({ value }) => value.length >= SHORTEST,
  )
  const needles = set.flatMap(({ variable, value }) =>
    [...new Set([value, value.replaceAll('/', '\\/'), encodeURIComponent(value)])].map((text) => ({
      variable,
      bytes: Buffer.from(text),
    })),
  )
  return {
    needles,
    longest: Math.max(0, ...needles.map(({ bytes }) => bytes.length)),
    fingerprint: set.length === 0 ? '' : fingerprint(set.map(({ value }) => value)),
  }
}

function fingerprint(values: readonly string[]): string {
  return createHash('sha256')
    .update(`lading\0${values.join('\0')}`)
    .digest('hex')
    .slice(0, 16)
}

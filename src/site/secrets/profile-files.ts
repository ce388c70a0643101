import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** A secret value, and its name in messages. */
export interface Credential {
  readonly name: string
  readonly value: string
}

/** Larger than any such file, in bytes. */
const LARGEST = 1 << 20

const KEYS = new Set(['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'])

/**
 * The credentials in the profile files, whichever profile signs: that depends on the address, on variables, and on
 * profiles that refer to each other. https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
 */
export function profileCredentials(env: Environment): Credential[] {
  const home = env.HOME ?? env.USERPROFILE
  const inHome = (name: string): string | undefined => (home ? join(home, '.aws', name) : undefined)
  const files = [env.AWS_SHARED_CREDENTIALS_FILE ?? inHome('credentials'), env.AWS_CONFIG_FILE ?? inHome('config')]
  return files.flatMap((file) => credentialsIn(textOf(file)))
}

/** The token that a CI hands to the run. https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html */
export function tokenCredentials(env: Environment): Credential[] {
  const value = textOf(env.AWS_WEB_IDENTITY_TOKEN_FILE).trim()
  return value === '' ? [] : [{ name: 'the token of AWS_WEB_IDENTITY_TOKEN_FILE', value }]
}

function credentialsIn(text: string): Credential[] {
  const found: Credential[] = []
  let profile = ''
  for (const line of text.split(/\r?\n/)) {
    profile = /^\s*\[\s*(?:profile\s+)?(.+?)\s*\]/.exec(line)?.[1] ?? profile
    const [, key = '', value = ''] = /^\s*(\w+)\s*=\s*(\S+)/.exec(line) ?? []
    if (KEYS.has(key.toLowerCase())) found.push({ name: `${key.toLowerCase()} of the profile ${profile}`, value })
  }
  return found
}

/** Empty for what is no file or cannot be read: signing reports it, if it is needed. */
function textOf(file: string | undefined): string {
  if (file === undefined || file === '') return ''
  try {
    const stat = statSync(file)
    return stat.isFile() && stat.size <= LARGEST ? readFileSync(file, 'utf8') : ''
  } catch {
    return ''
  }
}

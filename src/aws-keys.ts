/** What requests to AWS are signed with. */
export interface AwsKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

interface Whose {
  /** Credentials' profile in `~/.aws`. */
  readonly profile?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The environment's own, unless a profile is named: the part that needs no SDK to be found. */
export function environmentKeys({ profile, env }: Whose): AwsKeys | undefined {
  const accessKeyId = env.AWS_ACCESS_KEY_ID
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY
  const sessionToken = env.AWS_SESSION_TOKEN
  if (profile !== undefined || !(accessKeyId && secretAccessKey)) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}

/** For a client of the SDK. Keys are told it from `env`, for it would look at process.env, which a caller may not mean. */
export function credentialsFor(whose: Whose): { profile?: string; credentials?: AwsKeys } {
  if (whose.profile !== undefined) return { profile: whose.profile }
  const credentials = environmentKeys(whose)
  return credentials ? { credentials } : {}
}

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

/** The profile whose credentials are used, where they are a profile's. */
export const profileOf = ({ profile, env }: Whose): string | undefined => profile ?? (env.AWS_PROFILE || undefined)

/** Credentials from the environment, unless a profile is named: the only kind that is found without the SDK. */
export function environmentKeys({ profile, env }: Whose): AwsKeys | undefined {
  const accessKeyId = env.AWS_ACCESS_KEY_ID
  const secretAccessKey = env.AWS_SECRET_ACCESS_KEY
  const sessionToken = env.AWS_SESSION_TOKEN
  if (profile !== undefined || !(accessKeyId && secretAccessKey)) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}

/** For an SDK client. Keys from `env` are passed explicitly: the SDK reads process.env, which may not be meant. */
export function credentialsFor(whose: Whose): { profile?: string; credentials?: AwsKeys } {
  if (whose.profile !== undefined) return { profile: whose.profile }
  const credentials = environmentKeys(whose)
  return credentials ? { credentials } : {}
}

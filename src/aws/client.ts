import { LadingError } from '../words/errors.ts'
import { type AwsKeys, credentialsFor } from './keys.ts'
import { keepSdkQuiet } from './quiet.ts'

/** Connect timeout, in milliseconds. */
const CONNECT_MS = 5000

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error'

const nothing = (): void => undefined
/** Without a logger of its own, the SDK prints to the console. */
export const SILENT: Readonly<Record<Level, () => void>> = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}

/** A package of the project that uses Lading, and what for: `queues on SQS`. */
interface Needed {
  readonly name: string
  readonly need: string
}

/** To be called before a client is made. @throws E_MISSING_PACKAGE */
export async function loadSdk<Sdk>(load: () => Promise<Sdk>, { name, need }: Needed): Promise<Sdk> {
  keepSdkQuiet()
  try {
    return await load()
  } catch (cause) {
    throw new LadingError('E_MISSING_PACKAGE', `the package ${name} is not installed`, {
      why: `Lading needs it for ${need} and leaves it to those who use them`,
      hint: `npm install --save-dev ${name}`,
      cause,
    })
  }
}

interface ClientOptions {
  /** Checked by the caller. @default Amazon's */
  readonly endpoint?: string | undefined
  /** Credentials' profile in `~/.aws`. @default AWS_PROFILE */
  readonly profile?: string | undefined
  /** How long one request may take, in milliseconds. */
  readonly requestTimeoutMs: number
  /** Added to the timeout for long polling, in milliseconds. @default 0 */
  readonly pollMs?: number | undefined
  /** Where credentials are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
}

interface ClientConfig {
  readonly endpoint?: string
  readonly profile?: string
  readonly credentials?: AwsKeys
  readonly maxAttempts: number
  readonly requestHandler: {
    readonly connectionTimeout: number
    readonly socketTimeout: number
    readonly requestTimeout: number
    readonly throwOnRequestTimeout: boolean
    readonly logger: typeof SILENT
  }
  readonly logger: typeof SILENT
}

/** The configuration of every client, except its region. */
export function clientConfig(options: ClientOptions): ClientConfig {
  const { endpoint, requestTimeoutMs, pollMs = 0 } = options
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...credentialsFor(options),
    // Only our own layer retries.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, requestTimeoutMs),
      socketTimeout: requestTimeoutMs + pollMs,
      requestTimeout: requestTimeoutMs + pollMs,
      throwOnRequestTimeout: true,
      logger: SILENT,
    },
    logger: SILENT,
  }
}

export const abortable = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  signal ? { abortSignal: signal } : {}

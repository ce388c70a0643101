import { type Clock, SYSTEM_CLOCK } from '../clock.ts'

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
const ENDPOINT = 'http://169.254.169.254'
/** How long a token is good for, in seconds: the longest there is. */
const TOKEN_SECONDS = 21_600
/** How long one request may take, in milliseconds: the service is on this machine. */
const TIMEOUT_MS = 1000
/** Between two looks, in milliseconds, as AWS advises. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
const LOOK_MS = 5000

/**
 *   rebalance     the instance is at elevated risk of interruption: nothing new should be started
 *   interruption  it will be taken away, about two minutes after the notice
 *   termination   its Auto Scaling group ends it
 */
export type Notice = 'rebalance' | 'interruption' | 'termination'

export interface ImdsOptions {
  /** See {@link metadataEndpoint}. */
  readonly endpoint: string
  readonly clock?: Clock | undefined
  /** Called once for each kind. */
  readonly onNotice: (notice: Notice) => void
  readonly signal: AbortSignal
}

interface Metadata {
  /** The text at a path below `latest/meta-data/`; `undefined` where there is none, or nobody answers. */
  get(path: string): Promise<string | undefined>
}

/**
 * The metadata service's address, from the same environment variables as AWS's SDKs read; `undefined` when it is
 * disabled. https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
 */
export function metadataEndpoint(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined
  return env.AWS_EC2_METADATA_SERVICE_ENDPOINT?.replace(/\/+$/, '') || ENDPOINT
}

/** Reads an instance's metadata, by IMDSv2 tokens only. */
function createMetadata(endpoint: string): Metadata {
  // Shared by concurrent requests.
  let token: Promise<string | undefined> | undefined
  const ask = (path: string, init: RequestInit): Promise<Response> =>
    fetch(`${endpoint}/latest/${path}`, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
  const newToken = async (): Promise<string | undefined> => {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS) }
    const response = await ask('api/token', { method: 'PUT', headers }).catch(() => undefined)
    if (response?.ok) return response.text()
    token = undefined
    return undefined
  }
  const look = async (path: string): Promise<Response | undefined> => {
    token ??= newToken()
    const known = await token
    return known === undefined
      ? undefined
      : ask(`meta-data/${path}`, { headers: { 'x-aws-ec2-metadata-token': known } })
  }
  return {
    async get(path) {
      try {
        let response = await look(path)
        if (response?.status === 401) {
          token = undefined
          response = await look(path)
        }
        return response?.ok ? await response.text() : undefined
      } catch {
        // A machine that is no instance, or a service that is busy: the next look is soon.
        return undefined
      }
    },
  }
}

/** The instance's id, `i-0123456789abcdef0`; `undefined` on a machine that is none. */
export async function instanceId(endpoint: string): Promise<string | undefined> {
  const text = await createMetadata(endpoint).get('instance-id')
  return text !== undefined && /^i-[0-9a-f]{8,17}$/.test(text) ? text : undefined
}

/** Looks for notices until the signal fires. They are best effort: a worker that misses one is simply killed, which is safe. */
export async function watchNotices({ endpoint, clock = SYSTEM_CLOCK, onNotice, signal }: ImdsOptions): Promise<void> {
  const metadata = createMetadata(endpoint)
  const given = new Set<Notice>()
  while (!signal.aborted) {
    for (const notice of await noticesOf(metadata)) {
      if (!given.has(notice)) onNotice(notice)
      given.add(notice)
    }
    await clock.sleep(LOOK_MS, signal)
  }
}

async function noticesOf(metadata: Metadata): Promise<Notice[]> {
  const [interruption, rebalance, state] = await Promise.all([
    metadata.get('spot/instance-action'),
    metadata.get('events/recommendations/rebalance'),
    metadata.get('autoscaling/target-lifecycle-state'),
  ])
  const notices: Notice[] = []
  if (rebalance !== undefined) notices.push('rebalance')
  if (interruption !== undefined) notices.push('interruption')
  if (state?.trim() === 'Terminated') notices.push('termination')
  return notices
}

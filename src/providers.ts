import type { Fleet, WorkerCommand } from './batch/fleet.ts'
import type { Queue, Redrive } from './batch/queue.ts'
import type { Cdn } from './cdn/cdn.ts'
import type { CdnTarget, Target } from './config/interface.ts'
import type { Learnt, ProbedFacts, Store } from './store/store.ts'
import type { RetryEvent } from './words/events.ts'

/** Options common to all stores. */
export interface OpenStoreOptions {
  /** How long one request may take, in milliseconds. @default 60_000 */
  readonly requestTimeoutMs?: number | undefined
  /** Retries of a call that failed with a transient error. @default 4 */
  readonly retries?: number | undefined
  /** Concurrent requests; also the size of the connection pool. @default 64 */
  readonly concurrency?: number | undefined
  /** How far the number of concurrent uploads may grow. @default concurrency */
  readonly mostAtOnce?: number | undefined
  /** Allows control characters in keys. @default false */
  readonly allowControl?: boolean | undefined
  /** Allows plain http to other machines. @default false */
  readonly allowInsecure?: boolean | undefined
  /** What sends the most common S3 requests: our own client, or `sdk` for the AWS SDK. @default 'fast' */
  readonly transport?: 'fast' | 'sdk' | undefined
  /** Called before the delay of each retry. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined
  /** Where credentials are looked for. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Ends a probe, which removes what it has written. An open store is given one with each call. */
  readonly signal?: AbortSignal | undefined
  /** Takes over a probe's removal of what it has written, behind its answer. @default the probe waits for it */
  readonly onRemoval?: ((removal: Promise<void>) => void) | undefined
  /** What a probe has found out about the store, as soon as that is known. */
  readonly learnt?: Learnt | undefined
}

/**
 * Opens the store that an address names, with retries, and with keys relative to its prefix. No request is made yet.
 * This is the one file that names adapters; they are imported when used, because an SDK costs 100 ms.
 *
 * @throws E_ENDPOINT, E_CONFIG
 */
export async function openStore(target: Target, options: OpenStoreOptions = {}): Promise<Store> {
  const [store, { withRetry }] = await Promise.all([
    openAdapter(target, options),
    import('./store/wrappers/with-retry.ts'),
  ])
  return withRetry(store, { retries: options.retries, onRetry: options.onRetry })
}

async function openAdapter(target: Target, options: OpenStoreOptions): Promise<Store> {
  const { allowControl } = options
  if (target.kind === 'folder') {
    const { createFolderStore } = await import('./store/folder/folder.ts')
    // messages append a key to the label, so it ends with a slash
    const label = target.label.replace(/\/*$/, '/')
    return createFolderStore({ path: target.path, label, allowControl })
  }
  const [{ createS3Store }, { withHedge }, { withPrefix }] = await Promise.all([
    import('./store/s3/s3.ts'),
    import('./store/wrappers/with-hedge.ts'),
    import('./store/wrappers/with-prefix.ts'),
  ])
  return withPrefix(withHedge(createS3Store(s3OptionsOf(target, options))), target.prefix)
}

/** The adapter's options, from the address and the run. */
function s3OptionsOf(target: Extract<Target, { kind: 's3' }>, options: OpenStoreOptions) {
  const { prefix: _, label: __, kind: ___, ...place } = target
  const { requestTimeoutMs = 60_000, allowControl, allowInsecure, env, learnt, transport } = options
  const concurrency = Math.max(options.concurrency ?? 64, options.mostAtOnce ?? 0)
  return { ...place, requestTimeoutMs, concurrency, allowControl, allowInsecure, env, learnt, transport }
}

/**
 * Finds out what a store does, by writing a few objects below its prefix and removing them again; `undefined` for a
 * folder, of which everything is known.
 */
export async function probeStore(target: Target, options: OpenStoreOptions = {}): Promise<ProbedFacts | undefined> {
  if (target.kind === 'folder') return undefined
  const { probeS3 } = await loadProbe()
  const { retries, onRetry, signal, onRemoval } = options
  const { prefix } = target
  return probeS3({ ...s3OptionsOf(target, options), prefix, retry: { retries, onRetry }, signal, onRemoval })
}

const loadProbe = () => import('./store/probe.ts')

/** Loads the probe beside other work, where it may soon be needed: that takes several turns of the event loop. */
export function loadProbeFor(target: Target): void {
  if (target.kind !== 'folder') loadProbe().catch(() => undefined) // thrown again where it is needed
}

/** How a run opens its stores. */
export type OpenStore = (target: Target, options: OpenStoreOptions) => Promise<Store>

/** How a run finds out what a store does. */
export type ProbeStore = (target: Target, options: OpenStoreOptions) => Promise<ProbedFacts | undefined>

/** Opens stores that can only be read: a plan that wrote would fail loudly instead. */
export function readOnly(open: OpenStore): OpenStore {
  return async (target, options) => {
    const [store, { withReadOnly }] = await Promise.all([
      open(target, options),
      import('./store/wrappers/with-read-only.ts'),
    ])
    return withReadOnly(store)
  }
}

/** Options common to all CDNs. */
export interface OpenCdnOptions {
  /** Where credentials are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The site's own origin, `https://www.example.com`, for a CDN that purges by full URL. */
  readonly origin: string | undefined
  /** Aborts every purge, like the signal of the call itself. */
  readonly signal?: AbortSignal | undefined
  /** How long one request may take, in milliseconds. */
  readonly requestTimeoutMs: number
}

/**
 * Opens the CDN that an address names. No request is made yet, but missing packages or credentials fail here, before
 * anything is deployed.
 *
 * @throws E_MISSING_PACKAGE, E_CREDENTIALS, E_CDN, E_ENDPOINT
 */
export async function openCdn(target: CdnTarget, options: OpenCdnOptions): Promise<Cdn> {
  if (target.kind === 'cloudflare') {
    const { createCloudflareCdn } = await import('./cdn/cloudflare.ts')
    return createCloudflareCdn({ ...target, ...options })
  }
  const [{ createCloudFrontCdn }, { checkCdnEndpoint }] = await Promise.all([
    import('./cdn/cloudfront.ts'),
    import('./config/cdn.ts'),
  ])
  const { origin: _, ...rest } = options
  const given =
    target.endpoint ?? (options.env.AWS_ENDPOINT_URL_CLOUDFRONT || options.env.AWS_ENDPOINT_URL || undefined)
  return createCloudFrontCdn({ ...target, ...rest, endpoint: given && checkCdnEndpoint(given) })
}

/** Where a queue is. A folder's dead letters go to another folder; for SQS the queue itself is configured with one. */
export type QueueTarget =
  | { readonly kind: 'folder'; readonly path: string; readonly deadLetters?: Redrive<string> | undefined }
  | {
      readonly kind: 'sqs'
      /** `https://sqs.eu-west-1.amazonaws.com/111122223333/app-std`. */
      readonly url: string
      /** @default the one that the address names, else AWS_REGION */
      readonly region?: string | undefined
      /** Where requests go instead of the host of `url`. */
      readonly endpoint?: string | undefined
      /** Credentials' profile in `~/.aws`. @default AWS_PROFILE */
      readonly profile?: string | undefined
    }

/** Options common to all queues. */
export interface OpenQueueOptions {
  /** Where credentials are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** How long one request may take, not counting long polling, in milliseconds. @default 20_000 */
  readonly requestTimeoutMs?: number | undefined
  /** Retries of a request that failed with a transient error. @default 4 */
  readonly retries?: number | undefined
}

/**
 * Opens a queue. Nothing is requested yet.
 *
 * @throws E_MISSING_PACKAGE
 */
export async function openQueue(target: QueueTarget, options: OpenQueueOptions): Promise<Queue> {
  if (target.kind === 'folder') {
    const { createFolderQueue } = await import('./batch/queues/folder.ts')
    return createFolderQueue(target)
  }
  const { createSqsQueue } = await import('./batch/queues/sqs.ts')
  return createSqsQueue({ ...target, ...options })
}

/** Creates the queue of one instance if it does not exist; the work queues are created by the stack. */
export async function makeOwnQueue(target: QueueTarget, options: OpenQueueOptions): Promise<void> {
  if (target.kind === 'folder') return
  const { makeSqsQueue } = await import('./batch/queues/sqs-own.ts')
  await makeSqsQueue({ ...target, ...options }, { retries: options.retries })
}

/** Removes such a queue when its instance ends. */
export async function dropOwnQueue(target: QueueTarget, options: OpenQueueOptions): Promise<void> {
  if (target.kind === 'folder') {
    const { dropFolderQueue } = await import('./batch/queues/folder-files.ts')
    return dropFolderQueue(target.path)
  }
  const { dropSqsQueue } = await import('./batch/queues/sqs-own.ts')
  await dropSqsQueue({ ...target, ...options }, { retries: options.retries })
}

/** Where workers run. */
export type FleetTarget =
  | {
      readonly kind: 'local'
      /** Where running workers are recorded. */
      readonly folder: string
      readonly max: number
      readonly command: (instance: string) => WorkerCommand
    }
  | {
      readonly kind: 'ec2'
      /** The Auto Scaling group's name. */
      readonly group: string
      /** A cap below the group's own. @default the group's */
      readonly max?: number | undefined
    }

/**
 * Opens a fleet. Nothing is requested yet.
 *
 * @throws E_MISSING_PACKAGE
 */
export async function openFleet(
  target: FleetTarget,
  { env, requestTimeoutMs = 20_000, retries }: OpenQueueOptions,
): Promise<Fleet> {
  if (target.kind === 'local') {
    const { createLocalFleet } = await import('./batch/fleets/local.ts')
    return createLocalFleet(target)
  }
  const { createEc2Fleet } = await import('./batch/fleets/ec2.ts')
  const { LIFETIME_TAG } = await import('./batch/plan/scale.ts')
  const endpoint = env.AWS_ENDPOINT_URL_AUTO_SCALING || env.AWS_ENDPOINT_URL || undefined
  return createEc2Fleet({ ...target, lifetimeTag: LIFETIME_TAG, endpoint, env, requestTimeoutMs, retries })
}

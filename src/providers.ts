import type { Target } from './config/interface.ts'
import type { RetryEvent } from './events.ts'
import type { Store } from './store/store.ts'

/** How a store is used, whichever it is. */
export interface OpenStoreOptions {
  /** How long one request may take, in milliseconds. @default 60_000 */
  readonly requestTimeoutMs?: number | undefined
  /** How often a call that failed for a passing reason is tried again. @default 4 */
  readonly retries?: number | undefined
  /** Requests at once; sizes the pool of connections. @default 64 */
  readonly concurrency?: number | undefined
  /** Control characters in keys. @default false */
  readonly allowControl?: boolean | undefined
  /** Plain http to a host other than this machine. @default false */
  readonly allowInsecure?: boolean | undefined
  /** Told before every wait for another attempt. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined
  /** Where credentials are looked for. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
}

/**
 * Opens the store that an address names, with retries around it and its prefix taken off. Nothing is requested yet.
 * This is the one file that names adapters; they are imported when used, because an SDK costs 100 ms.
 *
 * @throws E_ENDPOINT, E_CONFIG
 */
export async function openStore(target: Target, options: OpenStoreOptions = {}): Promise<Store> {
  const [store, { withRetry }] = await Promise.all([openAdapter(target, options), import('./store/with-retry.ts')])
  return withRetry(store, { retries: options.retries, onRetry: options.onRetry })
}

async function openAdapter(target: Target, options: OpenStoreOptions): Promise<Store> {
  const { allowControl } = options
  if (target.kind === 'folder') {
    const { createFolderStore } = await import('./store/folder.ts')
    // messages put a key behind the label, so it ends like a folder
    const label = target.label.replace(/\/*$/, '/')
    return createFolderStore({ path: target.path, label, allowControl })
  }
  const [{ createS3Store }, { withPrefix }] = await Promise.all([
    import('./store/s3.ts'),
    import('./store/with-prefix.ts'),
  ])
  const { prefix, label: _, kind: __, ...place } = target
  const { requestTimeoutMs = 60_000, concurrency = 64, allowInsecure, env } = options
  const store = createS3Store({ ...place, requestTimeoutMs, concurrency, allowControl, allowInsecure, env })
  return withPrefix(store, prefix)
}

/** How a run opens its stores. */
export type OpenStore = (target: Target, options: OpenStoreOptions) => Promise<Store>

/** Opens stores that can only be read: a plan that wrote would fail loudly instead. */
export function readOnly(open: OpenStore): OpenStore {
  return async (target, options) => {
    const [store, { withReadOnly }] = await Promise.all([open(target, options), import('./store/with-read-only.ts')])
    return withReadOnly(store)
  }
}

import { type Deploy, decodeDeploy, encodeDeploy } from '../plan/deploy.ts'
import type { Store } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { ETag, Key } from '../words/model.ts'
import { bytesBody } from './bytes-body.ts'
import { readState } from './read-state.ts'

/** A deploy that the pointer has not settled, as it lies in the store. */
export interface FoundDeploy {
  readonly deploy: Deploy
  readonly etag: ETag
  /** Since its holder's last sign of life, by the store's clock; absent where the store does not tell. */
  readonly ageMs: number | undefined
}

/** Reading and writing `deploys/<seq>.json`. Both writes are conditional; `undefined`: another run won the race. */
export interface DeployRecords {
  read(seq: number, signal?: AbortSignal): Promise<FoundDeploy | undefined>
  /**
   * For a repair: a record that cannot be read may be taken over once it has been silent for a lease. Which keys it
   * named is not known.
   */
  readDamaged(seq: number): Promise<FoundDeploy | undefined>
  create(deploy: Deploy, signal?: AbortSignal): Promise<ETag | undefined>
  replace(deploy: Deploy, from: ETag, signal?: AbortSignal): Promise<ETag | undefined>
}

const DEPLOYS = 'deploys/'

/** What is taken for the lease of a deploy whose record cannot be read, in milliseconds. */
const LEASE_MS = 30_000

const UNKNOWN: Omit<Deploy, 'seq'> = {
  phase: 'publish',
  epoch: 1,
  holder: 'unknown',
  channel: '',
  order: undefined,
  startedAt: '',
  renewals: 0,
  leaseMs: LEASE_MS,
  keys: [],
  cdn: false,
}

export function deployRecords(store: Store, folder: string, signal: AbortSignal | undefined): DeployRecords {
  const keyOf = (seq: number): Key => `${folder}${DEPLOYS}${seq}.json`
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  const put = async (
    deploy: Deploy,
    when: 'absent' | { readonly etag: ETag },
    given: AbortSignal | undefined,
  ): Promise<ETag | undefined> => {
    const body = bytesBody(encodeDeploy(deploy))
    // a renewal queued behind the uploads would come too late
    const result = await store.put(keyOf(deploy.seq), body, headers, { when, signal: given ?? signal, isUrgent: true })
    return result.status === 'stored' ? result.etag : undefined
  }
  const read: DeployRecords['read'] = async (seq, given) => {
    const found = await readState(store, keyOf(seq), given ?? signal)
    if (found === undefined) return undefined
    const deploy = decodeDeploy(found.bytes, `${store.label}${keyOf(seq)}`)
    return { deploy, etag: found.etag, ageMs: found.ageMs }
  }
  return {
    read,
    async readDamaged(seq) {
      try {
        return await read(seq)
      } catch (error) {
        if (!(error instanceof LadingError && error.code === 'E_MANIFEST')) throw error
        const found = await store.head(keyOf(seq), { signal })
        return found && { deploy: { ...UNKNOWN, seq }, etag: found.etag, ageMs: found.ageMs }
      }
    },
    create: (deploy, given) => put(deploy, 'absent', given),
    replace: (deploy, from, given) => put(deploy, { etag: from }, given),
  }
}

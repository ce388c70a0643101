import type { SyncOptions } from '../config/interface.ts'
import type { StoreOptions } from '../config/resolve.ts'
import type { Stores } from '../draft/opened.ts'
import { deployName } from '../plan/deploy.ts'
import { createDeployer, type Deployer } from '../transfer/deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import type { Emit } from '../words/events.ts'
import type { Run } from './run.ts'

/** How long a deploy is held without a sign of life, in milliseconds, unless the run says otherwise. */
const LEASE_MS = 30_000

export interface DeployerInput {
  readonly options: StoreOptions & Pick<SyncOptions, 'channel' | 'order'>
  readonly stores: Stores
  readonly run: Run & { readonly emit: Emit }
}

/** How a run acquires the deploy: its lease, its timeout, and what the stores are known to guarantee. */
export function openDeployer({ options, stores, run }: DeployerInput): Deployer {
  return createDeployer({
    ...options,
    state: stores.state,
    clock: run.clock ?? SYSTEM_CLOCK,
    leaseMs: run.leaseMs ?? LEASE_MS,
    isAdvisory: () => (stores.learnt.state.facts ?? stores.learnt.site.facts)?.conditionalWrites === 'none',
    onWait: ({ deploy, ageMs }) =>
      run.emit({ type: 'wait', deploy: deployName(deploy.seq), channel: deploy.channel, silentMs: ageMs }),
    signal: run.signal,
  })
}

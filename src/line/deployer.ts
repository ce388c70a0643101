import type { SyncOptions } from '../config/interface.ts'
import type { StoreOptions } from '../config/resolve.ts'
import type { Stores } from '../draft/opened.ts'
import type { RepairOptions } from '../draft/repair-options.ts'
import { deployName } from '../plan/deploy.ts'
import { createDeployer, type Deployer } from '../transfer/deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import type { Emit } from '../words/events.ts'
import type { Run } from './run.ts'

/** How long a deploy is held without a sign of life, in milliseconds, unless the run says otherwise. */
const LEASE_MS = 30_000

export interface DeployerInput {
  readonly options: StoreOptions &
    Pick<SyncOptions, 'channel' | 'order'> &
    Pick<RepairOptions, 'repair'> &
    Partial<Pick<SyncOptions, 'cdn'>>
  readonly stores: Stores
  readonly run: Run & { readonly emit: Emit }
}

/**
 * How a run acquires the deploy: its lease, its timeout, and what the stores are known to guarantee. It says for which
 * other deploy it waits, and when that is over.
 */
export function openDeployer({ options, stores, run }: DeployerInput): Deployer {
  const clock = run.clock ?? SYSTEM_CLOCK
  let waiting: { readonly deploy: string; readonly channel: string; readonly sinceMs: number } | undefined
  const deployer = createDeployer({
    ...options,
    state: stores.state,
    clock,
    leaseMs: run.leaseMs ?? LEASE_MS,
    isAdvisory: () => (stores.learnt.state.facts ?? stores.learnt.site.facts)?.conditionalWrites === 'none',
    onWait({ deploy: { seq, channel }, ageMs }) {
      const deploy = deployName(seq)
      waiting = { deploy, channel, sinceMs: waiting?.sinceMs ?? clock.monotonicMs() }
      run.emit({ type: 'wait', deploy, channel, silentMs: ageMs })
    },
    signal: run.signal,
  })
  return {
    ...deployer,
    async take(seq, keys) {
      const turn = await deployer.take(seq, keys)
      if (waiting !== undefined) {
        const { sinceMs, ...named } = waiting
        run.emit({ type: 'waited', ...named, ms: clock.monotonicMs() - sinceMs })
        waiting = undefined
      }
      return turn
    },
  }
}

import {
  BATCH_CONTROL_OPTIONS,
  BATCH_DASHBOARD_OPTIONS,
  BATCH_ESTIMATE_OPTIONS,
  BATCH_OPTIONS,
  BATCH_PACK_OPTIONS,
  BATCH_REPRO_OPTIONS,
  BATCH_SIMULATE_OPTIONS,
  BATCH_STACK_OPTIONS,
  BATCH_SUBMIT_OPTIONS,
  BATCH_WATCH_OPTIONS,
  BATCH_WORKER_OPTIONS,
} from './batch-options.ts'
import type { CommandName } from './menu.ts'
import type { CommandParts } from './rows.ts'

/** `lading batch ...`: bulk images, on this machine or on a fleet. */
export const BATCH_PARTS: Readonly<Record<Extract<CommandName, `batch ${string}`>, CommandParts>> = {
  'batch submit': { options: BATCH_SUBMIT_OPTIONS, load: () => import('./commands/batch-submit.ts') },
  'batch status': { options: BATCH_OPTIONS, load: () => import('./commands/batch-status.ts') },
  'batch watch': { options: BATCH_WATCH_OPTIONS, load: () => import('./commands/batch-watch.ts') },
  'batch worker': { options: BATCH_WORKER_OPTIONS, load: () => import('./commands/batch-worker.ts') },
  'batch control': { options: BATCH_CONTROL_OPTIONS, load: () => import('./commands/batch-control.ts') },
  'batch dashboard': { options: BATCH_DASHBOARD_OPTIONS, load: () => import('./commands/batch-dashboard.ts') },
  'batch estimate': { options: BATCH_ESTIMATE_OPTIONS, load: () => import('./commands/batch-estimate.ts') },
  'batch simulate': { options: BATCH_SIMULATE_OPTIONS, load: () => import('./commands/batch-simulate.ts') },
  'batch reassemble': { options: BATCH_OPTIONS, load: () => import('./commands/batch-reassemble.ts') },
  'batch repro': { options: BATCH_REPRO_OPTIONS, load: () => import('./commands/batch-repro.ts') },
  'batch dlq': { options: BATCH_OPTIONS, load: () => import('./commands/batch-dlq.ts') },
  'batch redrive': { options: BATCH_OPTIONS, load: () => import('./commands/batch-redrive.ts') },
  'batch stack': { options: BATCH_STACK_OPTIONS, load: () => import('./commands/batch-stack.ts') },
  'batch pack': { options: BATCH_PACK_OPTIONS, load: () => import('./commands/batch-pack.ts') },
}

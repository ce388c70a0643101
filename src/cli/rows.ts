import { BATCH_PARTS } from './batch-rows.ts'
import type { CommandModule } from './io.ts'
import { type CommandName, MENU, type MenuItem } from './menu.ts'
import type { OptionRow } from './option-rows.ts'
import {
  CHANNEL_OPTIONS,
  CONFIG_OPTIONS,
  COPY_OPTIONS,
  DOCTOR_OPTIONS,
  EXPLAIN_OPTIONS,
  FAVICON_OPTIONS,
  IMAGES_OPTIONS,
  INIT_OPTIONS,
  PLAN_OPTIONS,
  POLICY_OPTIONS,
  PRUNE_OPTIONS,
  RELEASES_OPTIONS,
  REMOVE_OPTIONS,
  REWRITE_OPTIONS,
  ROLLBACK_OPTIONS,
  SERVE_OPTIONS,
  STACK_SITE_OPTIONS,
  SYNC_OPTIONS,
  UNLOCK_OPTIONS,
  VERIFY_OPTIONS,
} from './options.ts'
import { ESTIMATE_OPTIONS, REPORT_OPTIONS } from './traffic-options.ts'

/** What a command needs to be called: its flags, and the file that is imported then. */
export interface CommandParts {
  readonly options: readonly OptionRow[]
  load(): Promise<CommandModule>
}

export interface CommandRow extends MenuItem, CommandParts {}

const PARTS: Readonly<Record<CommandName, CommandParts>> = {
  init: { options: INIT_OPTIONS, load: () => import('./commands/init.ts') },
  sync: { options: SYNC_OPTIONS, load: () => import('./commands/sync.ts') },
  plan: { options: PLAN_OPTIONS, load: () => import('./commands/plan.ts') },
  rewrite: { options: REWRITE_OPTIONS, load: () => import('./commands/rewrite.ts') },
  explain: { options: EXPLAIN_OPTIONS, load: () => import('./commands/explain.ts') },
  releases: { options: RELEASES_OPTIONS, load: () => import('./commands/releases.ts') },
  rollback: { options: ROLLBACK_OPTIONS, load: () => import('./commands/rollback.ts') },
  channel: { options: CHANNEL_OPTIONS, load: () => import('./commands/channel.ts') },
  prune: { options: PRUNE_OPTIONS, load: () => import('./commands/prune.ts') },
  remove: { options: REMOVE_OPTIONS, load: () => import('./commands/remove.ts') },
  verify: { options: VERIFY_OPTIONS, load: () => import('./commands/verify.ts') },
  report: { options: REPORT_OPTIONS, load: () => import('./commands/report.ts') },
  estimate: { options: ESTIMATE_OPTIONS, load: () => import('./commands/estimate.ts') },
  copy: { options: COPY_OPTIONS, load: () => import('./commands/copy.ts') },
  images: { options: IMAGES_OPTIONS, load: () => import('./commands/images.ts') },
  favicon: { options: FAVICON_OPTIONS, load: () => import('./commands/favicon.ts') },
  unlock: { options: UNLOCK_OPTIONS, load: () => import('./commands/unlock.ts') },
  doctor: { options: DOCTOR_OPTIONS, load: () => import('./commands/doctor.ts') },
  policy: { options: POLICY_OPTIONS, load: () => import('./commands/policy.ts') },
  'stack site': { options: STACK_SITE_OPTIONS, load: () => import('./commands/stack-site.ts') },
  serve: { options: SERVE_OPTIONS, load: () => import('./commands/serve.ts') },
  config: { options: CONFIG_OPTIONS, load: () => import('./commands/config.ts') },
  completion: { options: [], load: () => import('./commands/completion.ts') },
  ...BATCH_PARTS,
}

/** In the order of the help. */
export const COMMANDS: readonly CommandRow[] = MENU.map((item) => ({ ...item, ...PARTS[item.name] }))

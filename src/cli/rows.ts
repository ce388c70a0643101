import { BATCH_COMMANDS } from './batch-rows.ts'
import type { CommandModule } from './io.ts'
import {
  CHANNEL_OPTIONS,
  CONFIG_OPTIONS,
  COPY_OPTIONS,
  DOCTOR_OPTIONS,
  EXPLAIN_OPTIONS,
  IMAGES_OPTIONS,
  type OptionRow,
  PLAN_OPTIONS,
  POLICY_OPTIONS,
  PRUNE_OPTIONS,
  RELEASES_OPTIONS,
  REMOVE_OPTIONS,
  REWRITE_OPTIONS,
  ROLLBACK_OPTIONS,
  SERVE_OPTIONS,
  SYNC_OPTIONS,
  UNLOCK_OPTIONS,
  VERIFY_OPTIONS,
} from './options.ts'

/** One command: its place in the help, and the file that is imported when it is called. */
export interface CommandRow {
  /** With the name of its group before it: `batch submit`. */
  readonly name: string
  readonly args: string
  readonly summary: string
  readonly options: readonly OptionRow[]
  load(): Promise<CommandModule>
}

/** In the order of the help. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'sync',
    args: '[root]',
    summary: 'load the site: assets first, then pages, then the switch',
    options: SYNC_OPTIONS,
    load: () => import('./commands/sync.ts'),
  },
  {
    name: 'plan',
    args: '[root]',
    summary: 'what sync would do and why; writes nothing',
    options: PLAN_OPTIONS,
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'rewrite',
    args: '[root]',
    summary: 'rewriting alone: pages, and a folder of assets that you upload yourself',
    options: REWRITE_OPTIONS,
    load: () => import('./commands/rewrite.ts'),
  },
  {
    name: 'explain',
    args: '<path>',
    summary: 'one file: class, key, headers and their rules, references',
    options: EXPLAIN_OPTIONS,
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'releases',
    args: '',
    summary: 'what was published, newest first',
    options: RELEASES_OPTIONS,
    load: () => import('./commands/releases.ts'),
  },
  {
    name: 'rollback',
    args: '[release]',
    summary: 'put an earlier release back: assets before pages, by one command',
    options: ROLLBACK_OPTIONS,
    load: () => import('./commands/rollback.ts'),
  },
  {
    name: 'channel',
    args: '[action] [name]',
    summary: 'list the channels, or end one',
    options: CHANNEL_OPTIONS,
    load: () => import('./commands/channel.ts'),
  },
  {
    name: 'prune',
    args: '',
    summary: 'remove what no kept release names and has not been named for a while',
    options: PRUNE_OPTIONS,
    load: () => import('./commands/prune.ts'),
  },
  {
    name: 'remove',
    args: '<key>',
    summary: 'take a file down: every copy and version of it',
    options: REMOVE_OPTIONS,
    load: () => import('./commands/remove.ts'),
  },
  {
    name: 'verify',
    args: '',
    summary: 'compare the store with what was published, or look at the live site: --live',
    options: VERIFY_OPTIONS,
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'copy',
    args: '<from> <to>',
    summary: 'bring everything that was published to another store',
    options: COPY_OPTIONS,
    load: () => import('./commands/copy.ts'),
  },
  {
    name: 'images',
    args: '<source>',
    summary: 'make what pages show of the images of a folder or a store',
    options: IMAGES_OPTIONS,
    load: () => import('./commands/images.ts'),
  },
  {
    name: 'unlock',
    args: '[deploy]',
    summary: 'give a deploy up whose run is dead',
    options: UNLOCK_OPTIONS,
    load: () => import('./commands/unlock.ts'),
  },
  {
    name: 'doctor',
    args: '',
    summary: 'find out what the store really does, and what visitors get',
    options: DOCTOR_OPTIONS,
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'policy',
    args: '<cors|csp|edge> [root]',
    summary: 'the documents that a store, a CDN and a page’s policy need; changes nothing',
    options: POLICY_OPTIONS,
    load: () => import('./commands/policy.ts'),
  },
  {
    name: 'serve',
    args: '<folder>',
    summary: 'a folder store, or a plain folder, as a CDN on this machine',
    options: SERVE_OPTIONS,
    load: () => import('./commands/serve.ts'),
  },
  {
    name: 'config',
    args: '',
    summary: 'the configuration in force, and what each option is for',
    options: CONFIG_OPTIONS,
    load: () => import('./commands/config.ts'),
  },
  ...BATCH_COMMANDS,
]

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type LadingConfig,
  type LadingEvent,
  openStore,
  resolveConfig,
  resolveStore,
  type Summary,
  sync,
} from '../../src/index.ts'
import { openCdn } from '../rig/open-cdn.ts'

/** Every key in a folder store, sorted; none when nothing ever came. */
export async function keysIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const { target, ...options } = resolveStore({ to: folder }, { cwd: folder, env: {} })
  const store = await openStore(target, options)
  const keys: string[] = []
  for await (const page of store.list('', {})) keys.push(...page.map(({ key }) => key))
  return keys.sort()
}

export interface Synced {
  readonly summary: Summary
  /** Keys of objects that were sent. */
  readonly sent: readonly string[]
  readonly warnings: readonly string[]
  /** What the warnings say to do. */
  readonly fixes: readonly string[]
  /** What was never to be uploaded, and why. */
  readonly skipped: readonly string[]
}

/** `lading sync` over what a build left. */
export async function syncBuild(folder: string, config: LadingConfig): Promise<Synced> {
  const events: LadingEvent[] = []
  const options = resolveConfig(
    { root: 'dist', to: join(folder, 'store'), cacheDir: 'sync-cache', ...config },
    { cwd: folder, env: {} },
  )
  const summary = await sync(options, { ask: openCdn, emit: (event) => void events.push(event) })
  return {
    summary,
    sent: events.flatMap((event) => (event.type === 'file' && event.op === 'add' ? [event.key] : [])),
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    fixes: events.flatMap((event) => (event.type === 'warning' && event.fix ? [event.fix] : [])),
    skipped: events.flatMap((event) =>
      event.type === 'warning' && event.code === 'W_NOT_UPLOADED' ? event.items : [],
    ),
  }
}

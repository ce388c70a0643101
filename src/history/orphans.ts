import type { Opened } from '../draft/opened.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import type { RetentionRules } from '../plan/retention.ts'
import type { ListedObject } from '../store/store.ts'
import { listInParts } from '../transfer/list-in-parts.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { Going } from './report.ts'

export interface OrphanSearch {
  readonly opened: Opened
  readonly rules: RetentionRules
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

const DAY_MS = 86_400_000

/**
 * Hashed names that runs have sent and that no publish ever knew. Each is looked at: it must carry our digest and be
 * older than anything that may still be under way. Everything else is foreign.
 */
export async function findOrphans({ opened, rules, concurrency, signal }: OrphanSearch): Promise<Going[]> {
  const { store, manifest } = opened
  const unknown: ListedObject[] = []
  for await (const page of listInParts(store, ASSET_FOLDER, { expected: () => manifest?.rows.keys() ?? [], signal })) {
    unknown.push(...page.filter(({ key }) => !manifest?.rows.has(key)))
  }
  const orphans: Going[] = []
  await forEachBounded(unknown, { concurrency, weigh: () => 0, signal }, async ({ key }) => {
    const found = await store.head(key, { signal })
    const isOurs = found?.sha256 !== undefined
    const isOld = found?.ageMs !== undefined && found.ageMs >= Math.max(1, rules.keepDays) * DAY_MS
    if (found && isOurs && isOld) orphans.push({ key, size: found.size, reason: 'sent by a run that never published' })
  })
  return orphans.sort((a, b) => (a.key < b.key ? -1 : 1))
}

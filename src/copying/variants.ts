import { isRendered, VARIANTS_FOLDER } from '../images/plan/keys.ts'
import type { ListedObject } from '../store/store.ts'
import { storedBody } from '../transfer/blobs.ts'
import { hexBorders, listInParts } from '../transfer/list-in-parts.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { Digest, Key } from '../words/model.ts'
import type { CopyInput } from './objects.ts'
import { isRenderedFrom } from './takedowns.ts'

/**
 * Variants of images, and their receipts: pages name them, and no manifest of a site knows them. Their bytes never change
 * under their key, so what is there stays. Those that carry no digest are not ours.
 *
 * @param away contents that were taken down there
 * @param count told of each that was missing there
 */
export async function copyVariants(
  { source, target, options, dryRun, run }: CopyInput,
  away: ReadonlySet<Digest>,
  count: (bytes: number) => void,
): Promise<void> {
  const { signal } = run
  const there = new Set<Key>()
  const parts = { expected: () => hexBorders(VARIANTS_FOLDER), signal }
  for await (const page of listInParts(target.store, VARIANTS_FOLDER, parts)) for (const { key } of page) there.add(key)
  const bounded = { concurrency: options.concurrency, weigh: ({ size }: ListedObject) => size, signal }
  for await (const page of listInParts(source.store, VARIANTS_FOLDER, parts)) {
    const missing = page.filter(({ key }) => isRendered(key) && !there.has(key) && !isRenderedFrom(key, away))
    await forEachBounded(missing, bounded, async ({ key }) => {
      const found = await source.store.head(key, { signal })
      const { sha256, size = 0, headers } = found ?? {}
      if (sha256 === undefined || headers === undefined) return
      const body = storedBody(source.store, { key, size, sha256 }, signal)
      if (!dryRun) await target.store.put(key, body, headers, { when: 'absent', signal })
      count(size)
      run.emit({ type: 'file', op: 'add', key, bytes: size, reason: 'new', done: !dryRun })
    })
  }
}

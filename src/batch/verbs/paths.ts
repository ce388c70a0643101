import type { Store } from '../../store/store.ts'
import { shardOfItem } from '../plan/keys.ts'
import type { ImageJob } from '../plan/messages.ts'
import type { PathOf } from '../worker/options.ts'
import { readShardItems } from './submit.ts'

/** Looks the paths of images up, which messages do not carry. The list of a shard stays for the next of its items. */
export function createPaths(store: Store): PathOf {
  let last: { readonly of: string; readonly paths: ReadonlyMap<string, string> } | undefined
  return async ({ batch, item }: ImageJob, signal) => {
    const shard = shardOfItem(item)
    const of = `${batch} ${shard}`
    if (last?.of !== of) {
      const items = await readShardItems(store, { batch, shard }, signal)
      last = { of, paths: new Map(items.map((one) => [one.item, one.path])) }
    }
    return last.paths.get(item)
  }
}

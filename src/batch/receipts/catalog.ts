import type { Store } from '../../store/store.ts'
import { BATCH_ID, BATCHES_PREFIX } from '../plan/keys.ts'

/**
 * The names of all batches that a store has objects of. Where it does not know its folders, a listing for each batch
 * that fills a page of one: it goes on behind the last batch of a page, past the rest of that batch's objects.
 */
export async function batchNames(store: Store, signal?: AbortSignal): Promise<readonly string[]> {
  const names = new Set<string>()
  if (store.folders) for (const name of await store.folders(BATCHES_PREFIX, { signal })) names.add(name)
  else for await (const name of namesByListing(store, signal)) names.add(name)
  return [...names].filter((name) => BATCH_ID.test(name))
}

/** The character after `/`, in the order of keys: `b/NAME0` follows everything below `b/NAME/`. */
const AFTER_SLASH = '0'

async function* namesByListing(store: Store, signal: AbortSignal | undefined): AsyncGenerator<string> {
  for (let after: string | undefined; ; ) {
    let last: string | undefined
    for await (const page of store.list(BATCHES_PREFIX, { after, signal })) {
      for (const { key } of page) {
        last = key.slice(BATCHES_PREFIX.length).split('/', 1)[0] ?? ''
        yield last
      }
      break
    }
    if (last === undefined) return
    after = `${BATCHES_PREFIX}${last}${AFTER_SLASH}`
  }
}

import type { Store } from '../../store/store.ts'

export interface Metered {
  readonly store: Store
  /** Pages of listings that were asked for so far. Reads of objects cost a twelfth of one each and are not counted. */
  listings(): number
}

/** Counts the listings of a store. */
export function metered(store: Store): Metered {
  let listings = 0
  const { folders } = store
  const counted: Pick<Store, 'list' | 'folders'> = {
    async *list(...given) {
      listings += 1
      let pages = 0
      for await (const page of store.list(...given)) {
        // The first one is counted already, since an empty one costs as much.
        if (pages > 0) listings += 1
        pages += 1
        yield page
      }
    },
    ...(folders && {
      async folders(...given) {
        listings += 1
        const names = await folders(...given)
        // Of pages nothing is told; names fill them as objects do.
        listings += Math.max(0, Math.ceil(names.length / (store.facts.listPage ?? Number.POSITIVE_INFINITY)) - 1)
        return names
      },
    }),
  }
  return { store: { ...store, ...counted }, listings: () => listings }
}

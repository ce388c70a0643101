import type { Store } from '../../store/store.ts'

/** What a GET or a HEAD costs, in listings. https://aws.amazon.com/s3/pricing/ */
const READ = 0.08

export interface Metered {
  readonly store: Store
  /** What reading has cost so far, in listings: one for each of their pages. */
  spent(): number
}

/** Counts what the reads of a store cost. */
export function metered(store: Store): Metered {
  let spent = 0
  const counted = {
    get: (...given: Parameters<Store['get']>) => {
      spent += READ
      return store.get(...given)
    },
    head: (...given: Parameters<Store['head']>) => {
      spent += READ
      return store.head(...given)
    },
    async *list(...given: Parameters<Store['list']>) {
      spent += 1
      let pages = 0
      for await (const page of store.list(...given)) {
        // The first one is paid for, also where it is empty.
        if (pages > 0) spent += 1
        pages += 1
        yield page
      }
    },
    ...(store.folders && {
      folders: async (...given: Parameters<NonNullable<Store['folders']>>) => {
        spent += 1
        return store.folders?.(...given) ?? []
      },
    }),
  }
  return { store: { ...store, ...counted }, spent: () => spent }
}

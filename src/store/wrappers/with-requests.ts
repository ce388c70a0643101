import type { ListedObject, ListOptions, Store } from '../store.ts'

/** Calls by method; `list` counts its pages. */
export type RequestCounts = Record<'get' | 'put' | 'copy' | 'reheader' | 'head' | 'list' | 'remove' | 'sweep', number>

export interface CountedStore {
  readonly store: Store
  /** Kept up to date while the store is used. */
  readonly counts: Readonly<RequestCounts>
}

/** Counts what is asked of a store. Below `withRetry` it counts attempts, above it calls. */
export function withRequests(store: Store): CountedStore {
  const counts: RequestCounts = { get: 0, put: 0, copy: 0, reheader: 0, head: 0, list: 0, remove: 0, sweep: 0 }

  async function* list(prefix: string, options?: ListOptions): AsyncGenerator<readonly ListedObject[]> {
    for await (const page of store.list(prefix, options)) {
      counts.list += 1
      yield page
    }
  }
  const counting =
    <Arguments extends unknown[], Result>(method: keyof RequestCounts, call: (...given: Arguments) => Result) =>
    (...given: Arguments): Result => {
      counts[method] += 1
      return call(...given)
    }

  return {
    counts,
    store: {
      ...store,
      list,
      get: counting('get', store.get),
      put: counting('put', store.put),
      copy: counting('copy', store.copy),
      reheader: counting('reheader', store.reheader),
      head: counting('head', store.head),
      remove: counting('remove', store.remove),
      sweep: counting('sweep', store.sweep),
    },
  }
}

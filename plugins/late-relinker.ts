import type { Addresses } from './placement.ts'
import type { Names, Relinker } from './relink.ts'
import { isSettledPage } from './settled-page.ts'
import { type StoreView, storeView } from './settled-sheet.ts'

/** A build's documents, most of which name everything as they should when the bundler has written them. */
export interface LateRelinker {
  readonly store: StoreView
  /** What reads documents: with all its parsers, so not before there is something to read. */
  relinker(): Promise<Relinker>
  /** As `Relinker.page`. */
  page(path: string, html: string): Promise<string>
}

export function lateRelinker(addresses: Addresses, names: Names): LateRelinker {
  const store = storeView(addresses, names)
  let made: Promise<Relinker> | undefined
  const load = async (): Promise<Relinker> => (await import('./relink.ts')).createRelinker(addresses, names)
  const relinker = (): Promise<Relinker> => {
    made ??= load()
    return made
  }
  return {
    store,
    relinker,
    async page(path, html) {
      return isSettledPage(html, store, addresses) ? html : await (await relinker()).page(path, html)
    },
  }
}

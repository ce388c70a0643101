import type { Addresses } from './placement.ts'
import type { Names, Relinker } from './relink.ts'
import { isSettledPage } from './settled-page.ts'
import { type StoreView, storeView } from './settled-sheet.ts'

/** Relinks a build's documents. Most are already right as the bundler wrote them, so parsers are loaded on demand. */
export interface LateRelinker {
  readonly store: StoreView
  /** Loads the parsers on first use. */
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

import type { Store } from '../../store/store.ts'
import { contactSheet, type SheetFailure, type SheetImage } from '../plan/contact-sheet.ts'
import type { BatchManifest } from '../plan/manifest.ts'

/** Images on a contact sheet: a page with more is slow to open. */
const MOST_SHOWN = 2000

/** Bytes of thumbnails that are inlined as data URLs; beyond that the sheet links to variants in the store. */
const INLINE_BYTES = 8_000_000

/** One image that was made, before its thumbnail is chosen. */
export interface Shown extends Omit<SheetImage, 'thumbnail'> {
  /** Its smallest variant. */
  readonly smallest: { readonly key: string; readonly type: string; readonly bytes: number } | undefined
}

export interface SheetMaker {
  show(image: Shown): Promise<void>
  fail(failure: SheetFailure): void
  /** @param closedAt ISO 8601 */
  page(manifest: BatchManifest, closedAt: string): string
}

/** Collects a contact sheet's content, inlining the smallest variants as long as they fit. */
export function createSheetMaker(store: Store): SheetMaker {
  const images: SheetImage[] = []
  const failures: SheetFailure[] = []
  let [unshown, inlined] = [0, 0]

  const thumbnailOf = async (smallest: Shown['smallest']): Promise<string | undefined> => {
    if (!smallest) return undefined
    // From b/<batch>/index.html to the root of the store.
    if (inlined + smallest.bytes > INLINE_BYTES) return `../../${smallest.key}`
    const found = await store.get(smallest.key)
    if (!found) return undefined
    inlined += found.size
    return `data:${smallest.type};base64,${Buffer.from(found.bytes).toString('base64')}`
  }

  return {
    async show({ smallest, ...image }) {
      if (images.length < MOST_SHOWN) images.push({ ...image, thumbnail: await thumbnailOf(smallest) })
      else unshown += 1
    },
    fail(failure) {
      failures.push(failure)
    },
    page: ({ batch, recipe }, closedAt) => contactSheet({ title: batch, recipe, closedAt, images, unshown, failures }),
  }
}

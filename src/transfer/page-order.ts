import type { SitePath } from '../model.ts'

/** How many waves pages come in. */
export const PAGE_WAVES = 3

/**
 * Pages name each other too. New ones come first, since nothing that is live leads to them; then those that are
 * replaced, which may; the front door last of all.
 */
export function pageRank(path: SitePath, isNew: boolean): 0 | 1 | 2 {
  if (/^index\.x?html?$/i.test(path)) return 2
  return isNew ? 0 : 1
}

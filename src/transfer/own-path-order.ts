import { isServiceWorker } from '../rewrite/keep.ts'
import type { SitePath } from '../words/model.ts'

/** A file at its own path that is about to be written. */
export interface OwnPath {
  readonly path: SitePath
  /** Nothing lies there yet. */
  readonly isNew: boolean
  readonly isPage: boolean
}

const NEW = 0
const NEW_PAGES = 1
const FILES = 2
const PAGES = 3
const FRONT_DOOR = 4
const WORKERS = 5

/** Number of waves in which files at their own paths are written. */
export const OWN_PATH_WAVES: number = WORKERS + 1

/**
 * The wave in which a file is written, after the files it names: new files, which nothing live refers to, before
 * replaced ones, which may refer to them, as a sitemap does to a page. Those that are replaced go together, style sheets
 * with their images: whichever came first, a visitor could meet it beside the old one of the other, and the fewer steps,
 * the sooner that is over. Pages, which also refer to each other, after those, index pages last. Behind them the service
 * workers that are replaced: a visitor's browser takes a new one at once, and would keep an old page as if it were what
 * the worker lists.
 */
export function ownPathRank({ path, isNew, isPage }: OwnPath): number {
  if (isPage) return /^index\.x?html?$/i.test(path) ? FRONT_DOOR : isNew ? NEW_PAGES : PAGES
  if (isNew) return NEW
  return isServiceWorker(path) ? WORKERS : FILES
}

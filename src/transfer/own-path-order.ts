import { isServiceWorker } from '../rewrite/keep.ts'
import type { SitePath } from '../words/model.ts'

/** A file at its own path that is about to be written. */
export interface OwnPath {
  readonly path: SitePath
  /** Nothing lies there yet. */
  readonly isNew: boolean
  readonly isPage: boolean
  readonly isManifest: boolean
}

const NEW = 0
const NEW_PAGES = 1
const FILES = 2
const CODE = 3
const MANIFESTS = 4
const PAGES = 5
const FRONT_DOOR = 6
const WORKERS = 7

/** Number of waves in which files at their own paths are written. */
export const OWN_PATH_WAVES: number = WORKERS + 1

const IS_CODE = /\.(?:css|[cm]?js)$/i

/**
 * The wave in which a file is written, after the files it names: new files, which nothing live refers to, before
 * replaced ones, which may refer to them, as a sitemap does to a page; then by what a file's name tells; pages, which
 * also refer to each other, after those, index pages last. Behind them the service workers that are replaced: a visitor's
 * browser takes a new one at once, and would keep an old page as if it were what the worker lists.
 */
export function ownPathRank({ path, isNew, isPage, isManifest }: OwnPath): number {
  if (isPage) return /^index\.x?html?$/i.test(path) ? FRONT_DOOR : isNew ? NEW_PAGES : PAGES
  if (isNew) return NEW
  if (isServiceWorker(path)) return WORKERS
  return isManifest ? MANIFESTS : IS_CODE.test(path) ? CODE : FILES
}

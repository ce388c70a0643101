import { isPage, isRootBound, isWebManifest, isWellKnownIcon } from '../rewrite/keep.ts'
import type { FileClass, SitePath } from '../words/model.ts'
import type { BuildRecord } from './build-record.ts'
import type { Matcher } from './patterns.ts'

/** Extensions that move: what pages show, by kind. */
const ASSET =
  /\.(?:png|jpe?g|jfif|gif|webp|avif|jxl|svgz?|ico|cur|bmp|tiff?|apng|woff2?|ttf|otf|eot|mp4|m4v|webm|ogv|ogg|oga|mp3|m4a|aac|wav|flac|opus|vtt)$/i
const STYLE = /\.css$/i
const SCRIPT = /\.(?:js|mjs|cjs)$/i

/** Bundled or not: what is parsed as a style sheet. */
export const isStyle = (path: SitePath): boolean => STYLE.test(path)
/** Bundled or not: what is looked into as a script. */
export const isScript = (path: SitePath): boolean => SCRIPT.test(path)

export interface ClassifyOptions {
  /** The user's `keep` globs. */
  readonly keep: Matcher
  readonly build: BuildRecord | undefined
}

/** What a file is to the deploy; see {@link FileClass}. The first line that fits decides. */
export function classify(path: SitePath, { keep, build }: ClassifyOptions): FileClass {
  if (isPage(path)) return 'page'
  if (isWebManifest(path)) return 'manifest'
  if (keep(path) || build?.origin.has(path)) return 'root'
  if (build?.files.get(path)?.immutable) return 'bundle'
  if (isRootBound(path)) return 'root'
  if (isWellKnownIcon(path)) return 'well-known'
  if (isStyle(path)) return 'style'
  if (isScript(path)) return 'script'
  return ASSET.test(path) ? 'asset' : 'other'
}

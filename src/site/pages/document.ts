import { htmlReferences } from '../../rewrite/html/html.ts'
import { webManifestReferences } from '../../rewrite/json/webmanifest.ts'
import { isBrowserConfig, isFeed } from '../../rewrite/keep.ts'
import type { DocumentReferences } from '../../rewrite/reference.ts'
import { browserConfigReferences, feedReferences } from '../../rewrite/xml/xml.ts'
import type { SitePath } from '../../words/model.ts'
import type { LayoutWork } from '../layout-work.ts'

/** Finds what a document names. */
export type ReadDocument = (text: string) => DocumentReferences

/** How a document is read that stays at its own path and may name what moves; undefined for every other file. */
export function documentReader({ input, classes }: LayoutWork, path: SitePath): ReadDocument | undefined {
  const { feeds, lazyAttributes } = input
  const fileClass = classes.get(path)
  if (fileClass === 'page') return (text) => htmlReferences(text, { lazyAttributes })
  if (fileClass === 'manifest') return webManifestReferences
  if (fileClass !== 'root') return undefined
  if (isBrowserConfig(path)) return browserConfigReferences
  return feeds && isFeed(path) ? (text) => feedReferences(text, { lazyAttributes }) : undefined
}

import type { Warning } from '../../words/events.ts'
import { factsOf, type LayoutWork } from '../layout-work.ts'
import type { PageResult } from './page-result.ts'

/** Warnings about images that changed after their variants were rendered, or their pictures written. */
export function pictureWarnings(work: LayoutWork, results: readonly PageResult[]): Warning[] {
  const { pictures, files } = work.input
  if (pictures === undefined) return []
  const isChanged = (path: string): boolean =>
    pictures.paths.has(path) && !pictures.receipts.has(factsOf(work, path).sha256)
  const warnings: Warning[] = [
    {
      code: 'W_IMAGE_CHANGED',
      message: 'images have changed since their variants were rendered; pages show the images alone',
      items: files.map(({ path }) => path).filter(isChanged),
      fix: 'run lading images again, then this',
    },
    {
      code: 'W_PICTURE_OLD',
      message: 'pictures, written by an earlier run, show what their images were then',
      items: results.flatMap(({ oldPictures }) => oldPictures),
      fix: 'build these pages again from their source, then run this',
    },
  ]
  return warnings.filter(({ items }) => items.length > 0)
}

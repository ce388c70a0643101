import type { HeaderSet } from '../words/model.ts'
import type { ImageFormat } from './plan/recipe.ts'

/** What a variant is put with: it never changes under its name. */
export const variantHeaders = (format: ImageFormat): HeaderSet => ({
  'content-type': `image/${format}`,
  'cache-control': 'public, max-age=31536000, immutable',
})

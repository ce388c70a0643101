import { type Draft, withLines } from '../lines.ts'
import type { DocumentReferences } from '../reference.ts'
import { trimSpace } from '../white-space.ts'
import { encodeJsonString, type JsonStep, jsonStrings } from './json.ts'

/**
 * Where a web app manifest names images. They may be on any host; `start_url`, `scope`, `id` and every action must be
 * on the page's own and are never read. https://www.w3.org/TR/appmanifest/
 */
const IMAGES: ReadonlySet<string> = new Set([
  'icons[].src',
  'screenshots[].src',
  'shortcuts[].icons[].src',
  'file_handlers[].icons[].src',
])

/** The images a web app manifest names. A text that is not JSON names none. */
export function webManifestReferences(text: string): DocumentReferences {
  const drafts = jsonStrings(text)
    .filter(({ path, value }) => trimSpace(value) !== '' && IMAGES.has(written(path, () => '[]')))
    .map(
      ({ path, value, start, end }): Draft => ({
        start,
        end,
        url: trimSpace(value),
        use: 'manifest-icon',
        loadClass: 'A',
        absolute: false,
        integrity: false,
        place: written(path, (index) => `[${index}]`),
        encode: encodeJsonString,
      }),
    )
  return { references: withLines(text, drafts), base: undefined }
}

/** `icons[0].src` */
function written(path: readonly JsonStep[], index: (step: number) => string): string {
  return path
    .map((step) => (typeof step === 'number' ? index(step) : `.${step}`))
    .join('')
    .slice(1)
}

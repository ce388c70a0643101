import { resolve } from 'node:path'
import { LadingError } from '../words/errors.ts'
import type { Asked } from './asked.ts'
import type { PicturesConfig, SyncOptions } from './interface.ts'
import { optionName } from './sources.ts'

/**
 * @throws E_USAGE without a public address, which pictures are named by, or without a file
 * @throws E_CONFIG for `sizes` that cannot be written into a page of any encoding
 */
export function resolvePictures({ config, context }: Asked): SyncOptions['pictures'] {
  const { pictures, url } = config
  if (pictures === undefined) return undefined
  const asked: PicturesConfig = typeof pictures === 'string' ? { manifest: pictures } : pictures
  const name = optionName('pictures', context.sources)
  if (asked.manifest.trim() === '') {
    throw new LadingError('E_USAGE', `${name} names no file`, { hint: 'Name it: --pictures images.json.' })
  }
  if (url === undefined) {
    throw new LadingError('E_USAGE', `${name} needs the public address of the store`, {
      why: 'Pages name what was rendered of their images by it.',
      hint: 'Add --url https://cdn.example.com/, or a path of the site such as --url /_a/.',
    })
  }
  const { sizes, placeholder = 'colour', dimensions = true } = asked
  if (sizes !== undefined && !/^[\x20-\x7e]+$/.test(sizes)) {
    throw new LadingError('E_CONFIG', `sizes of ${name} cannot be written into a page`, {
      subject: sizes,
      hint: 'Write it as HTML has it: "(max-width: 60rem) 100vw, 60rem".',
    })
  }
  return { manifest: resolve(context.cwd, asked.manifest), sizes, placeholder, dimensions }
}

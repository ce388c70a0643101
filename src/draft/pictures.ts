import { readFileSync } from 'node:fs'
import { visitedPaths } from '../cdn/aliases.ts'
import type { ResolvedPictures, SyncOptions } from '../config/interface.ts'
import { isVariantKey } from '../images/plan/keys.ts'
import { type ImageManifest, parseImageManifest } from '../images/plan/manifest.ts'
import { readHostFiles } from '../policy/host-headers.ts'
import type { PictureRules } from '../site/pages/pictures.ts'
import type { Survey } from '../site/survey.ts'
import { LadingError } from '../words/errors.ts'
import type { Digest, SitePath } from '../words/model.ts'
import { hostFiles } from './host-files.ts'

/**
 * What the image manifest says, for the pages of a site. A file of this machine, so that one commit gives one output
 * whatever has been rendered since.
 *
 * @throws E_MANIFEST when it cannot be read, or names what is no variant
 */
export function readPictures(
  options: Pick<SyncOptions, 'pictures' | 'base'>,
  survey: Survey,
): PictureRules | undefined {
  const { pictures, base } = options
  if (pictures === undefined) return undefined
  const { images } = readManifest(pictures)
  const { hosts } = readHostFiles(hostFiles(survey))
  const { sizes, placeholder, dimensions } = pictures
  return {
    ...{ sizes, placeholder, dimensions },
    receipts: new Map([...images.values()].map((receipt) => [receipt.src.sha256, receipt])),
    paths: new Map<SitePath, Digest>([...images].map(([path, { src }]) => [path.normalize('NFC'), src.sha256])),
    policiesFor: (page) => {
      const addresses = visitedPaths(page, base)
      return hosts.flatMap(({ policiesFor }) => [...new Set(addresses.flatMap(policiesFor))])
    },
  }
}

/** Settings that affect pictures, besides receipts and pages. */
export function pictureSettings({ pictures }: Pick<SyncOptions, 'pictures'>, survey: Survey): unknown {
  if (pictures === undefined) return undefined
  const { sizes, placeholder, dimensions } = pictures
  return [sizes, placeholder, dimensions, hostFiles(survey)]
}

function readManifest({ manifest }: ResolvedPictures): ImageManifest {
  const read = parseImageManifest(bytesOf(manifest), manifest)
  for (const { src, variants } of read.images.values()) {
    const foreign = variants.find(({ key }) => !isVariantKey(key, src.sha256))
    if (foreign === undefined) continue
    throw new LadingError('E_MANIFEST', 'the image manifest names what is no variant of its image', {
      subject: `${manifest}: ${foreign.key}`,
      why: 'Variants lie below v/ of the store, in a folder named by their image.',
      hint: 'Take the manifest as lading images or a batch has written it.',
    })
  }
  return read
}

function bytesOf(manifest: string): Uint8Array {
  try {
    return readFileSync(manifest)
  } catch (cause) {
    throw new LadingError('E_MANIFEST', 'the image manifest cannot be read', {
      subject: manifest,
      cause,
      hint: 'lading images FOLDER --to STORE --manifest FILE writes it.',
    })
  }
}

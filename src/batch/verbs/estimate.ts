import { open } from 'node:fs/promises'
import type { FolderImage } from '../../images/find.ts'
import type { SourceSize } from '../../images/plan/core-seconds.ts'
import type { EstimateRequest } from '../../verbs/batches.ts'
import { type Estimate, estimate } from '../plan/estimate.ts'
import { imageHeader } from '../plan/image-header.ts'
import { findCandidates } from '../receipts/originals.ts'
import { recipeNamed } from './recipe.ts'

/** Enough bytes to reach the header of nearly every image, past any metadata before it. */
const HEAD_BYTES = 256 * 1024

/** What the images of a folder would cost, and how long they would take. Makes no requests. */
export async function estimateFolder(
  root: string,
  { recipe, recipes }: EstimateRequest,
  signal?: AbortSignal,
): Promise<Estimate> {
  const { encodings } = recipeNamed(recipe, recipes)
  return estimate(await sizesIn(root, 'lading batch estimate', signal), encodings)
}

/** The images of a folder, by their headers. @param command that reads them, for messages */
export async function sizesIn(root: string, command: string, signal?: AbortSignal): Promise<SourceSize[]> {
  const sizes: SourceSize[] = []
  for (const image of findCandidates(root, command, signal).images) {
    signal?.throwIfAborted()
    sizes.push({ bytes: image.size, ...(await headerOf(image)) })
  }
  return sizes
}

async function headerOf({ disk, size }: FolderImage): Promise<Partial<SourceSize> | undefined> {
  const handle = await open(disk).catch(() => undefined)
  // submit will name what cannot be read
  if (handle === undefined) return undefined
  try {
    const { buffer } = await handle.read({ buffer: Buffer.alloc(Math.min(size, HEAD_BYTES)), position: 0 })
    const header = imageHeader(buffer)
    return header && { width: header.width, height: header.height }
  } finally {
    await handle.close()
  }
}

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FailureReceipt, Receipt } from '../../images/plan/receipt.ts'
import type { Recipe } from '../../images/plan/recipe.ts'
import { createRenderPool } from '../../images/pool.ts'
import { renderSource } from '../../images/render-source.ts'
import { parseJson } from '../../plan/state-file.ts'
import { openStore } from '../../providers.ts'
import type { Store } from '../../store/store.ts'
import { makeFolders } from '../../transfer/make-folders.ts'
import { refuseWrite } from '../../transfer/write-failed.ts'
import { LadingError, printable } from '../../words/errors.ts'
import { ITEM_ID, recipeKey, shardOfItem } from '../plan/keys.ts'
import { type BatchItem, type BatchManifest, shardsOf } from '../plan/manifest.ts'
import { readShardItems } from './submit.ts'
import { knownManifest } from './watch.ts'

export interface ReproRequest {
  readonly batch: string
  /** `0007-0421`, or the image's path. */
  readonly item: string
  /** A folder for everything that is written. */
  readonly folder: string
  readonly signal?: AbortSignal | undefined
}

export interface Repro {
  readonly item: string
  readonly path: string
  /** The original, as a file. */
  readonly original: string
  /** The result on this machine. */
  readonly receipt: Receipt | FailureReceipt
}

/**
 * Fetches one item's original and recipe and renders it on this machine, in the same child process with the same limits
 * as on a worker, into a separate store: a failure can be debugged without the fleet.
 *
 * @throws E_WRITE, E_BATCH when there is no such batch or item, or its original is gone
 */
export async function repro(store: Store, { batch, item, folder, signal }: ReproRequest): Promise<Repro> {
  const manifest = await knownManifest(store, batch, signal)
  const found = await findItem(store, manifest, { item, signal })
  const [original, recipe] = await Promise.all([
    store.get(found.src.key, { signal }),
    store.get(recipeKey(manifest.recipe), { signal }),
  ])
  if (!(original && recipe)) throw missing(batch, item, original ? 'its recipe is gone' : 'its original is gone')
  const file = join(folder, found.src.key.replaceAll('/', '-'))
  try {
    makeFolders(folder)
    await writeFile(file, original.bytes)
    await writeFile(join(folder, 'recipe.json'), recipe.bytes)
  } catch (error) {
    refuseWrite(error, { what: 'what is needed to make it again', subject: folder, flag: '--out' })
  }
  const path = join(folder, 'store')
  const pool = createRenderPool({ size: 1, signal })
  try {
    const source = { key: found.src.key, path: found.path, sha256: found.src.sha256, bytes: original.bytes }
    const { receipt } = await renderSource(source, {
      store: await openStore({ kind: 'folder', path, label: path }, {}),
      pool,
      // Written by submit, under the digest of its content.
      recipe: parseJson(recipe.bytes) as Recipe,
      retriesCrash: false,
      signal,
    })
    await writeFile(join(folder, 'receipt.json'), `${JSON.stringify(receipt, undefined, 2)}\n`)
    return { item: found.item, path: found.path, original: file, receipt }
  } finally {
    await pool.close()
  }
}

async function findItem(
  store: Store,
  manifest: BatchManifest,
  { item, signal }: Pick<ReproRequest, 'item' | 'signal'>,
): Promise<BatchItem> {
  const { batch } = manifest
  const all = shardsOf(manifest)
  const shards = ITEM_ID.test(item) ? all.filter((shard) => shard === shardOfItem(item)) : all
  for (const shard of shards) {
    const items = await readShardItems(store, { batch, shard }, signal)
    const found = items.find((one) => one.item === item || one.path === item)
    if (found) return found
  }
  throw missing(batch, item, 'the batch has no such item and no image of that path')
}

const missing = (batch: string, item: string, why: string): LadingError =>
  new LadingError('E_BATCH', `item "${printable(item)}" cannot be made again`, { subject: batch, why })

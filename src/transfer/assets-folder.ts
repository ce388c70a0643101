import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ASSET_LIST, decodeAssetList, type ListedAsset } from '../plan/asset-list.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { LadingError } from '../words/errors.ts'
import type { Body, Digest, Key } from '../words/model.ts'
import { type OriginPlan, planOut } from './origin.ts'
import { statOf } from './out-folder.ts'
import { readMarker } from './out-marker.ts'

/** A folder that receives what is to be uploaded, as earlier runs left it. */
export interface AssetsFolder {
  readonly dir: string
  /** What an earlier run put there under a key; `undefined` when there is nothing of ours. */
  taken(key: Key): Digest | undefined
  /** The addresses that pages were rewritten with, the newest first. */
  readonly urls: readonly string[]
  /** What the run before has listed. */
  readonly listed: readonly ListedAsset[]
}

/**
 * Writes nothing.
 * @throws E_OUT when the folder holds what is not ours, or is the origin that `--out` has written
 */
export function readAssetsFolder(dir: string): AssetsFolder {
  const rows = new Map(readMarker(dir).map((row) => [row[0], row]))
  const other = [...rows.keys()].find((path) => !path.startsWith(ASSET_FOLDER) && path !== ASSET_LIST)
  if (other !== undefined)
    throw anotherKind(dir, `It holds ${other}, which an earlier run wrote there as a page's folder.`)
  const { urls, assets } = decodeAssetList(rows.has(ASSET_LIST) ? textOf(join(dir, ASSET_LIST)) : '')
  return {
    dir,
    urls,
    listed: assets,
    taken(key) {
      const row = rows.get(key)
      const stat = row === undefined || row[1] === '' ? undefined : statOf(join(dir, key))
      return stat?.isFile() && Number(stat.size) === row?.[2] ? row[1] : undefined
    },
  }
}

export interface AssetPlans {
  /** What is written before any page. Nothing is removed yet: open tabs still use what earlier pages named. */
  readonly add: OriginPlan
  /** What no page names any more; for after the pages. */
  readonly clean: OriginPlan
}

/** Files that may name others; which ones cannot be known once the file is gone. */
const NAMES_OTHERS = /\.(?:css|[cm]?js|svg)$/i

/**
 * Tells which copies of earlier runs are in use.
 * @param lingering what pages name although its file is gone; when one of these names others, any may be in use
 */
export function inUse(lingering: ReadonlySet<Key>): (key: Key) => boolean {
  const isAny = [...lingering].some((key) => NAMES_OTHERS.test(key))
  return (key) => isAny || lingering.has(key)
}

/** @throws E_OUT for a link, or somebody else's file, where a folder or file of ours belongs */
export function planAssets(dir: string, { assets, list, isInUse }: AssetsContent): AssetPlans {
  const files = assets.map(({ key, body }) => ({ path: key, body, isPage: false }))
  // last, as a page would be: it names all others
  const plan = planOut(dir, [...files, { path: ASSET_LIST, body: list, isPage: true }])
  const gone = plan.remove.filter(({ path }) => !isInUse(path)).sort((a, b) => (a.path < b.path ? -1 : 1))
  return { add: { ...plan, remove: [] }, clean: { dir, write: [], unchanged: [], remove: gone } }
}

interface AssetsContent {
  readonly assets: readonly { readonly key: Key; readonly body: Body }[]
  readonly list: Body
  /** See {@link inUse}. */
  readonly isInUse: (key: Key) => boolean
}

/** @throws E_OUT when the origin would be written over a folder of assets, which would lose them */
export function refuseAssetsAsOrigin({ dir, remove }: OriginPlan): void {
  if (remove.some(({ path }) => path === ASSET_LIST))
    throw anotherKind(dir, 'It is a folder of assets of an earlier run.')
}

function anotherKind(dir: string, why: string): LadingError {
  return new LadingError('E_OUT', 'The folder is in use for something else', {
    subject: dir,
    why,
    hint: 'Give pages and assets a folder each: --out origin --assets cdn',
  })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

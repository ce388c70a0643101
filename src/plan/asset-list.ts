import type { Digest, HeaderSet, Key, SitePath } from '../words/model.ts'

/** Where the list lies in the folder of assets. */
export const ASSET_LIST = 'lading-assets.json'

const VERSION = 1

/** One file to upload, for whatever uploads it. */
export interface ListedAsset {
  /** Of the site's file that it was made from. */
  readonly path: SitePath
  /** Where it lies below the folder of assets, and is to lie below the store's prefix. */
  readonly key: Key
  /** The address that pages name. */
  readonly url: string
  /** Of the bytes to upload, in hexadecimal. */
  readonly sha256: Digest
  /** Digest of the decoded bytes, in the form of an `integrity` attribute; absent where it is not known. */
  readonly integrity: string | undefined
  /** In bytes. */
  readonly size: number
  /** All headers to upload it with, by lower-case name. */
  readonly headers: HeaderSet
}

export interface AssetList {
  /** What pages were rewritten with. */
  readonly url: string
  /** Addresses of earlier runs, which pages rewritten in place may still name. */
  readonly earlier: readonly string[]
  readonly assets: readonly ListedAsset[]
}

/** One asset per line, sorted by key, without a date, so that unchanged assets give the same file. */
export function encodeAssetList({ url, earlier, assets }: AssetList): Uint8Array {
  const head = JSON.stringify({ v: VERSION, url, earlier }).slice(0, -1)
  const sorted = [...assets].sort((a, b) => (a.key < b.key ? -1 : 1))
  const lines = sorted.map((asset) => JSON.stringify(asset))
  return Buffer.from(`${head},"assets":[\n${lines.join(',\n')}\n]}\n`)
}

/** A list as an earlier run has left it; an empty one when it cannot be read, for it can be made again. */
export function decodeAssetList(text: string): Pick<AssetList, 'assets'> & { readonly urls: readonly string[] } {
  try {
    const data: unknown = JSON.parse(text)
    if (isList(data)) return { urls: [data.url, ...data.earlier], assets: data.assets }
  } catch {
    // the empty result says so
  }
  return { urls: [], assets: [] }
}

/** Written by this program only, so the version vouches for the shape. */
function isList(data: unknown): data is AssetList {
  return (
    typeof data === 'object' &&
    data !== null &&
    'v' in data &&
    data.v === VERSION &&
    'url' in data &&
    typeof data.url === 'string' &&
    'earlier' in data &&
    Array.isArray(data.earlier) &&
    'assets' in data &&
    Array.isArray(data.assets)
  )
}

/** `sha256-…`, of hexadecimal digits. https://www.w3.org/TR/SRI/#the-integrity-attribute */
export function integrityText(sha256: Digest): string {
  return `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`
}

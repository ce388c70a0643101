import { createHash } from 'node:crypto'
import type { Digest, ETag, HeaderSet, Key, SitePath } from '../words/model.ts'

/** Where keys that never change their bytes live, below the prefix. */
export const ASSET_FOLDER = 'a/'

/** RFC 4648 base32, lower case: safe in URLs, in CSS and on disks that fold case. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** Characters of the hash in a name: 80 bits. */
const HASH_LENGTH = 16
/** The length used when 80 bits of the hashes of two contents collide. */
const LONG_HASH_LENGTH = 32

/** The bytes as base32 without padding. */
export function base32(bytes: Uint8Array): string {
  let bits = 0
  let held = 0
  let text = ''
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32[(held >> bits) & 31]
    }
  }
  return bits > 0 ? text + BASE32[(held << (5 - bits)) & 31] : text
}

/** What an object is stored as: any difference here is a different key. */
export interface Representation {
  readonly sha256: Digest
  readonly headers: HeaderSet
}

/**
 * `img/logo.png` -> `a/img/logo.mzxw6ytboi4dqmrq.png`. The hash covers the stored representation: bytes, content type
 * and content encoding. `taken` tells what a key already holds, so that a hash collision never overwrites.
 */
export function assetKey(
  path: SitePath,
  representation: Representation,
  taken: (key: Key) => Digest | undefined = () => undefined,
): Key {
  const name = nameHash(representation)
  const key = withHash(path, name.slice(0, HASH_LENGTH))
  const holder = taken(key)
  return holder === undefined || holder === representation.sha256
    ? key
    : withHash(path, name.slice(0, LONG_HASH_LENGTH))
}

function nameHash({ sha256, headers }: Representation): string {
  const digest = createHash('sha256')
  digest.update(`${sha256}\n${headers['content-type'] ?? ''}\n${headers['content-encoding'] ?? ''}`)
  return base32(digest.digest())
}

function withHash(path: SitePath, hash: string): Key {
  const slash = path.lastIndexOf('/') + 1
  const dot = path.lastIndexOf('.')
  const end = dot > slash ? dot : path.length
  return `${ASSET_FOLDER}${path.slice(0, end)}.${hash}${path.slice(end)}`
}

/** The key of a file that its bundler named by content: its own name, below the assets' folder. */
export function bundleKey(path: SitePath): Key {
  return ASSET_FOLDER + path
}

const HASHED = new RegExp(`^(.+)\\.(?:[a-z2-7]{${LONG_HASH_LENGTH}}|[a-z2-7]{${HASH_LENGTH}})(\\.[^./]+)?$`)

/** Below `a/`: folders of files that refer to each other by relative path, each named by the hash of all. */
const TREES = '_t/'

/** The key of a file in such a folder: `js/app.mjs` -> `a/_t/mzxw6ytboi4dqmrq/js/app.mjs`. */
export function treeKey(tree: Digest, path: SitePath): Key {
  return `${ASSET_FOLDER}${TREES}${base32(Buffer.from(tree, 'hex')).slice(0, HASH_LENGTH)}/${path}`
}

const IN_TREE = new RegExp(`^${TREES}[a-z2-7]{${HASH_LENGTH}}/(.+)$`)

/** Whether a key lies in such a folder. */
export function isInTree(key: Key): boolean {
  return IN_TREE.test(bundlePath(key) ?? '')
}

/** The folder `a/_t/<hash>/` that a key lies in; undefined for keys outside of one. */
export function treeOf(key: Key): Key | undefined {
  return isInTree(key) ? key.split('/', 3).join('/') : undefined
}

/** The file that a key with our hash in its name, or in its folder's, was made from; undefined for every other key. */
export function unhashedPath(key: Key): SitePath | undefined {
  const path = bundlePath(key)
  const inTree = path === undefined ? null : IN_TREE.exec(path)
  if (inTree !== null) return inTree[1]
  const match = path === undefined ? null : HASHED.exec(path)
  return match === null ? undefined : `${match[1]}${match[2] ?? ''}`
}

/** The file whose own name a key of the assets' folder is, when it is a bundle's. */
export function bundlePath(key: Key): SitePath | undefined {
  return key.startsWith(ASSET_FOLDER) ? key.slice(ASSET_FOLDER.length) : undefined
}

/**
 * Whether a row of the manifest lies at a file's own path, and not under a hashed name. A mirrored site may have a folder
 * `a/` of its own; only the rows of its files have an ETag.
 */
export const isAtOwnPath = ({ key, etag }: { readonly key: Key; readonly etag: ETag | undefined }): boolean =>
  etag !== undefined || !key.startsWith(ASSET_FOLDER)

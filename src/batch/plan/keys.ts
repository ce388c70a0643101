import {
  checked,
  digest,
  EXTENSION,
  isRendered,
  RENDERED,
  SHA256,
  VARIANT_DIGITS,
  VARIANTS_FOLDER,
} from '../../images/plan/keys.ts'
import type { Digest, Key } from '../../words/model.ts'

/**
 * Where everything of the batch mode lies in the store. Keys read from messages are checked against these patterns, so
 * keys are built and validated here, and never by hand.
 *
 *   o/<s2>/<sha256>.<ext>                  originals, immutable, private
 *   r/<recipe>.json                        canonical recipes, immutable
 *   v/<s2>/<sha256[:24]>/<op>-<w>.<fmt>    variants; named by their source, so known before they are made
 *   b/<batch>/manifest.json                what the batch is
 *   b/<batch>/m/<shard>.ndjson             its items, up to 1000 in a shard
 *   b/<batch>/d/<shard>/<item>.json        receipt: done
 *   b/<batch>/f/<shard>/<item>.json        receipt: failed for good, or cancelled
 *   b/<batch>/crash/<item>/<n>             the n-th crash of a child on it
 *   b/<batch>/s/<shard>.json               the shard is closed
 *   b/<batch>/result.json                  the batch is closed
 *   b/<batch>/sent.json                    its submit is complete: every message is sent
 *   b/<batch>/told.json                    its outbox message is sent
 *   b/<batch>/images.json, index.html      the image manifest, and the sheet to look at
 *   b/<batch>/cancel.json                  it is cancelled
 *   control/leader.json, control/account.json, control/fleet/<instance>.json
 *   bundles/<sha256>.tar.gz                the worker's code
 */

/** Items of one shard: one page of a listing, so that one request counts them. */
export const SHARD_ITEMS = 1000

/** A ULID, or whatever else is a plain word: it is part of keys and of queues' names. */
export const BATCH_ID: RegExp = /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/
/** `0007`. */
export const SHARD_ID: RegExp = /^\d{4}$/
/** `0007-0421`: its shard and its place there. */
export const ITEM_ID: RegExp = /^\d{4}-0\d{3}$/
/** `i-0123456789abcdef0`, `local-1`. */
export const INSTANCE_ID: RegExp = /^[0-9A-Za-z][0-9A-Za-z-]{0,63}$/
/** `r1-9f2c41d07b6a`: epoch and digest. */
export const RECIPE_ID: RegExp = /^r\d{1,4}-[0-9a-f]{12}$/

/** The n-th shard, from 0. */
export const shardId = (shard: number): string => checked('shard', String(shard).padStart(4, '0'), SHARD_ID)

/** The item at a place of a shard, both from 0. */
export const itemId = (shard: number, place: number): string =>
  checked('item', `${shardId(shard)}-${String(place).padStart(4, '0')}`, ITEM_ID)

export const shardOfItem = (item: string): string => checked('item', item, ITEM_ID).slice(0, 4)

/** The folder of an original, which others share; ends with `/`. */
const originalsFolder = (sha256: Digest): string => `o/${digest(sha256).slice(0, 2)}/`

/** The source of a variant, its receipt or an original: as many digits of its digest as the key has. */
export function sourceDigitsOf(key: Key): string | undefined {
  return isRendered(key) ? key.split('/')[2] : ORIGINAL.exec(key)?.[2]
}

/**
 * Where everything of a source lies: the folders, with the prefix of its keys there, since originals share a folder.
 *
 * @param digits of its digest, from the start: as many as the names of variants have, or all
 */
export function sourceFolders(digits: string): readonly { readonly folder: string; readonly start: string }[] {
  const shared = digits.slice(0, 2)
  const variants = `${VARIANTS_FOLDER}${shared}/${digits.slice(0, VARIANT_DIGITS)}/`
  return [
    { folder: variants, start: variants },
    { folder: `o/${shared}/`, start: `o/${shared}/${digits}` },
  ]
}

/** @param extension of the original's file, lower case, without the dot */
export function originalKey(sha256: Digest, extension: string): Key {
  return `${originalsFolder(sha256)}${sha256}.${checked('extension', extension, EXTENSION)}`
}

/** Whether a key is that of the original with this digest. */
export function isOriginalKey(key: Key, sha256: Digest): boolean {
  if (!SHA256.test(sha256)) return false
  const start = `${originalsFolder(sha256)}${sha256}.`
  return key.startsWith(start) && EXTENSION.test(key.slice(start.length))
}

export const recipeKey = (recipe: string): Key => `r/${checked('recipe', recipe, RECIPE_ID)}.json`

/** Everything of all batches; ends with `/`. */
export const BATCHES_PREFIX = 'b/'

/** Everything of one batch; ends with `/`. */
export const batchPrefix = (batch: string): string => `${BATCHES_PREFIX}${checked('batch', batch, BATCH_ID)}/`

export const batchManifestKey = (batch: string): Key => `${batchPrefix(batch)}manifest.json`

export const shardManifestKey = (batch: string, shard: string): Key =>
  `${batchPrefix(batch)}m/${checked('shard', shard, SHARD_ID)}.ndjson`

/** Receipts of a shard's items that are done; ends with `/`. */
export const doneReceiptsPrefix = (batch: string, shard: string): string =>
  `${batchPrefix(batch)}d/${checked('shard', shard, SHARD_ID)}/`

export const doneReceiptKey = (batch: string, item: string): Key =>
  `${doneReceiptsPrefix(batch, shardOfItem(item))}${item}.json`

/** Receipts of a shard's items that failed for good; ends with `/`. */
export const failureReceiptsPrefix = (batch: string, shard: string): string =>
  `${allFailureReceiptsPrefix(batch)}${checked('shard', shard, SHARD_ID)}/`

export const failureReceiptKey = (batch: string, item: string): Key =>
  `${failureReceiptsPrefix(batch, shardOfItem(item))}${item}.json`

/** Failure receipts of all shards; ends with `/`. */
export const allFailureReceiptsPrefix = (batch: string): string => `${batchPrefix(batch)}f/`

/** The crashes of one item; ends with `/`. */
export const crashesPrefix = (batch: string, item: string): string =>
  `${batchPrefix(batch)}crash/${checked('item', item, ITEM_ID)}/`

/** @param count which crash of the item it is, from 1 */
export const crashKey = (batch: string, item: string, count: number): Key =>
  `${crashesPrefix(batch, item)}${checked('crash', String(count), /^[1-9]\d{0,3}$/)}`

/** Which shards of a batch are closed; ends with `/`. */
export const closedShardsPrefix = (batch: string): string => `${batchPrefix(batch)}s/`

export const closedShardKey = (batch: string, shard: string): Key =>
  `${closedShardsPrefix(batch)}${checked('shard', shard, SHARD_ID)}.json`

export const batchResultKey = (batch: string): Key => `${batchPrefix(batch)}result.json`

export const sentKey = (batch: string): Key => `${batchPrefix(batch)}sent.json`

export const toldKey = (batch: string): Key => `${batchPrefix(batch)}told.json`

export const imageManifestKey = (batch: string): Key => `${batchPrefix(batch)}images.json`

export const contactSheetKey = (batch: string): Key => `${batchPrefix(batch)}index.html`

export const cancelKey = (batch: string): Key => `${batchPrefix(batch)}cancel.json`

export const LEADER_KEY: Key = 'control/leader.json'
/** What the fleet may cost, and has cost so far. */
export const ACCOUNT_KEY: Key = 'control/account.json'
/** What each instance says of itself; ends with `/`. */
export const FLEET_PREFIX = 'control/fleet/'

export const fleetKey = (instance: string): Key => `${FLEET_PREFIX}${checked('instance', instance, INSTANCE_ID)}.json`

export const bundleKey = (sha256: Digest): Key => `bundles/${digest(sha256)}.tar.gz`

const ORIGINAL = /^o\/([0-9a-f]{2})\/(\1[0-9a-f]{62})\.[0-9a-z]{1,8}$/

/** A pattern for every kind of key above. */
const KINDS: readonly RegExp[] = [
  RENDERED,
  ORIGINAL,
  /^r\/r\d{1,4}-[0-9a-f]{12}\.json$/,
  /^b\/[^/]+\/(?:(?:manifest|sent|result|told|images|cancel)\.json|index\.html|m\/\d{4}\.ndjson|s\/\d{4}\.json)$/,
  /^b\/[^/]+\/(?:[df]\/\d{4}\/\d{4}-0\d{3}\.json|crash\/\d{4}-0\d{3}\/\d{1,4}|progress\/[^/]+\.json)$/,
  /^control\/(?:config|leader|account|fleet\/[^/]+)\.json$/,
  /^bundles\/[0-9a-f]{64}\.tar\.gz$/,
]

/**
 * Whether a key belongs to the batch mode: images, batches and their fleet. Such objects carry our digest like those of
 * a site, but do not belong to it.
 */
export const isOfBulk = (key: Key): boolean => KINDS.some((kind) => kind.test(key))

import { parseJson, unreadableRecord } from '../../plan/state-file.ts'
import type { Store } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import type { Body, Key } from '../../words/model.ts'
import { closedShardKey } from '../plan/keys.ts'
import { type BatchManifest, shardsOf } from '../plan/manifest.ts'
import type { ReceiptText } from './receipts.ts'

/**
 * How a shard ended: `s/<shard>.json`. It contains the receipts, so closing a batch reads one object per 1000 items.
 */
export interface ClosedShard {
  readonly v: 1
  readonly shard: string
  readonly items: number
  readonly done: number
  readonly failed: number
  /** Items without a receipt when the deadline came. */
  readonly missing: readonly string[]
  readonly receipts: readonly ReceiptText[]
}

/** How a batch ended: `result.json`, written once, after everything it refers to. */
export interface BatchResult {
  readonly v: 1
  readonly batch: string
  readonly recipe: string
  readonly items: number
  readonly done: number
  readonly failed: number
  readonly missing: number
  /** True when the deadline closed it. */
  readonly partial: boolean
  readonly closedAt: string
}

/** One at a time: together they may be larger than the memory. */
export async function* closedShards(store: Store, manifest: BatchManifest): AsyncGenerator<ClosedShard> {
  for (const shard of shardsOf(manifest)) {
    const key = closedShardKey(manifest.batch, shard)
    const found = await store.get(key)
    if (!found) throw unreadableRecord('A closed shard', `${store.label}${key}`)
    yield shardIn(found.bytes, `${store.label}${key}`)
  }
}

function shardIn(bytes: Uint8Array, label: string): ClosedShard {
  const read = parseJson(bytes)
  if (!isRecord(read) || read.v !== 1 || !Array.isArray(read.receipts)) throw unreadableRecord('A closed shard', label)
  // Only we write below s/, each object once and in one piece, and `v` tells its schema.
  return read as unknown as ClosedShard
}

export function resultIn(bytes: Uint8Array, label: string): BatchResult {
  const read = parseJson(bytes)
  if (!isRecord(read) || read.v !== 1) throw unreadableRecord('The result of a batch', label)
  // As above.
  return read as unknown as BatchResult
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Puts if absent. @returns whether we put it; without conditional writes two writers may both get `true` */
export const putOnce = async (store: Store, key: Key, value: object): Promise<boolean> =>
  (await store.put(key, bodyOf(value), JSON_HEADERS, { when: 'absent' })).status === 'stored'

/** Puts it, whatever was there. */
export async function putOver(store: Store, key: Key, value: object): Promise<void> {
  await store.put(key, bodyOf(value), JSON_HEADERS)
}

const JSON_HEADERS = { 'content-type': 'application/json' }
const bodyOf = (value: object): Body => bytesBody(Buffer.from(JSON.stringify(value)))

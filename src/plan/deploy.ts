import type { Key } from '../words/model.ts'
import { isOrder, type Order } from './order.ts'
import { parseJson, unreadableState } from './state-file.ts'

const VERSION = 1

/**
 * `deploys/<seq>.json`: lock, intent and fence in one object. There is never more than one that is not settled: the one
 * that follows the pointer's number. The publish that moves the pointer to its number settles it.
 *
 *   upload    said before the first hashed name is sent; keeps nobody out, and names no key
 *   publish   held by one run, which renews it; names every key whose bytes or headers may change
 */
export interface Deploy {
  readonly seq: number
  readonly phase: 'upload' | 'publish'
  /** Incremented at each takeover. */
  readonly epoch: number
  /** Random id of the run that holds it, disclosing nothing of machine or person; empty after it was given up. */
  readonly holder: string
  readonly channel: string
  readonly order: Order | undefined
  /** ISO 8601, by the holder's clock: for people only. */
  readonly startedAt: string
  /** Incremented at each renewal. */
  readonly renewals: number
  /** How long after its last sign of life the holder may be given up. */
  readonly leaseMs: number
  /** Keys whose contents are uncertain until the deploy is settled, those of previous holders among them. */
  readonly keys: readonly Key[]
  /** Whether a holder, now or before, has a CDN to tell of them. */
  readonly cdn: boolean
}

/** As people and commands name it: `d5`. */
export const deployName = (seq: number): string => `d${seq}`

export function encodeDeploy({ keys, order, cdn, ...rest }: Deploy): Uint8Array {
  const file = { v: VERSION, ...rest, ...(order && { order }), ...(cdn && { cdn }), keys: [...keys].sort() }
  return Buffer.from(`${JSON.stringify(file)}\n`)
}

/** @throws E_MANIFEST */
export function decodeDeploy(bytes: Uint8Array, label: string): Deploy {
  const data = parseJson(bytes)
  if (!isDeployFile(data)) throw unreadableState('The record of an unfinished deploy', label)
  const { seq, phase, epoch, holder, channel, order, startedAt, renewals, leaseMs, keys, cdn = false } = data
  return { seq, phase, epoch, holder, channel, order, startedAt, renewals, leaseMs, keys, cdn }
}

function isDeployFile(data: unknown): data is Deploy {
  if (typeof data !== 'object' || data === null) return false
  const file = data as Record<string, unknown> // an object: every property may be looked at
  return (
    file.v === VERSION &&
    (file.phase === 'upload' || file.phase === 'publish') &&
    [file.seq, file.epoch, file.renewals, file.leaseMs].every((number) => Number.isSafeInteger(number)) &&
    [file.holder, file.channel, file.startedAt].every((text) => typeof text === 'string') &&
    (file.order === undefined || isOrder(file.order)) &&
    (file.cdn === undefined || typeof file.cdn === 'boolean') &&
    Array.isArray(file.keys) &&
    file.keys.every((key) => typeof key === 'string')
  )
}

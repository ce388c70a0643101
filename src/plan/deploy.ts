import type { Key } from '../model.ts'
import { parseJson, unreadableState } from './state-file.ts'

const VERSION = 1

/**
 * What a run is about to write at paths whose bytes change over time, said before the first write: `deploys/<seq>.json`.
 * The publish that takes this number settles it; until then nobody knows what these keys hold.
 */
export interface Deploy {
  readonly seq: number
  readonly channel: string
  readonly keys: readonly Key[]
}

export function encodeDeploy({ seq, channel, keys }: Deploy): Uint8Array {
  return Buffer.from(`${JSON.stringify({ v: VERSION, seq, channel, keys: [...keys].sort() })}\n`)
}

/** @throws E_MANIFEST */
export function decodeDeploy(bytes: Uint8Array, label: string): Deploy {
  const data = parseJson(bytes)
  if (isDeployFile(data)) return { seq: data.seq, channel: data.channel, keys: data.keys }
  throw unreadableState('The record of an unfinished deploy', label)
}

function isDeployFile(data: unknown): data is Deploy {
  if (typeof data !== 'object' || data === null) return false
  const { v, seq, channel, keys } = data as Record<string, unknown> // an object: every property may be looked at
  return (
    v === VERSION &&
    Number.isInteger(seq) &&
    typeof channel === 'string' &&
    Array.isArray(keys) &&
    keys.every((key) => typeof key === 'string')
  )
}

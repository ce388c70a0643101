import { createHash } from 'node:crypto'
import { itemId, originalKey } from '../../src/batch/plan/keys.ts'
import type { Command, ImageJob, Order } from '../../src/batch/plan/messages.ts'
import { createSigner, createVerifier, newKeyPair, type Signer, type Verifier } from '../../src/batch/plan/signing.ts'

export interface Keys {
  readonly signer: Signer
  readonly verify: Verifier
  readonly publicKey: string
}

export function newKeys(): Keys {
  const { privateKey, publicKey } = newKeyPair()
  return { signer: createSigner(privateKey), verify: createVerifier([publicKey]), publicKey }
}

export const BATCH = '01KE5YQ2J8Z3V9X7W6T4R1P0NM'

/** The job of the n-th item of the batch. */
export function imageJob(place: number, changes: Partial<ImageJob> = {}): ImageJob {
  const sha256 = createHash('sha256').update(`original ${place}`).digest('hex')
  return {
    v: 1,
    kind: 'image',
    batch: BATCH,
    item: itemId(Math.floor(place / 1000), place % 1000),
    src: { key: originalKey(sha256, 'jpg'), sha256, bytes: 1000, type: 'image/jpeg', width: 400, height: 300 },
    recipe: 'r1-9f2c41d07b6a',
    lane: 'std',
    predicted: 0.5,
    deadline: '2026-11-24T00:00:00.000Z',
    ...changes,
  }
}

let commands = 0

/** A command that is issued at a moment and expires ten minutes later. */
export function command(instance: string, now: number, order: Order): Command {
  commands += 1
  const [issued = '', expires = ''] = [now, now + 600_000].map((moment) => new Date(moment).toISOString())
  return { v: 1, kind: 'command', id: `command-${commands}`, instance, issued, expires, ...order }
}

import { describe, expect, it } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/batch/clock.ts'
import { fleetKey } from '../../../src/batch/plan/keys.ts'
import { openMessage } from '../../../src/batch/plan/messages.ts'
import { createSigner, createVerifier, newKeyPair } from '../../../src/batch/plan/signing.ts'
import { createMemoryQueue, type MemoryQueue } from '../../../src/batch/queues/memory.ts'
import { command, instances } from '../../../src/batch/verbs/control.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { LadingError } from '../../../src/words/errors.ts'

const NOW = Date.parse('2026-11-20T10:00:00Z')
const KEYS = newKeyPair()

async function bench(records: Readonly<Record<string, { state: string; at?: string; running?: number }>>) {
  const store = createMemoryStore()
  for (const [instance, { at = '2026-11-20T09:59:00Z', running = 0, state }] of Object.entries(records)) {
    const text = JSON.stringify({ v: 1, instance: 'another', state, reason: 'r', running, waiting: 0, at })
    await store.put(fleetKey(instance), bytesBody(Buffer.from(text)), { 'content-type': 'application/json' })
  }
  const queues = new Map<string, MemoryQueue>()
  const control = async (instance: string): Promise<MemoryQueue> => {
    const queue = queues.get(instance) ?? createMemoryQueue({ clock: SYSTEM_CLOCK })
    queues.set(instance, queue)
    return queue
  }
  const tell = (order: Parameters<typeof command>[0], instance?: string) =>
    command(order, { store, control, signer: createSigner(KEYS.privateKey), now: NOW, instance })
  const heard = async (instance: string) => {
    const [message] = await (await control(instance)).receive({ max: 1, leaseSeconds: 9 })
    return message && openMessage(message.body, createVerifier([KEYS.publicKey]), { kind: 'control', instance })
  }
  return { store, control, tell, heard, queues }
}

describe('commands', () => {
  it('go to one instance, signed, for an hour, in its own queue', async () => {
    const { tell, heard, queues } = await bench({ 'i-1': { state: 'working' }, 'i-2': { state: 'working' } })
    expect(await tell({ verb: 'concurrency', slots: 3 }, 'i-2')).toEqual(['i-2'])
    expect(await heard('i-2')).toMatchObject({
      status: 'ours',
      message: {
        verb: 'concurrency',
        slots: 3,
        instance: 'i-2',
        issued: '2026-11-20T10:00:00.000Z',
        expires: '2026-11-20T11:00:00.000Z',
      },
    })
    expect(queues.has('i-1')).toBe(false)
  })

  it('go to all that are there when nobody is named: not to those that ended, nor to those long silent', async () => {
    const { tell, heard } = await bench({
      'i-1': { state: 'working' },
      'i-2': { state: 'paused' },
      'i-3': { state: 'draining', running: 1 },
      'i-4': { state: 'draining' },
      'i-5': { state: 'working', at: '2026-11-18T10:00:00Z' },
    })
    expect([...(await tell({ verb: 'drain' }))].sort()).toEqual(['i-1', 'i-2', 'i-3'])
    const ids = await Promise.all(['i-1', 'i-2'].map(heard))
    expect(
      new Set(ids.map((opened) => opened?.status === 'ours' && 'id' in opened.message && opened.message.id)).size,
    ).toBe(2)
  })

  it('find nobody in an empty place', async () => {
    const { tell } = await bench({})
    await expect(tell({ verb: 'stop' })).rejects.toMatchObject({
      code: 'E_BATCH',
      hint: expect.stringContaining('--instance'),
    })
  })

  it('find nobody where all have ended, and do not say that they were silent', async () => {
    const { tell } = await bench({ 'i-1': { state: 'stopping' } })
    await expect(tell({ verb: 'stop' })).rejects.toMatchObject({
      code: 'E_BATCH',
      why: 'All that were here have ended, or said nothing of themselves within a day.',
      hint: 'Name one with --instance ID. Those that were here: lading batch control list',
    })
  })

  it('reach all others when the queue of one is gone, and say who was not told', async () => {
    const { store, control } = await bench({ 'i-1': { state: 'working' }, 'i-2': { state: 'working' } })
    const told: string[] = []
    const broken = async (instance: string) => {
      if (instance === 'i-2') throw new LadingError('E_NO_QUEUE', 'there is no queue')
      told.push(instance)
      return control(instance)
    }
    // the newest first, so that the broken one is not the last
    for (const [at, instance] of ['i-1', 'i-2'].entries()) {
      const record = { v: 1, state: 'working', running: 0, waiting: 0, at: `2026-11-20T09:5${at}:00Z` }
      await store.put(fleetKey(instance), bytesBody(Buffer.from(JSON.stringify(record))), {})
    }
    const options = { store, control: broken, signer: createSigner(KEYS.privateKey), now: NOW }
    await expect(command({ verb: 'stop' }, options)).rejects.toMatchObject({
      code: 'E_NO_QUEUE',
      message: 'stop was not told to i-2',
      why: expect.stringContaining('there is no queue'),
    })
    expect(told).toEqual(['i-1'])
  })

  it('that cancel a batch need nobody: who starts later finds the mark', async () => {
    const { tell } = await bench({})
    expect(await tell({ verb: 'cancel', batch: 'p' })).toEqual([])
  })

  it('name instances by their keys, whatever an instance claims to be', async () => {
    const { store } = await bench({ 'i-1': { state: 'working' } })
    expect(await instances(store)).toMatchObject([{ instance: 'i-1', state: 'working' }])
  })
})

import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/batch/clock.ts'
import { createMemoryQueue } from '../../../src/batch/queues/memory.ts'
import type { Assembly } from '../../../src/batch/receipts/assemble.ts'
import type { OpenBatch } from '../../../src/batch/verbs/open.ts'
import { work } from '../../../src/batch/verbs/work.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { temporaryFolder } from '../../rig/sites.ts'

const ASSEMBLY: Assembly = { arrived: async () => undefined, look: async () => ({ status: 'closed' }) }

/** A place whose queue answers its first question so; then it is as it should be. */
async function placeWith(error: LadingError) {
  const folder = await temporaryFolder()
  onTestFinished(() => folder.remove())
  const queue = () => createMemoryQueue({ clock: SYSTEM_CLOCK })
  const made: string[] = []
  let isFirst = true
  const std = queue()
  const gauge = async () => {
    if (!isFirst) return std.gauge()
    isFirst = false
    throw error
  }
  const place: OpenBatch = {
    store: createMemoryStore(),
    lanes: { hi: queue(), std: { ...std, gauge }, bulk: queue() },
    ...{ assembly: queue(), dead: queue(), fleet: undefined, isLocal: true },
    control: async () => queue(),
    makeControl: async (instance) => {
      made.push(instance)
      return queue()
    },
    dropControl: async () => undefined,
  }
  const run = { env: { LADING_BATCH_KEY: join(folder.path, 'batch.key') } }
  const begin = () => work(place, { request: { drain: AbortSignal.abort() }, assembly: ASSEMBLY, run })
  return { begin, made }
}

it('a worker whose queue is not there, or not for it, ends with that instead of asking for ever', async () => {
  const { begin, made } = await placeWith(new LadingError('E_NO_QUEUE', 'there is no queue'))
  await expect(begin()).rejects.toMatchObject({ code: 'E_NO_QUEUE' })
  expect(made).toEqual([])
})

it('a worker begins although its queue cannot be asked for a moment', async () => {
  const { begin } = await placeWith(new LadingError('E_UNREACHABLE', 'no line', { retryable: true }))
  expect(await begin()).toMatchObject({ state: 'draining' })
})

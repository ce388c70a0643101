import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createFolderQueue } from '../../src/batch/queues/folder.ts'
import { createMemoryQueue } from '../../src/batch/queues/memory.ts'
import { createPatientClock } from '../rig/patient-clock.ts'
import { openStrictSqs } from '../rig/strict-sqs-queue.ts'
import { MAX_RECEIVES, type OpenedQueue, queueContract } from './queue-contract.ts'

async function openMemory(): Promise<OpenedQueue> {
  const clock = createPatientClock()
  const deadLetters = createMemoryQueue({ clock })
  const queue = createMemoryQueue({ clock, deadLetters: { to: deadLetters, maxReceives: MAX_RECEIVES } })
  const { pass, duringWait } = clock
  return { queue, other: queue, deadLetters, pass, duringWait, close: async () => undefined }
}

async function openFolder(): Promise<OpenedQueue> {
  const clock = createPatientClock()
  const path = await mkdtemp(join(tmpdir(), 'lading-queue-'))
  const open = () =>
    createFolderQueue({
      path: join(path, 'std'),
      clock,
      deadLetters: { to: join(path, 'dead'), maxReceives: MAX_RECEIVES },
    })
  return {
    queue: open(),
    other: open(),
    deadLetters: createFolderQueue({ path: join(path, 'dead'), clock }),
    pass: clock.pass,
    duringWait: clock.duringWait,
    close: () => rm(path, { recursive: true }),
  }
}

async function openSqs(): Promise<OpenedQueue> {
  const { sqs, clock, open, close } = await openStrictSqs(MAX_RECEIVES)
  return {
    queue: await open('std'),
    other: await open('std'),
    deadLetters: await open('dead'),
    pass: clock.pass,
    duringWait: clock.duringWait,
    close: async () => {
      expect(sqs.violations).toEqual([])
      await close()
    },
  }
}

queueContract('memory', openMemory)
queueContract('folder', openFolder)
queueContract('SQS', openSqs)

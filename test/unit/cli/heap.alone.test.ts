import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sparingMemory } from '../../../src/cli/heap.ts'

const MIB = 2 ** 20
const { set, room } = vi.hoisted(() => ({ set: vi.fn<(flag: string) => void>(), room: { bytes: 0 } }))
vi.mock('node:v8', async (original) => ({
  ...(await original<typeof import('node:v8')>()),
  setFlagsFromString: set,
  getHeapSpaceStatistics: () => [
    { space_name: 'old_space', space_size: 9 * MIB },
    { space_name: 'new_space', space_size: room.bytes },
  ],
}))

const V8 = '11.3.244.8-node.33'
const GROWS = '--semi-space-growth-factor=4'
const HELD = '--semi-space-growth-factor=1'

beforeEach(() => {
  vi.useFakeTimers()
  set.mockClear()
  room.bytes = MIB
})
afterEach(() => vi.useRealTimers())

/** As far as it is read. */
const START = { type: 'start' } as Parameters<ReturnType<typeof sparingMemory>>[0]
const scanOf = (files: number) =>
  ({ type: 'phase', phase: 'scan', files }) as Parameters<ReturnType<typeof sparingMemory>>[0]

/** What this Node says of a flag of V8: its name, what it does in brackets, and its default. */
function saidOf(flag: string): string {
  const name = flag.replace(/^--(no-)?/, '').replace(/=.*/, '')
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 24 })
  return options.split('\n').find((line) => line.trim().startsWith(`--${name} (`)) ?? `--${name} is not known`
}

it('for a large site only flags are set that V8 knows, and none that it keeps for its own tests', () => {
  const emit = sparingMemory(() => undefined, V8)
  emit(START)
  emit(scanOf(30_000))
  const flags = set.mock.calls.map(([flag]) => flag)
  expect(flags).toHaveLength(2)
  expect(flags.map(saidOf).filter((said) => /not known|testing/.test(said))).toEqual([])
})

it('what is new gets more room once, whenever that is, and no more', () => {
  const emit = sparingMemory(() => undefined, V8)
  emit(START)
  vi.advanceTimersByTime(50)
  emit(scanOf(5_000))
  vi.advanceTimersByTime(50)
  expect(set.mock.calls).toEqual([[GROWS], ['--heap-growing-percent=50']])
  room.bytes = 4 * MIB
  vi.advanceTimersByTime(50)
  expect(set.mock.calls.slice(2)).toEqual([[HELD]])
  room.bytes = 16 * MIB
  vi.advanceTimersByTime(50)
  expect(set.mock.calls).toHaveLength(3)
})

it('what is new has no more room than at the start where V8 would take much', () => {
  const emit = sparingMemory(() => undefined, '13.6.233.17-node.40')
  emit(START)
  vi.advanceTimersByTime(50)
  emit(scanOf(5_000))
  expect(set.mock.calls).toEqual([[HELD], ['--heap-growing-percent=50'], [HELD]])
})

it('a thread that starts does not let it grow again', async () => {
  const emit = sparingMemory(() => undefined, V8)
  emit(START)
  room.bytes = 4 * MIB
  vi.advanceTimersByTime(50)
  vi.useRealTimers()
  set.mockClear()
  const worker = new Worker('0', { eval: true })
  await once(worker, 'exit')
  expect(set.mock.calls).toContainEqual([HELD])
})

it('of a small site it grows as V8 likes', () => {
  const emit = sparingMemory(() => undefined, V8)
  emit(START)
  emit(scanOf(500))
  room.bytes = 4 * MIB
  vi.advanceTimersByTime(50)
  expect(set.mock.calls).toEqual([[GROWS], ['--semi-space-growth-factor=2']])
})

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { beforeEach, expect, it, vi } from 'vitest'
import { sparingMemory } from '../../../src/cli/heap.ts'

const { set } = vi.hoisted(() => ({ set: vi.fn<(flag: string) => void>() }))
vi.mock('node:v8', async (original) => ({ ...(await original<typeof import('node:v8')>()), setFlagsFromString: set }))

beforeEach(() => set.mockClear())

/** As far as it is read. */
const scanOf = (files: number) =>
  ({ type: 'phase', phase: 'scan', files }) as Parameters<ReturnType<typeof sparingMemory>>[0]

/** What this Node says of a flag of V8: its name, what it does in brackets, and its default. */
function saidOf(flag: string): string {
  const name = flag.replace(/^--(no-)?/, '').replace(/=.*/, '')
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 24 })
  return options.split('\n').find((line) => line.trim().startsWith(`--${name} (`)) ?? `--${name} is not known`
}

it('for a large site only flags are set that V8 knows, and none that it keeps for its own tests', () => {
  const emit = sparingMemory(() => undefined)
  emit(scanOf(30_000))
  const flags = set.mock.calls.map(([flag]) => flag)
  expect(flags).toHaveLength(2)
  expect(flags.map(saidOf).filter((said) => /not known|testing/.test(said))).toEqual([])
})

it('what is new has no more room than before the files are hashed, which would take four times as much for good', () => {
  const emit = sparingMemory(() => undefined)
  emit(scanOf(5_000))
  expect(set.mock.calls).toContainEqual(['--semi-space-growth-factor=1'])
})

it('a thread that starts does not let it grow', async () => {
  sparingMemory(() => undefined)(scanOf(5_000))
  set.mockClear()
  const worker = new Worker('0', { eval: true })
  await once(worker, 'exit')
  expect(set.mock.calls).toContainEqual(['--semi-space-growth-factor=1'])
})

it('what is new has no more room than at the start while files are found, and of a small site may grow then', () => {
  const emit = sparingMemory(() => undefined)
  emit({ type: 'start' } as Parameters<typeof emit>[0]) // nothing else of it is read
  emit(scanOf(500))
  expect(set.mock.calls).toEqual([['--semi-space-growth-factor=1'], ['--semi-space-growth-factor=2']])
})

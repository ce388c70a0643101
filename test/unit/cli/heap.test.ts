import { execFileSync } from 'node:child_process'
import { expect, it, vi } from 'vitest'
import { sparingMemory } from '../../../src/cli/heap.ts'

const { set } = vi.hoisted(() => ({ set: vi.fn<(flag: string) => void>() }))
vi.mock('node:v8', async (original) => ({ ...(await original<typeof import('node:v8')>()), setFlagsFromString: set }))

/** What this Node says of a flag of V8: its name, what it does in brackets, and its default. */
function saidOf(flag: string): string {
  const name = flag.replace(/^--(no-)?/, '').replace(/=.*/, '')
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 24 })
  return options.split('\n').find((line) => line.trim().startsWith(`--${name} (`)) ?? `--${name} is not known`
}

it('for a large site only flags are set that V8 knows, and none that it keeps for its own tests', () => {
  const emit = sparingMemory(() => undefined)
  emit({ type: 'phase', phase: 'scan', files: 30_000 } as Parameters<typeof emit>[0]) // nothing else of it is read
  emit({ type: 'phase', phase: 'plan', files: 30_000 } as Parameters<typeof emit>[0])
  const flags = set.mock.calls.map(([flag]) => flag)
  expect(flags.length).toBeGreaterThan(2)
  expect(flags.map(saidOf).filter((said) => /not known|testing/.test(said))).toEqual([])
})

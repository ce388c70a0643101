import { execFileSync } from 'node:child_process'
import { expect, it, vi } from 'vitest'
import { compilingLate } from '../../../src/cli/compiler.ts'

const { set } = vi.hoisted(() => ({ set: vi.fn<(flag: string) => void>() }))
vi.mock('node:v8', async (original) => ({ ...(await original<typeof import('node:v8')>()), setFlagsFromString: set }))

it('this V8 knows the flag that puts its compiler off, and does not keep it for its own tests', () => {
  set.mockClear()
  compilingLate()
  const options = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 2 ** 24 }).split('\n')
  for (const [flag] of set.mock.calls) {
    const said = options.find((line) => line.trim().startsWith(`${flag.replace(/=.*/, '')} (`))
    expect(said).toBeDefined()
    expect(said).not.toMatch(/testing/)
  }
  expect(set.mock.calls.length).toBe(process.versions.v8.startsWith('11.') ? 1 : 0)
})

it('a V8 that says "unrecognized flag" to everybody who asks is not asked', () => {
  set.mockClear()
  compilingLate('13.6.233.17-node.53')
  expect(set).not.toHaveBeenCalled()
  compilingLate('11.3.244.8-node.33')
  expect(set).toHaveBeenCalledWith('--interrupt-budget=600000')
})

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'

interface Told {
  readonly hook: string
  readonly how: string
  readonly stored: boolean
  readonly recorded: boolean
}

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'uncaught.mjs'), ...args], { encoding: 'utf8' })

describe.each(['webpack', 'rspack'])('what another plugin throws where %s catches nothing', (name) => {
  let told: readonly Told[] = []
  beforeAll(() => {
    const { stdout, stderr } = run(name)
    expect(stderr).toBe('')
    // What the script prints.
    told = JSON.parse(stdout) as readonly Told[]
  })

  it('sends nothing and records nothing', () => {
    expect(told.length).toBeGreaterThan(3)
    expect(told.filter(({ how, stored, recorded }) => how === 'success' || stored || recorded)).toEqual([])
  })

  it('is the rejection of no promise of ours', () => {
    const early = told.filter(({ hook }) => !hook.includes('/') && hook !== 'shouldEmit')
    expect(early.map(({ hook, how }) => [hook, how])).toEqual(early.map(({ hook }) => [hook, 'uncaughtException']))
  })

  it('ends the process, with its stack', () => {
    const { status, stderr } = run(name, 'compile')
    expect(status).toBe(1)
    expect(stderr).toMatch(/Error: boom\n\s+at .*\bboom\b/)
  })
})

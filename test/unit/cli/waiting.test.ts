import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../../../src/cli/run.ts'
import type { Store } from '../../../src/index.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { openState, STATE_FOLDER } from '../../../src/transfer/state.ts'
import { createHandClock } from '../../rig/published.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

const PAGE = '<!doctype html><img src="logo.png" alt="">'

describe('a command that waits for another deploy and writes to a log', () => {
  const DEPLOY = { phase: 'publish', epoch: 1, holder: 'other', channel: 'main', order: undefined } as const

  async function waited(argv: readonly string[]): Promise<string> {
    const clock = createHandClock()
    const stores = new Map<string, Store>()
    const storeAt = (label: string): Store => {
      const store = stores.get(label) ?? createMemoryStore({ label, now: clock.wallMs })
      stores.set(label, store)
      return store
    }
    const cwd = folderWith({ 'site/index.html': PAGE, 'site/logo.png': 'logo' })
    const screen = createScreen({ isTTY: false })
    const run = (...words: string[]): Promise<number> =>
      runCli(words, {
        stdout: screen,
        stderr: screen,
        env: { HOME: cwd },
        cwd,
        run: { clock, openStore: async ({ label }) => storeAt(label) },
      })
    for (const text of ['one', 'two']) {
      writeFileSync(join(cwd, 'site/logo.png'), text)
      await run('sync', 'site', '--to', 'a', '-q')
    }
    clock.passDays(100)
    for (const [label, seq] of Object.entries({ a: 3, b: 1 })) {
      const store = [...stores.values()].find((one) => one.label === label) ?? storeAt(label)
      const state = openState({ site: store, store, folder: STATE_FOLDER, cacheDir: join(cwd, 'cache') })
      const startedAt = new Date(clock.wallMs()).toISOString()
      await state.deploys.create({ ...DEPLOY, seq, startedAt, renewals: 0, leaseMs: 60_000, keys: [], cdn: false })
    }
    await run(...argv, '--lock-timeout', '5')
    return screen.text
  }

  it.each<[string, string[]]>([
    ['copy', ['copy', 'a', 'b']],
    ['prune', ['prune', '--to', 'a', '--keep-releases', '1', '--keep-days', '0']],
    ['channel end', ['channel', 'end', 'production', '--to', 'a']],
  ])('lading %s says so once', async (_name, argv) => {
    const text = await waited(argv)
    expect(text).toContain('E_LOCKED')
    expect(text.match(/waiting for deploy/g)).toHaveLength(1)
  })
})

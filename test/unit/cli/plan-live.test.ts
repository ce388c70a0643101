import { expect, it } from 'vitest'
import { runCli } from '../../../src/cli/run.ts'
import { LadingError } from '../../../src/index.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

it('lading plan shows at a terminal what it is at, and leaves the plan alone there', async () => {
  const stdout = createScreen({ isTTY: true, columns: 80 })
  // One terminal, two streams.
  const shown: string[] = []
  const stderr = { ...stdout, write: (text: string) => void shown.push(text) }
  const cwd = folderWith({ 'dist/index.html': 'home' })
  const code = await runCli(['plan', 'dist', '--to', 'store'], { stdout, stderr, env: { LANG: 'C.UTF-8' }, cwd })
  expect(code).toBe(0)
  const live = shown.join('')
  expect(live).toContain('scanning …')
  expect(live).toContain('planning …')
  expect(live).not.toMatch(/uploading|finishing/)
  expect(live).not.toContain('\n')
  expect(live.endsWith('\r\x1b[K')).toBe(true)
  expect(stdout.text).toContain('Plan: 1 to add')
})

it.each([
  ['lading plan', ['plan']],
  ['lading sync --dry-run', ['sync', '--dry-run']],
])('%s in a pipe tells retries beside the plan, and nothing else', async (_, [command = '', ...flags]) => {
  const store = createMemoryStore({ label: 'store' })
  let asked = 0
  const get: typeof store.get = async (...given) => {
    asked += 1
    if (asked === 1) throw new LadingError('E_TIMEOUT', 'no answer in time', { retryable: true })
    return store.get(...given)
  }
  const [stdout, stderr] = [createScreen(), createScreen()]
  const code = await runCli([command, 'dist', '--to', 'store', '-v', ...flags], {
    ...{ stdout, stderr, env: {}, cwd: folderWith({ 'dist/index.html': 'home' }) },
    run: { openStore: async (_target, { onRetry } = {}) => withRetry({ ...store, get }, { onRetry }) },
  })
  expect(code).toBe(0)
  expect(stderr.text).toMatch(/^ {2}retry 2: \S+ {2}no answer in time\n$/)
  expect(stdout.text).toContain('Plan: 1 to add')
})

import { expect, it } from 'vitest'
import { runCli } from '../../../src/cli/run.ts'
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
  expect(live).not.toContain('\n')
  expect(live.endsWith('\r\x1b[K')).toBe(true)
  expect(stdout.text).toContain('Plan: 1 to add')
})

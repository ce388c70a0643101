import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../../../src/cli/run.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

const PAGE = '<!doctype html><img src="logo.png" alt="">'

describe('lading copy, with a place of the state in the configuration', () => {
  const config = JSON.stringify({ to: 'live', state: 'private', cacheDir: 'cache' })
  const files = { 'lading.config.json': config, 'site/index.html': PAGE, 'site/logo.png': 'logo', 'none.json': '{}' }

  async function lading(cwd: string, ...argv: string[]): Promise<{ code: number; text: string }> {
    const screen = createScreen()
    const code = await runCli(argv, { stdout: screen, stderr: screen, env: { HOME: cwd }, cwd })
    return { code, text: screen.text }
  }

  it('reads it when the configured store is copied, and the copy has its own', async () => {
    const cwd = folderWith(files)
    await lading(cwd, 'sync', 'site')
    expect(await lading(cwd, 'copy', 'live', 'backup')).toMatchObject({ code: 0 })
    expect(await lading(cwd, 'verify', '--config', 'none.json', '--to', 'backup')).toMatchObject({ code: 0 })
  })

  it('does not take it for that of another store that is copied', async () => {
    const cwd = folderWith({ ...files, 'other/index.html': 'another site' })
    await lading(cwd, 'sync', 'site')
    await lading(cwd, 'sync', 'other', '--config', 'none.json', '--to', 'elsewhere')
    const { code, text } = await lading(cwd, 'copy', 'elsewhere', 'backup')
    expect(text).toContain('1 object and 1 release')
    expect(code).toBe(0)
  })

  it('writes there when the configured store is the one that is copied to', async () => {
    const cwd = folderWith(files)
    await lading(cwd, 'sync', 'site', '--config', 'none.json', '--to', 'elsewhere')
    expect(await lading(cwd, 'copy', 'elsewhere', 'live')).toMatchObject({ code: 0 })
    expect(await lading(cwd, 'verify')).toMatchObject({ code: 0 })
    expect(existsSync(join(cwd, 'private'))).toBe(true)
  })

  it('takes one in a flag for that of the store that is copied', async () => {
    const cwd = folderWith(files)
    await lading(cwd, 'sync', 'site', '--config', 'none.json', '--to', 'elsewhere', '--state', 'other-state')
    const { code } = await lading(cwd, 'copy', 'elsewhere', 'backup', '--state', 'other-state')
    expect(code).toBe(0)
    expect(await lading(cwd, 'verify', '--config', 'none.json', '--to', 'backup')).toMatchObject({ code: 0 })
  })
})

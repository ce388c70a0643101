import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig, resolveConfig, sync } from '../../src/index.ts'
import { filesIn, recordOf, tempFolder, textOf } from './builds.ts'

const root = resolve(import.meta.dirname, '../..')

/** Runs a tool as the example's README says, with what it writes sent elsewhere. */
function run(example: string, args: readonly string[], folder: string): void {
  expect(existsSync(join(root, 'dist/plugins/vite.js')), 'run "npm run build" first').toBe(true)
  execFileSync(process.execPath, args, {
    cwd: join(root, 'examples', example),
    env: { ...process.env, LADING_CACHE_DIR: join(folder, 'cache') },
    stdio: 'pipe',
  })
}

describe('the examples run from the root of the repository, without an installation of their own', () => {
  it('examples/vite by its own config', () => {
    const folder = tempFolder()
    const outDir = join(folder, 'dist')
    run('vite', [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--outDir', outDir, '--emptyOutDir'], folder)
    expect(recordOf(outDir)).toMatchObject({ url: '/_a/', rewritten: true })
    expect(textOf(outDir, /^index\.html$/)).toContain('src="/_a/a/assets/index-')
  })

  it('examples/webpack by its own config', () => {
    const folder = tempFolder()
    const outDir = join(folder, 'dist')
    run('webpack', [join(root, 'node_modules/webpack-cli/bin/cli.js'), 'build', '--output-path', outDir], folder)
    expect(recordOf(outDir)).toMatchObject({ url: '/_a/', rewritten: true })
    expect(textOf(outDir, /^index\.html$/)).toContain('src=/_a/a/js/main.')
  })

  it('examples/rspack by its own config', () => {
    const folder = tempFolder()
    const outDir = join(folder, 'dist')
    run('rspack', [join(root, 'examples/rspack/build.js'), outDir], folder)
    expect(recordOf(outDir)).toMatchObject({
      bundler: expect.stringMatching(/^rspack 2/),
      url: '/_a/',
      rewritten: true,
    })
    expect(textOf(outDir, /^index\.html$/)).toMatch(/src="?\/_a\/a\/js\/main\./)
  })

  it('examples/plain-html by its own config', async () => {
    const folder = tempFolder()
    const cwd = join(root, 'examples/plain-html')
    const { config, sources } = await loadConfig({ cwd, env: {} })
    const places = { to: join(folder, 'store'), out: join(folder, 'out'), cacheDir: join(folder, 'cache') }
    const options = resolveConfig({ ...config, ...places }, { cwd, env: {}, sources })
    const summary = await sync(options)
    expect(summary).toMatchObject({ ok: true, warnings: 0, references: { missing: 0 } })
    expect(filesIn(join(folder, 'out'))).toContain('ships/index.html')
    expect(textOf(join(folder, 'out'), /^index\.html$/)).toMatch(/href="\/_a\/a\/css\/site\.[a-z2-7]{16}\.css"/)
  })
})

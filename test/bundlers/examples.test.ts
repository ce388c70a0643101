import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
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

/** Those that a submit has started: without this they would wait for half a minute more. */
function endWorkers(fleet: string): void {
  for (const name of readdirSync(fleet).filter((each) => each.endsWith('.json'))) {
    spawnSync('kill', ['-9', String(JSON.parse(readFileSync(join(fleet, name), 'utf8')).pid)])
  }
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

  it('examples/image-batch by the commands of its README: the page names what two workers have made', () => {
    const cwd = tempFolder()
    cpSync(join(root, 'examples/image-batch'), cwd, { recursive: true })
    onTestFinished(() => endWorkers(join(cwd, '.lading-store/queues/fleet')))
    const readme = readFileSync(join(cwd, 'README.md'), 'utf8')
    const commands = [...readme.matchAll(/^lading (.+?)(?: {2,}#.*)?$/gm)].map(([, line = '']) => line.split(' '))
    expect(commands.map(([verb]) => verb)).toEqual(['batch', 'batch', 'batch', 'sync', 'serve'])
    for (const args of commands.slice(0, -1)) {
      execFileSync(process.execPath, [join(root, 'dist/src/cli/main.cjs'), ...args], {
        ...{ cwd, stdio: 'pipe', env: { ...process.env, HOME: cwd, XDG_CONFIG_HOME: undefined } },
      })
    }
    const page = textOf(join(cwd, 'public'), /^index\.html$/)
    const named = [...page.matchAll(/\/_a\/(v\/[^ "]+\.avif) \d+w/g)].map(([, key = '']) => key)
    // Three widths for each.
    expect(page.match(/<picture/g)).toHaveLength(3)
    expect(new Set(named).size).toBe(9)
    const { images } = JSON.parse(readFileSync(join(cwd, 'images.json'), 'utf8'))
    expect(Object.keys(images).sort()).toEqual(['img/crane.jpg', 'img/ferry.jpg', 'img/lighthouse.jpg'])
    expect(JSON.stringify(images)).toContain(named[0])
  })
})

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { describe, expect, it } from 'vitest'
import ladingEsbuild from '../../plugins/esbuild.ts'
import { filesIn, keysNamedIn, project, tempFolder } from './builds.ts'
import { keysIn } from './publishing.ts'
import { rsbuildFor } from './rsbuild-builds.ts'

const CDN = 'https://cdn.example.com/x/'
const SITE = {
  'src/index.js': "import('./later.js').then(({ words }) => { document.title = words })\n",
  'src/later.js': "export const words = 'later'\n",
}

const toStore = (folder: string) => ({ url: CDN, cors: true, to: join(folder, 'store'), upload: true }) as const

async function expectUntouched(folder: string, written: number): Promise<void> {
  const outDir = join(folder, 'dist')
  const files = existsSync(outDir) ? filesIn(outDir) : []
  expect(files.length).toBeGreaterThanOrEqual(written)
  expect([...keysNamedIn(outDir, CDN)]).toEqual([])
  expect(existsSync(join(outDir, '.lading'))).toBe(false)
  expect(await keysIn(join(folder, 'store'))).toEqual([])
}

describe('Rsbuild', () => {
  it('in watch mode leaves addresses as they are and sends nothing', async () => {
    const folder = tempFolder()
    const { rsbuild } = await rsbuildFor({ root: project(SITE), folder, options: toStore(folder) })
    const built = new Promise<void>((done) => rsbuild.onAfterBuild(() => done()))
    const { close } = await rsbuild.build({ watch: true })
    await built
    await close()
    await expectUntouched(folder, 3)
  })

  it('serves what is being developed as it is, and sends nothing', async () => {
    const folder = tempFolder()
    const config = { mode: 'development', server: { host: '127.0.0.1' }, dev: { writeToDisk: true } } as const
    const { rsbuild } = await rsbuildFor({ root: project(SITE), folder, options: toStore(folder), config })
    const built = new Promise<void>((done) => rsbuild.onAfterDevCompile(() => done()))
    const { urls, server } = await rsbuild.startDevServer()
    await built
    const page = await (await fetch(urls[0] ?? '')).text()
    await server.close()
    expect(page).toContain('src="/static/js/')
    await expectUntouched(folder, 3)
  })
})

describe('a context of esbuild', () => {
  const context = (root: string, folder: string) =>
    esbuild.context({
      ...{ absWorkingDir: root, entryPoints: ['src/index.js'], outdir: join(folder, 'dist'), bundle: true },
      ...{ format: 'esm', splitting: true, entryNames: '[name]-[hash]', chunkNames: '[name]-[hash]' },
      ...{ logLevel: 'silent', plugins: [ladingEsbuild(toStore(folder)), told] },
    })
  let ended: () => void = () => undefined
  const told: esbuild.Plugin = { name: 'told', setup: ({ onEnd }) => onEnd(() => ended()) }

  it('that watches leaves addresses as they are and sends nothing', async () => {
    const folder = tempFolder()
    const built = new Promise<void>((done) => {
      ended = done
    })
    const watching = await context(project(SITE), folder)
    await watching.watch()
    await built
    await watching.dispose()
    await expectUntouched(folder, 2)
  })

  it('that serves does neither', async () => {
    const folder = tempFolder()
    const serving = await context(project(SITE), folder)
    const { port } = await serving.serve({ host: '127.0.0.1' })
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    expect(await answer.text()).toContain('index-')
    await serving.dispose()
    await expectUntouched(folder, 0)
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/webpack.ts'
import { filesIn, project, recordOf, type WebpackBuilt } from './builds.ts'
import { KIN } from './rspack-builds.ts'

afterEach(() => vi.unstubAllEnvs())

const CDN = 'https://cdn.example.com/x/'
const site = 'https://www.example.com'
const always = { url: CDN, cors: true, rewrite: 'always' } as const
const worker = { 'src/main.js': "new Worker(new URL('./job.js', import.meta.url))", 'src/job.js': 'postMessage(1)' }
const sprite = {
  'src/main.js': "document.title = new URL('./icons.svg', import.meta.url)",
  'src/icons.svg': '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="a"/></svg>',
}

function scriptsIn(outDir: string): string {
  const scripts = filesIn(outDir).filter((path) => path.endsWith('.js'))
  return scripts.map((path) => readFileSync(join(outDir, path), 'utf8')).join('\n')
}

describe.each(KIN)('modules that %s makes', (_, kin) => {
  const build = (files: Record<string, string>, options: LadingPluginOptions): Promise<WebpackBuilt> =>
    kin.build({
      root: project({ 'src/index.html': '<p>x</p>', ...files }),
      options,
      config: { experiments: { outputModule: true }, output: { module: true } },
    })

  it.each([
    ['workers', worker],
    ['collections of SVG pieces', sprite],
  ])('that name %s are refused on another host, and told what to set', async (_what, files) => {
    const failing = build(files, always)
    await expect(failing).rejects.toThrow('modules would look for files of the site on another host')
    await expect(failing).rejects.toThrow("Set site: 'https://www.example.com'")
  })

  it.each([
    ['workers', worker, /"https:\/\/www\.example\.com\/(?:js\/[0-9]+\.|"\s?\+)/],
    ['collections of SVG pieces', sprite, /"https:\/\/www\.example\.com\/media\/icons\./],
  ])('name %s in full where the site is known', async (_what, files, address) => {
    const { outDir, errors } = await build(files, { ...always, site })
    expect(errors).toEqual([])
    expect(scriptsIn(outDir)).toMatch(address)
    expect(recordOf(outDir).origin).toHaveLength(1)
  })

  it('know the site by the environment too', async () => {
    vi.stubEnv('LADING_SITE', site)
    expect((await build(worker, always)).errors).toEqual([])
  })

  it.each([
    ['under a path of the site', { ...always, url: '/_a/' }],
    ['that stay at the site, without CORS', { ...always, cors: false }],
  ])('%s may name what stays there', async (_where, options) => {
    expect((await build(worker, options)).errors).toEqual([])
  })
})

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Compiler } from 'webpack'
import { project, textOf } from './builds.ts'
import { KIN } from './rspack-builds.ts'

const options = { url: 'https://cdn.example.com/x/', cors: true, rewrite: 'always' } as const

const files = {
  'src/index.html': '<!doctype html><html><head></head><body><img src="/p.png"></body></html>',
  'src/main.js': "document.title = 'x'",
  'public/p.png': 'first',
}

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')

/** Lists the build's files when and as Workbox's plugins do, each below the public path with a digest of its bytes. */
function precaching(isListed: RegExp, modifyUrlPrefix: Readonly<Record<string, string>> = {}) {
  return (compiler: Compiler): void => {
    const { Compilation, sources } = compiler.webpack
    const stage = Compilation.PROCESS_ASSETS_STAGE_OPTIMIZE_TRANSFER - 10
    compiler.hooks.thisCompilation.tap('precaching', (compilation) => {
      compilation.hooks.processAssets.tap({ name: 'precaching', stage }, () => {
        const listed = compilation.getAssets().filter(({ name }) => isListed.test(name))
        const list = listed.map(({ name, source }) => {
          const url = `${String(compilation.options.output.publicPath)}${name}`
          const [from, to = ''] = Object.entries(modifyUrlPrefix).find(([prefix]) => url.startsWith(prefix)) ?? ['']
          return { url: to + url.slice(from.length), revision: md5(source.buffer()) }
        })
        const text = `precache(${JSON.stringify(list)})`
        compilation.emitAsset('service-worker.js', new sources.RawSource(text))
      })
    })
  }
}

/** The worker without the quotes that minimizers drop. */
const workerOf = (outDir: string): string => textOf(outDir, /^service-worker\.js$/).replace(/"(url|revision)":/g, '$1:')

describe.each(KIN)('a service worker that lists the files of a build with %s', (_, { build }) => {
  it.each([
    ['a page', /^index\.html$/],
    ['a copied file', /^p\.png$/],
  ])('fails the build when it looks for %s in the store', async (_what, listed) => {
    const failing = build({ root: project(files), options, config: { plugins: [precaching(listed)] } })
    await expect(failing).rejects.toThrow('service-worker.js: ')
    await expect(failing).rejects.toThrow("modifyURLPrefix: { 'https://cdn.example.com/x/a/': '/' }")
  })

  it('may name in the store what the bundler has made', async () => {
    const plugins = [precaching(/^js\/main/)]
    const { errors, outDir } = await build({ root: project(files), options, config: { plugins } })
    expect(errors).toEqual([])
    expect(workerOf(outDir)).toContain('url:"https://cdn.example.com/x/a/js/main.')
  })

  it('is told of pages as they are published', async () => {
    const plugins = [precaching(/^(?:index\.html|p\.png)$/, { 'https://cdn.example.com/x/a/': '/' })]
    const { errors, outDir } = await build({ root: project(files), options, config: { plugins } })
    expect(errors).toEqual([])
    const page = readFileSync(join(outDir, 'index.html'))
    expect(page.toString()).toContain('https://cdn.example.com/x/a/p.')
    const worker = workerOf(outDir)
    expect(worker).toContain('url:"/p.png"')
    expect(worker).toContain(`{url:"/index.html",revision:"${md5(page)}"}`)
  })
})

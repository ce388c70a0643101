import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keysNamedIn, project } from './builds.ts'
import { KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'
const page = { 'src/index.html': '<p>x</p>', 'src/main.js': 'document.title = "x"' }

/** As every config that Next.js makes. https://github.com/vercel/next.js/blob/v15.5.0/packages/next/src/lib/constants.ts */
const alias = { 'private-next-root-dir': '/app' }

describe.each(KIN)('%s, when Next.js builds with it', (_, { build }) => {
  it('keeps the addresses of Next.js, and the log names its option and the command', async () => {
    const root = project(page)
    const to = join(root, 'store')
    const options = { url: CDN, cors: true, to, upload: true }
    const { outDir, log } = await build({ root, options, config: { resolve: { alias } } })
    expect(log).toEqual([
      '<i> [lading] Next.js writes its addresses itself and its files after the bundler is done: nothing is rewritten, recorded or ' +
        "sent. Set assetPrefix: 'https://cdn.example.com/x' in next.config, and after the build run: " +
        `lading sync out --to ${to} --exclude "**/*.html"`,
    ])
    expect([...keysNamedIn(outDir, CDN)]).toEqual([])
    expect(existsSync(join(outDir, '.lading'))).toBe(false)
    expect(existsSync(to)).toBe(false)
  })

  it('names the store of a server that Next.js builds, below the prefix and with the endpoint', async () => {
    const to = 's3://bucket/www?endpoint=https://s3.example.com'
    const { log } = await build({ root: project(page), options: { to }, config: { resolve: { alias } } })
    expect(log).toEqual([
      expect.stringContaining(
        `--exclude "**/*.html"; without output: 'export': ` +
          'lading sync .next/static --to "s3://bucket/www/_next/static?endpoint=https://s3.example.com',
      ),
    ])
  })

  it('says so for browsers alone, of the several builds of one app', async () => {
    const config = { resolve: { alias }, target: 'node' }
    const { outDir, log } = await build({ root: project(page), options: { url: CDN, rewrite: 'always' }, config })
    expect(log).toEqual([])
    expect(existsSync(join(outDir, '.lading'))).toBe(false)
  })
})

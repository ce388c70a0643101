import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger, type LogLevel } from 'vite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/vite.ts'
import { buildVite, buildWebpack, filesIn, keysNamedIn, project, recordOf, tempFolder } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'

const CDN = 'https://cdn.example.com/x/'

afterEach(() => vi.unstubAllEnvs())

interface Said {
  readonly info: readonly string[]
  readonly warn: readonly string[]
}

/** Builds with Vite at this log level; gives what its own logger let through. */
async function viteSays(folder: string, options: LadingPluginOptions, level: LogLevel = 'info', root?: string) {
  const info: string[] = []
  const warn: string[] = []
  const into = (list: string[]) => (text: string) => void (text.startsWith('lading') && list.push(text))
  const order = ['silent', 'error', 'warn', 'info']
  const lets = (needed: LogLevel): boolean => order.indexOf(level) >= order.indexOf(needed)
  const logger = createLogger('silent')
  if (lets('info')) logger.info = into(info)
  if (lets('warn')) logger.warn = into(warn)
  const config = { logLevel: level, customLogger: logger }
  const { outDir } = await buildVite({ folder, options, config, ...(root !== undefined && { root }) })
  const said: Said = { info, warn }
  return { ...said, outDir }
}

const toStore = (folder: string) => ({ url: CDN, cors: true, to: join(folder, 'store'), upload: true }) as const

/** Below a file nothing can be stored. */
function blockedStore(folder: string): string {
  writeFileSync(join(folder, 'blocker'), 'a file, not a folder')
  return join(folder, 'blocker/store')
}

const site = (main: string): Record<string, string> => ({
  'index.html': '<script type="module" src="/main.js"></script>',
  'main.js': main,
  ...Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`public/${name}.png`, name.repeat(2000)])),
})

describe('what a build says after an upload', () => {
  it('is one line and the largest assets in columns, in one message', async () => {
    const folder = tempFolder()
    const { info, warn } = await viteSays(folder, toStore(folder))
    const [line, ...rows] = info.at(-1)?.split('\n') ?? []
    expect(line).toMatch(/^lading: 24 assets sent \([\d.]+ kB\), 0 already there: https:.*\/x\/ \(\d+\.\d s\)$/)
    expect(rows).toHaveLength(5)
    const sizes = rows.map((row) => row.search(/ (?:kB|MB|B)/))
    expect(new Set(sizes).size).toBe(1)
    expect(warn).toEqual([])
  })

  it('says of text what it weighs compressed, and of pictures nothing', async () => {
    const folder = tempFolder()
    const { info } = await viteSays(folder, toStore(folder))
    const rows = info.at(-1)?.split('\n') ?? []
    expect(rows.filter((row) => /\.png /.test(row) && /gzip/.test(row))).toEqual([])
    expect(rows.filter((row) => /\.(?:js|css) /.test(row)).every((row) => /\| gzip: +[\d.]+ k?B/.test(row))).toBe(true)
    expect(rows.some((row) => /\| gzip:/.test(row))).toBe(true)
  })

  it('marks what is new once most of it is old', async () => {
    const folder = tempFolder()
    await viteSays(folder, toStore(folder), 'info', project(site('document.title = "one"')))
    const { info } = await viteSays(folder, toStore(folder), 'info', project(site('document.title = "two"')))
    const text = info.at(-1) ?? ''
    expect(text).toMatch(/^lading: 1 asset sent \(\d+ B\), 6 already there/)
    expect(text).toMatch(/\n {2}also new: assets\/index-[\w-]+\.js$/)
  })

  it('is nothing when the log is silent, and without warnings nothing when it takes only those', async () => {
    for (const level of ['silent', 'warn'] as const) {
      const folder = tempFolder()
      const { info, warn } = await viteSays(folder, toStore(folder), level)
      expect({ info, warn }).toEqual({ info: [], warn: [] })
      expect((await keysIn(join(folder, 'store'))).length).toBe(24)
    }
  })

  it('goes through the logger of webpack, every line under its name', async () => {
    const folder = tempFolder()
    const { log } = await buildWebpack({ folder, options: toStore(folder) })
    expect(log).toHaveLength(6)
    expect(log[0]).toMatch(/^<i> \[lading\] 20 assets sent \(/)
    expect(log.every((line) => line.startsWith('<i> '))).toBe(true)
  })

  it('has no colours and no secrets', async () => {
    const folder = tempFolder()
    const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEYx'
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret)
    const root = project({ ...site('1'), [`public/${secret}.png`]: 'x'.repeat(9000) })
    const { info } = await viteSays(folder, toStore(folder), 'info', root)
    expect(info.join('')).not.toContain('\u001b')
    expect(info.join('')).not.toContain(secret)
  })
})

describe('warnings of the core', () => {
  it('come through the warnings of Vite with their code, cut to a number that is read', async () => {
    const folder = tempFolder()
    const images = Array.from({ length: 8 }, (_, index) => `<img src="/gone-${index}.png">`).join('')
    const root = project({ 'index.html': `${images}<script type="module" src="/main.js"></script>`, 'main.js': '1' })
    const { warn } = await viteSays(folder, toStore(folder), 'warn', root)
    const missing = warn.find((text) => text.includes('W_REF_MISSING'))
    expect(missing).toMatch(/^lading: W_REF_MISSING: /)
    expect(missing?.split('\n').filter((line) => line.includes('gone-'))).toHaveLength(5)
    expect(missing).toContain('\n  and 3 more')
  })
})

describe('dryRun', () => {
  it('says what would be sent, and writes nothing into the store', async () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'store'))
    const { info, outDir } = await viteSays(folder, { ...toStore(folder), upload: undefined, dryRun: true })
    expect(info.at(-1)).toMatch(/^lading: 24 assets would be sent \(/)
    expect(filesIn(join(folder, 'store'))).toEqual([])
    expect(recordOf(outDir)).toMatchObject({ rewritten: true, sent: [] })
  })

  it('counts what is there already', async () => {
    const folder = tempFolder()
    await viteSays(folder, toStore(folder))
    const { info } = await viteSays(folder, { ...toStore(folder), dryRun: true })
    expect(info.at(-1)).toMatch(/^lading: 0 assets would be sent \(0 B\), 24 already there/)
  })
})

describe('an upload that fails', () => {
  it('fails the build', async () => {
    const folder = tempFolder()
    const options = { ...toStore(folder), to: blockedStore(folder) }
    await expect(viteSays(folder, options)).rejects.toThrow(/^lading: /)
  })

  it("is a warning with onError: 'warn', and the record does not say that anything was sent", async () => {
    const folder = tempFolder()
    const options = { ...toStore(folder), to: blockedStore(folder), onError: 'warn' as const }
    const { info, warn, outDir } = await viteSays(folder, options)
    expect(warn).toEqual([expect.stringContaining("the build goes on (onError: 'warn')\nlading: ")])
    expect(info.at(-1)).toMatch(/the upload failed, "lading sync" sends what is missing$/)
    expect(recordOf(outDir)).toMatchObject({ rewritten: true, sent: [] })
  })

  it("is not made a warning by onError: 'warn' when the options are wrong", async () => {
    const folder = tempFolder()
    const options = { upload: true, url: CDN, onError: 'warn' as const }
    await expect(viteSays(folder, options)).rejects.toMatchObject({ code: 'E_CONFIG', subject: 'to' })
  })
})

describe('rewrite: false', () => {
  it('sends the assets and leaves every reference as the bundler wrote it', async () => {
    const folder = tempFolder()
    const { outDir } = await viteSays(folder, { ...toStore(folder), rewrite: false })
    expect(recordOf(outDir)).toMatchObject({ rewritten: false })
    expect([...keysNamedIn(outDir, CDN)]).toEqual([])
    const keys = await keysIn(join(folder, 'store'))
    expect(keys).toContainEqual(expect.stringMatching(/^a\/assets\/ship-[\w-]+\.png$/))
    const { summary } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
  })
})

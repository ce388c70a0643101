import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/rollup.ts'
import { project, tempFolder } from './builds.ts'
import { OTHERS, type OtherBuilt, type OtherBundler, SOURCES } from './others.ts'
import { keysIn } from './publishing.ts'

const CDN = 'https://cdn.example.com/x/'

afterEach(() => vi.restoreAllMocks())

/** What a build has told its user: lines of information, and warnings. */
interface Told {
  readonly info: readonly string[]
  readonly warn: readonly string[]
}

/** Of lading alone. esbuild has no place for what is no warning but its error stream. */
async function tell({ build, name }: OtherBundler, asked: Parameters<OtherBundler['build']>[0]): Promise<Told> {
  const written: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  const { said }: OtherBuilt = await build({ ...asked, ...(name === 'esbuild' && { logLevel: 'info' as const }) })
  // Each bundler shows in its own way who is speaking.
  const ours = (lines: readonly string[]): string[] =>
    lines.map((line) => line.replace(/^(?:\[plugin )?lading[\]:] /, ''))
  return { info: ours([...said.info, ...written.map((line) => line.trimEnd())]), warn: ours(said.warn) }
}

const toStore = (folder: string): LadingPluginOptions => ({
  url: CDN,
  cors: true,
  to: join(folder, 'store'),
  upload: true,
})

describe.each(OTHERS)('what $name says', (bundler) => {
  it('after an upload is one line and the largest assets, with their weight compressed where they are text', async () => {
    const folder = tempFolder()
    const { info, warn } = await tell(bundler, { folder, options: toStore(folder) })
    const [line, ...rows] = info.at(-1)?.split('\n') ?? []
    const sent = (await keysIn(join(folder, 'store'))).length
    expect(line).toMatch(new RegExp(`^${sent} assets sent \\([\\d.]+ k?B\\), 0 already there: ${CDN} \\(`))
    expect(rows).toHaveLength(Math.min(sent, 5))
    expect(rows.filter((row) => /\.js /.test(row)).every((row) => /\| gzip: +[\d.]+ k?B/.test(row))).toBe(true)
    expect(rows.some((row) => /\.js /.test(row))).toBe(true)
    expect(warn).toEqual([])
  })

  it('marks what is new once most of it is old', async () => {
    const folder = tempFolder()
    await tell(bundler, { folder, options: toStore(folder) })
    const later = { ...SOURCES, 'src/later.js': "export const words = 'much later'\n" }
    const { info } = await tell(bundler, { root: project(later), options: toStore(folder) })
    const text = info.at(-1) ?? ''
    expect(text).toMatch(/^[12] assets? sent \(/)
    expect(text).toMatch(/chunks\/later-\S+\.js .* {2}new$/m)
    expect(text).not.toMatch(/\.png .* {2}new$/m)
  })

  it('says without an upload what is named, and what sends it', async () => {
    const folder = tempFolder()
    const { info } = await tell(bundler, { folder, options: { ...toStore(folder), upload: false, rewrite: 'always' } })
    expect(info.at(-1)).toMatch(
      /^\d+ assets named, \d+ kept at the site; "lading sync" sends them and publishes the pages$/,
    )
  })

  it('has warnings of the core among its own, with their code', async () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'dist'), { recursive: true })
    writeFileSync(join(folder, 'dist/odd.html'), '<!doctype html><title>x</title><img src="/gone.png">')
    const { warn } = await tell(bundler, { folder, options: toStore(folder) })
    expect(warn).toEqual([expect.stringMatching(/^W_REF_MISSING: (?:.|\n)*gone\.png/)])
  })

  it("has an upload that failed among them, with onError: 'warn'", async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'blocker'), 'a file, not a folder')
    const options = { ...toStore(folder), to: join(folder, 'blocker/store'), onError: 'warn' as const }
    const { info, warn } = await tell(bundler, { folder, options })
    expect(warn).toEqual([expect.stringContaining("the build goes on (onError: 'warn')\nlading: ")])
    expect(info.at(-1)).toMatch(/the upload failed, "lading sync" sends what is missing$/)
  })
})

describe('esbuild', () => {
  const esbuild = OTHERS.find(({ name }) => name === 'esbuild')

  it('is told nothing but warnings where its log shows no more', async () => {
    const folder = tempFolder()
    const write = vi.spyOn(process.stderr, 'write')
    const built = await esbuild?.build({ folder, options: toStore(folder), logLevel: 'warning' })
    expect(built?.said.warn).toEqual([])
    expect(write).not.toHaveBeenCalled()
  })
})

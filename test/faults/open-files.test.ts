import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import { startSync } from './command.ts'

const FILES = 400

// where there is no such file, nothing tells how many it may have
describe.skipIf(!existsSync('/proc/self/limits'))('a process that may have few files open', () => {
  let dir: string
  let s3: StrictS3
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'lading-open-files-'))
    mkdirSync(join(dir, 'site'))
    for (let index = 0; index < FILES; index++) writeFileSync(join(dir, `site/${index}.txt`), `file ${index}`)
    s3 = await startStrictS3({ bucket: 'site', allowedPrefix: 'p/' })
  })
  afterAll(async () => {
    await s3.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const allowed = (openFiles: number) => (argv: readonly string[]) =>
    ['sh', '-c', `ulimit -n ${openFiles}; exec "$@" 2>told`, 'sh', ...argv] as const

  const inFolders = (words: readonly string[], openFiles: number) =>
    startSync({
      words,
      config: { root: 'site', to: './a', cacheDir: 'cache', channel: 'main', concurrency: 256 },
      cwd: dir,
      env: {},
      wrap: allowed(openFiles),
    }).ended

  const sync = (openFiles: number) =>
    startSync({
      config: {
        root: 'site',
        to: `s3://site/p/?region=us-east-1&endpoint=${encodeURIComponent(s3.endpoint)}`,
        cacheDir: 'cache',
        channel: 'main',
        concurrency: 256,
      },
      cwd: dir,
      env: { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey },
      wrap: allowed(openFiles),
    }).ended

  it('tells how it ends where that is too few even to load what tells of failures', async () => {
    const { code, last } = await sync(26)
    const message = 'the run failed, and EMFILE keeps the rest from being told'
    expect(last).toMatchObject({ type: 'error', code: expect.stringMatching(/^E_[A-Z_]+$/), message, exit: code })
    expect(last).toMatchObject({ fix: expect.stringContaining('ulimit -n') })
    expect(code).toBeGreaterThan(0)
    expect(readFileSync(join(dir, 'told'), 'utf8')).not.toMatch(/^ +at /m)
  })

  it('has fewer connections than it was told to have requests at once, and sends everything', async () => {
    const { code, last } = await sync(96)
    expect({ code, last }).toMatchObject({ code: 0, last: { type: 'summary', published: true } })
    expect([...s3.objects().keys()].filter((key) => key.endsWith('.txt'))).toHaveLength(FILES)
  })

  it('reads and writes fewer files of a folder at once than it was told to', async () => {
    expect(await inFolders(['sync'], 1024)).toMatchObject({ code: 0 })
    for (const words of [
      ['verify', '--download'],
      ['copy', './a', './b'],
      ['prune', '--keep-days', '0'],
    ])
      expect({ words, ...(await inFolders(words, 96)) }).toMatchObject({ words, code: 0, last: { ok: true } })
  })
})

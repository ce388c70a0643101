import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { CliIo } from '../../../src/cli/io.ts'
import { runCli } from '../../../src/cli/run.ts'
import type { Run } from '../../../src/index.ts'
import { createFolderStore } from '../../../src/store/folder/folder.ts'
import { allowing, closed, type Front, fallback, open, startFront } from '../../rig/front.ts'
import { createHandClock } from '../../rig/published.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

interface World {
  readonly cwd: string
  lading(line: string, more?: Partial<CliIo>): Promise<Result>
  /** The configuration that was written. */
  written(name?: string): unknown
}

function worldWith(files: Readonly<Record<string, string>>, run?: Partial<Run>): World {
  const cwd = folderWith(files)
  return {
    cwd,
    async lading(line, more = {}) {
      const [stdout, stderr] = [createScreen(), createScreen()]
      const code = await runCli(line.split(' '), { stdout, stderr, env: { NO_COLOR: '1' }, cwd, run, ...more })
      return { code, out: stdout.text, err: stderr.text }
    },
    written: (name = 'lading.config.json') => JSON.parse(readFileSync(join(cwd, name), 'utf8')),
  }
}

const PAGE = '<!doctype html><img src="logo.png" alt="">'
const SITE = { 'index.html': PAGE, 'logo.png': 'logo' }
const BUILT = { 'dist/index.html': PAGE, 'dist/logo.png': 'logo' }

const packageWith = (facts: object): Record<string, string> => ({ 'package.json': JSON.stringify(facts) })

describe('lading init', () => {
  it('writes a configuration with which plan and sync work, as it says', async () => {
    const { lading, written, cwd } = worldWith(BUILT)
    const { code, out, err } = await lading('init')
    expect({ code, out }, err).toEqual({ code: 0, out: '' })
    expect(written()).toEqual({ root: 'dist', to: 'store' })
    expect(err).toContain('ok: wrote lading.config.json')
    expect(err).toMatch(/\nNext: lading plan\n {6}lading sync\n$/)
    expect((await lading('plan')).out).toContain('Plan: 2 to add')
    expect((await lading('sync')).err).toContain('ok: Release r1-')
    expect(existsSync(join(cwd, 'store/objects'))).toBe(true)
  })

  it('takes a site that lies here for one, and puts what is written beside it', async () => {
    const { lading, written, cwd } = worldWith({ 'www/index.html': PAGE, 'www/logo.png': 'logo' })
    const here = { cwd: join(cwd, 'www') }
    expect((await lading('init --url /_a/', here)).code).toBe(0)
    expect(written('www/lading.config.json')).toEqual({
      root: '.',
      to: '../www-store',
      url: '/_a/',
      out: '../www-origin',
    })
    const { code, err } = await lading('sync', here)
    expect(code, err).toBe(0)
    expect(readdirSync(join(cwd, 'www-origin')).sort()).not.toContain('lading.config.json')
    expect((await lading('plan --json', here)).out).not.toContain('lading.config.json')
  })

  it('writes what flags say, and nothing that is a default', async () => {
    const { lading, written } = worldWith(BUILT)
    const line = 'init dist --to s3://bucket/_a --url /_a/ --host --site https://www.example.com --base / --no-cors'
    const { code, err } = await lading(line, { env: { LADING_TO: 's3://other', LADING_CHANNEL: 'next' } })
    expect(code, err).toBe(0)
    const address = { to: 's3://bucket/_a', url: '/_a/', host: true, site: 'https://www.example.com' }
    expect(written()).toEqual({ root: 'dist', ...address, cors: false })
  })

  it('writes TypeScript where the project names lading among its packages', async () => {
    const { lading, cwd } = worldWith({ ...BUILT, ...packageWith({ devDependencies: { lading: '*' } }) })
    expect((await lading("init --to ./it's")).code).toBe(0)
    expect(readFileSync(join(cwd, 'lading.config.ts'), 'utf8')).toBe(
      "import { defineConfig } from 'lading'\n\nexport default defineConfig({\n" +
        "  root: 'dist',\n  to: './it\\'s',\n})\n",
    )
    expect(readdirSync(cwd).sort()).toEqual(['dist', 'lading.config.ts', 'package.json'])
  })

  it.each(['lading.config.ts', 'lading.config.mjs', 'lading.config.json'])('never overwrites %s', async (name) => {
    const { lading, cwd } = worldWith({ ...BUILT, [name]: 'mine' })
    const { code, err } = await lading('init')
    expect(code).toBe(2)
    expect(err).toContain('x E_CONFIG_EXISTS  there is a configuration already')
    expect(err).toContain(`on   ${name}`)
    expect(readFileSync(join(cwd, name), 'utf8')).toBe('mine')
    expect(readdirSync(cwd).sort()).toEqual(['dist', name])
  })

  it('is won by one of two at once; the other changes nothing', async () => {
    const { lading, written, cwd } = worldWith(BUILT)
    const results = await Promise.all([lading('init --to one'), lading('init --to two')])
    expect(results.map(({ code }) => code).sort()).toEqual([0, 2])
    expect(written()).toEqual({ root: 'dist', to: results[0]?.code === 0 ? 'one' : 'two' })
    expect(readdirSync(cwd).sort()).toEqual(['dist', 'lading.config.json'])
  })

  it.each([
    ['init --to s3://Bad_Bucket', 'E_BUCKET_NAME'],
    ['init --to dist', 'E_ROOT_DANGEROUS'],
    ['init --out origin', 'E_USAGE  --out needs the public address'],
    ['init --url cdn.example.com', 'E_URL'],
    ['init dist/index.html', 'E_ROOT_NOT_DIR  This is a file, not a folder'],
    ['init --to s3://key:hunter2@bucket', 'E_CONFIG_SECRET'],
  ])('writes nothing that no run would take: %s', async (line, says) => {
    const { lading, cwd } = worldWith(BUILT)
    const { code, err } = await lading(line)
    expect(code).toBeGreaterThan(1)
    expect(err).toContain(says)
    expect(err).not.toContain('hunter2')
    expect(readdirSync(cwd)).toEqual(['dist'])
  })

  it('takes a folder that is not there for one that is built later, whatever lies in its way now', async () => {
    const { lading, written } = worldWith(BUILT)
    expect(await lading('init dist/index.html/x --to s3://bucket')).toMatchObject({ code: 0 })
    expect(written()).toMatchObject({ root: 'dist/index.html/x' })
  })

  it('says what to name where nothing looks like a site', async () => {
    const { code, err } = await worldWith({ 'notes.txt': 'x' }).lading('init --to s3://bucket')
    expect(code).toBe(2)
    expect(err).toContain('E_USAGE  no folder with a site was found here')
    expect(err).toContain('fix  Name it: lading init dist --to s3://bucket\n')
  })

  it('answers in records with --json', async () => {
    const { out, err } = await worldWith(BUILT).lading('init --json')
    expect(err).toBe('')
    const [answer, end] = out.split('\n').map((line): unknown => (line === '' ? undefined : JSON.parse(line)))
    const config = { root: 'dist', to: 'store' }
    const file = 'lading.config.json'
    expect(answer).toEqual({ v: 1, type: 'init', file, config, notes: [], next: ['lading plan', 'lading sync'] })
    expect(end).toEqual({ v: 1, type: 'summary', ok: true, exit: 0 })
  })

  it('names the next lines as they were called', async () => {
    const { err } = await worldWith(BUILT).lading('init', { env: { npm_command: 'exec' } })
    expect(err).toContain('Next: npx lading plan\n      npx lading sync\n')
  })
})

describe('lading init in a project', () => {
  const vite = packageWith({ scripts: { build: 'vite build' }, devDependencies: { vite: '*' } })

  it('that builds with Vite and has not built yet: dist, the build first, and its plugin', async () => {
    const { lading, written } = worldWith({ ...vite, 'index.html': PAGE, 'public/logo.png': 'logo' })
    const { err } = await lading('init')
    expect(written()).toEqual({ root: 'dist', to: 'store' })
    expect(err).toContain('Built with Vite: its plugin lading/vite')
    expect(err).toContain('Next: npm run build\n      lading plan\n')
  })

  it.each([
    ['pnpm-lock.yaml', 'pnpm run build'],
    ['yarn.lock', 'yarn run build'],
  ])('with %s: %s', async (lock, line) => {
    expect((await worldWith({ ...vite, [lock]: '' }).lading('init')).err).toContain(`Next: ${line}\n`)
  })

  it.each([
    [{ dependencies: { webpack: '*' } }, 'Built with webpack: its plugin lading/webpack'],
    [{ dependencies: { vite: '*', astro: '*' } }, 'Astro writes addresses itself'],
    [{ dependencies: { vite: '*', '@rsbuild/core': '*' } }, 'lading/rsbuild'],
  ])('%j: %s', async (facts, note) => {
    expect((await worldWith({ ...BUILT, ...packageWith(facts) }).lading('init')).err).toContain(note)
  })

  it.each([
    ['build', { 'build/index.html': PAGE, 'public/index.html': PAGE }, {}],
    ['public', { 'public/index.html': PAGE, 'build/notes.txt': 'x' }, {}],
    ['_site', { '_site/index.html': PAGE, 'index.html': PAGE }, {}],
    ['out', { 'out/about/index.html': PAGE }, packageWith({ dependencies: { next: '*' } })],
    ['.', SITE, packageWith({ name: 'by-hand' })],
  ])('finds the site in %s', async (root, files, project) => {
    const { lading, written } = worldWith({ ...files, ...project })
    expect((await lading('init')).code).toBe(0)
    expect(written()).toMatchObject({ root })
  })

  it('whose package.json cannot be read: as without one', async () => {
    const { lading, written } = worldWith({ ...BUILT, 'package.json': '{' })
    expect((await lading('init')).code).toBe(0)
    expect(written()).toEqual({ root: 'dist', to: 'store' })
  })
})

describe('lading init --url of another host', () => {
  async function initBehind(behave: (front: Front) => void, flags = ''): Promise<{ config: unknown; err: string }> {
    const { cwd } = worldWith(BUILT)
    const store = createFolderStore({ path: join(cwd, 'store') })
    const front = await startFront(store)
    try {
      behave(front)
      const run = { openStore: async () => store, clock: createHandClock() }
      const [stdout, stderr] = [createScreen(), createScreen()]
      const argv = `init --url ${front.url}${flags}`.split(' ')
      expect(await runCli(argv, { stdout, stderr, env: {}, cwd, run })).toBe(0)
      return { config: JSON.parse(readFileSync(join(cwd, 'lading.config.json'), 'utf8')), err: stderr.text }
    } finally {
      await front.close()
    }
  }

  it('writes cors: true where every origin may read, and where pages go', async () => {
    const { config } = await initBehind((front) => front.behave(open))
    expect(config).toMatchObject({ cors: true, out: 'origin' })
  })

  it.each([
    ['nobody', closed],
    ['somebody else', allowing('https://other.example')],
  ])('writes cors: false where %s may read, and says what that means', async (_who, manner) => {
    const { config, err } = await initBehind((front) => front.behave(manner))
    expect(config).toMatchObject({ cors: false })
    expect(err.replaceAll('\n', ' ')).toContain('Fonts and modules stay')
  })

  it('leaves cors unset where something else is served, and says so', async () => {
    const { config, err } = await initBehind((front) => front.behave(fallback))
    expect(config).not.toHaveProperty('cors')
    expect(err.replaceAll('\n', ' ')).toContain('cors is left unset, which means false: it answered something else')
  })

  it('leaves cors unset where nobody answers', async () => {
    const { config, err } = await initBehind((front) => front.behave(() => 'reset'))
    expect(config).not.toHaveProperty('cors')
    expect(err.replaceAll('\n', ' ')).toMatch(/cors is left unset.*lading doctor says what to write/)
  })

  it('leaves cors unset where the store is a folder that is not there, and makes none', async () => {
    const { cwd, lading, written } = worldWith(BUILT)
    const { err } = await lading('init --url https://cdn.example.com/')
    expect(written()).not.toHaveProperty('cors')
    expect(err.replaceAll('\n', ' ')).toContain('cors is left unset, which means false: the store is not there yet')
    expect(existsSync(join(cwd, 'store'))).toBe(false)
  })

  it('asks nobody where a flag says it', async () => {
    let asked: Front['asked'] = []
    const { config } = await initBehind((front) => {
      asked = front.asked
    }, ' --cors')
    expect(config).toMatchObject({ cors: true })
    expect(asked).toEqual([])
  })
})

describe('lading init on a terminal', () => {
  const screens = (): Pick<CliIo, 'stdout' | 'stderr'> & { text(): string } => {
    const [stdout, stderr] = [0, 1].map(() => createScreen({ isTTY: true, columns: 80 }))
    if (stdout === undefined || stderr === undefined) throw new Error('two screens were made')
    return { stdout, stderr, text: () => stderr.text }
  }
  const answers = (...lines: string[]): NonNullable<CliIo['stdin']> => {
    const input = Object.assign(Readable.from(lines.map((line) => `${line}\n`)), { isTTY: true })
    return () => input
  }

  it('asks for what no flag says, with what it found as the answer of an empty line', async () => {
    const { lading, written } = worldWith(BUILT)
    const screen = screens()
    expect((await lading('init', { ...screen, stdin: answers('', '', '') })).code).toBe(0)
    expect(written()).toEqual({ root: 'dist', to: 'store' })
    expect(screen.text()).toMatch(/Folder with the site \[dist\]/)
    expect(screen.text()).toMatch(/or a folder \[store\]/)
    expect(screen.text()).not.toContain('Pages:')
  })

  it('asks again where an answer cannot be used, and only then where pages go', async () => {
    const { lading, written } = worldWith(BUILT)
    const screen = screens()
    const stdin = answers('dist', 'dist', 's3://bucket/_a', 'cdn.example.com', '/_a/', 'nowhere', 'host')
    expect((await lading('init', { ...screen, stdin })).code).toBe(0)
    expect(written()).toEqual({ root: 'dist', to: 's3://bucket/_a', url: '/_a/', host: true })
    expect(screen.text()).toContain('! the store and the site lie inside each other')
    expect(screen.text()).toContain('! "cdn.example.com" ')
    expect(screen.text()).toContain('! Say out, in-place or host')
  })

  it.each(['in-place', 'out'])('writes %s', async (pages) => {
    const { lading, written } = worldWith(BUILT)
    const stdin = answers(pages)
    expect((await lading('init dist --to s3://bucket/_a --url /_a/', { ...screens(), stdin })).code).toBe(0)
    expect(written()).toMatchObject(pages === 'out' ? { out: 'origin' } : { inPlace: true })
  })

  it('writes nothing when the answers end', async () => {
    const { lading, cwd } = worldWith(BUILT)
    const screen = screens()
    expect((await lading('init', { ...screen, stdin: answers('dist') })).code).toBe(130)
    expect(screen.text()).toMatch(/: \n.*E_ABORTED.* {2}nobody answers/)
    expect(readdirSync(cwd)).toEqual(['dist'])
  })

  it.each([['init --yes'], ['init --json'], ['init -q']])('asks nothing: %s', async (line) => {
    const { lading, written } = worldWith(BUILT)
    expect((await lading(line, { ...screens(), stdin: answers() })).code).toBe(0)
    expect(written()).toEqual({ root: 'dist', to: 'store' })
  })
})

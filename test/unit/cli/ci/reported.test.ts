import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pageOf } from '../../../../src/cli/ci/markdown.ts'
import { createRecord } from '../../../../src/cli/ci/record.ts'
import type { CliIo } from '../../../../src/cli/io.ts'
import { runCli } from '../../../../src/cli/run.ts'
import { folderWith } from '../../config/folder.ts'
import { createScreen } from '../screen.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz'

interface Ci {
  readonly folder: string
  /** Runs a line as a step of a workflow. */
  step(argv: readonly string[], env?: CliIo['env']): Promise<{ code: number; out: string; err: string }>
  readonly page: () => string
  readonly outputs: () => string
}

function workflow(files: Record<string, string | Uint8Array>): Ci {
  const folder = folderWith(files)
  const [page, outputs] = [join(folder, '.page.md'), join(folder, '.outputs')]
  for (const file of [page, outputs]) writeFileSync(file, '')
  const given = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: folder }
  return {
    folder,
    page: () => readFileSync(page, 'utf8'),
    outputs: () => readFileSync(outputs, 'utf8'),
    async step(argv, env = {}) {
      const [stdout, stderr] = [createScreen(), createScreen()]
      const all = { ...given, GITHUB_STEP_SUMMARY: page, GITHUB_OUTPUT: outputs, ...env }
      const code = await runCli(argv, { stdout, stderr, env: all, cwd: folder })
      return { code, out: stdout.text, err: stderr.text }
    },
  }
}

const SYNC = ['sync', 'dist', '--to', 'store']

/** Cells of the rows of all tables: a name that broke out of its cell would make another number of them. */
function widths(page: string): number[] {
  return page
    .split('\n')
    .flatMap((line) => (line.startsWith('|') ? [line.replace(/^\||\|$/g, '').split('|').length] : []))
}

describe('a deploy in GitHub Actions', () => {
  it('leaves a page about itself, and what later steps may ask for', async () => {
    const { step, page, outputs } = workflow({ 'dist/a.txt': 'a', 'dist/b.txt': 'bb' })
    expect((await step(SYNC)).code).toBe(0)
    expect(page()).toMatch(/^### `lading sync`: deployed to <code>store<\/code>$/m)
    expect(page()).toContain('| sent | 2 files, 3 B (2 new, 0 changed) |')
    expect(page()).toMatch(/^\| \+ \| <code>a.txt<\/code> \| 1 B \| new \|$/m)
    expect(outputs()).toMatch(/^release=r1-\w+\npublished=true\nadded=2\nchanged=0\nbytes=3\n$/)
  })

  it('adds to the page of its step, where others may have written', async () => {
    const { folder, step, page, outputs } = workflow({ 'dist/a.txt': 'a' })
    writeFileSync(join(folder, '.page.md'), '# From before\n')
    await step(SYNC)
    await step(SYNC)
    // a heading right behind other text or the end of a folded part would be shown as it is written
    expect(page()).toMatch(
      /^# From before\n\n+### `lading sync`: deployed.*<\/details>\n\n+### `lading sync`: no changes/s,
    )
    expect(outputs().match(/^published=.*$/gm)).toEqual(['published=true', 'published=false'])
  })

  it('a plan says what would change, and not that it has', async () => {
    const { step, page } = workflow({ 'dist/a.txt': 'a' })
    await step(['plan', 'dist', '--to', 'store'])
    expect(page()).toMatch(/^### `lading plan`: what would change in <code>store<\/code>$/m)
    expect(page()).toContain('| to send | 1 file, 1 B (1 new, 0 changed) |')
  })

  it('a warning is shown beside the line that it is about', async () => {
    const { step, page } = workflow({ 'dist/index.html': '<p>\n<img src="gone.png">' })
    const { code, err } = await step([...SYNC, '--url', '/_a/', '--out', 'origin'])
    expect(code).toBe(0)
    expect(err).toMatch(/^::warning file=dist\/index\.html,line=2,.*title=W_REF_MISSING::/m)
    expect(page()).toContain('<code>W&#95;REF&#95;MISSING</code>')
  })

  it('a name with spaces is that file, and not the one that its first word names', async () => {
    const { step } = workflow({ 'dist/my docs/a (1)  b.html': '<p>\n<img src="gone.png">', 'dist/my': 'x' })
    const { err } = await step([...SYNC, '--url', '/_a/', '--out', 'origin'])
    expect(err).toMatch(/^::warning file=dist\/my docs\/a \(1\) {2}b\.html,line=2,/m)
  })

  it('is quiet about warnings when it is told to be', async () => {
    const { step } = workflow({ 'dist/index.html': '<img src="gone.png">' })
    const { err } = await step([...SYNC, '--url', '/_a/', '--out', 'origin', '--quiet'])
    expect(err).toBe('')
  })

  it('a failure is shown with what to do, on the page and beside the file', async () => {
    const { step, page, outputs } = workflow({ 'dist/app.js': `x\nconst key = "ghp_${'a1B2c3'.repeat(6)}"\n` })
    const { code, err } = await step(SYNC)
    expect(code).toBe(3)
    expect(err).toMatch(/^::error file=dist\/app\.js,line=2,col=\d+,title=E_SECRET_CONTENT::/m)
    expect(err).not.toContain('a1B2c3a1B2c3')
    expect(page()).toMatch(/^### `lading sync` failed: <code>E&#95;SECRET&#95;CONTENT<\/code>$/m)
    expect(page()).toContain('- fix: ')
    expect(outputs()).toBe('error=E_SECRET_CONTENT\n')
  })

  it('findings of a look at the store are shown', async () => {
    const { folder, step, page } = workflow({ 'dist/a.txt': 'a' })
    await step(SYNC)
    const { code } = await step(['verify', '--to', 'store'])
    expect(code).toBe(0)
    expect(page().match(/^### /gm)).toHaveLength(1)
    const objects = join(folder, 'store/objects')
    for (const name of readdirSync(objects)) if (name.startsWith('a.txt')) writeFileSync(join(objects, name), 'b')
    const found = await step(['verify', '--to', 'store', '--download'])
    expect(found.code).toBe(10)
    expect(found.err).toMatch(/^::error title=lading verify::1 finding%0Aa\.txt {2}/m)
    expect(page()).toContain('### `lading verify`: 1 finding')
  })

  it('names of files command no runner and mean nothing to Markdown', async () => {
    const names = ['::error::a.txt', 'b|<img src=x>`*c*`.txt', '@someone www.example.com.txt', '##[add-mask]d.txt']
    const { step, page } = workflow(Object.fromEntries(names.map((name) => [`dist/${name}`, 'x'])))
    const { out, err } = await step([...SYNC, '--dry-run'])
    expect(`${out}${err}`).not.toMatch(/^\s*::(?!warning )|##\[/m)
    expect(page()).not.toMatch(/<img|\*c\*|@someone|www\.example|##\[/)
    expect(new Set(widths(page()))).toEqual(new Set([2, 4]))
  })

  it('records stay what they are, and no runner obeys them', async () => {
    const { step } = workflow({ 'dist/##[error]a.txt': 'x' })
    const { out } = await step([...SYNC, '--json'])
    const failed = await step(['sync', 'a##[add-mask]b', '--to', 'store', '--json'])
    expect(failed.out).toContain('E_ROOT_MISSING')
    expect(out + failed.out).not.toContain('##[')
    const keys = out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).key]))
    expect(keys).toContain('##[error]a.txt')
  })

  it.each([
    ['completion', 'bash'],
    ['stack site', 'dist##[x] --host'],
  ])('what another program reads is left as it is: %s', async (command, words) => {
    const { step } = workflow({ 'dist##[x]/index.html': 'x' })
    const line = `${command} ${words}`.split(' ')
    const { out } = await step(line)
    const plain = await step(line, { GITHUB_ACTIONS: undefined })
    expect(out).toBe(plain.out)
  })

  it('what is to be done about a failure is the command that the run itself names', async () => {
    const { step, page } = workflow({})
    const { err } = await step(SYNC)
    expect(err).toMatch(/^ {2}fix .*: lading sync dist --to store$/m)
    expect(err).toMatch(/^::error .*: lading sync dist --to store$/m)
    expect(page()).toContain('lading sync dist --to store')
  })

  it('a sentence names no issue, and commands no forge that is given the page as a comment', () => {
    const record = createRecord((text) => text)
    record.error = { type: 'error', code: 'E_URL', message: '/merge #12 !3', details: [], exit: 2 }
    const page = pageOf(record, { command: 'sync', exit: 2 })
    expect(page).not.toMatch(/^\//m)
    expect(page).not.toMatch(/&#3[35];\d/)
  })

  it('no page holds a credential of the run', async () => {
    const { step, page, outputs } = workflow({ [`dist/${SECRET.replaceAll('/', '_')}.txt`]: 'x' })
    const env = { AWS_SECRET_ACCESS_KEY: SECRET.replaceAll('/', '_'), AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE' }
    const { out, err } = await step(SYNC, env)
    expect(`${out}${err}${page()}${outputs()}`.replaceAll('&#95;', '_')).not.toContain('bPxRfiCYzzzzzzzzzz')
    expect(page()).toContain('.txt</code>')
  })

  it('a page that cannot be written is told of, and the deploy is what it is', async () => {
    const { step } = workflow({ 'dist/a.txt': 'a' })
    const { code, err } = await step(SYNC, { GITHUB_STEP_SUMMARY: '/no/such/page.md', GITHUB_OUTPUT: '/no/such/file' })
    expect(code).toBe(0)
    expect(err).toContain('! the summary of the step could not be written: ENOENT')
    expect(err).toContain('! the outputs of the step could not be written: ENOENT')
  })

  it.skipIf(process.platform === 'win32')('a pipe that nobody reads is told of, and not waited for', async () => {
    const { folder, step } = workflow({ 'dist/a.txt': 'a' })
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const { code, err } = await step(SYNC, { GITHUB_STEP_SUMMARY: pipe, GITHUB_OUTPUT: pipe })
    expect(code).toBe(0)
    expect(err).toContain('! the summary of the step could not be written: it is a pipe')
    const own = await step([...SYNC, '--summary', 'pipe'])
    expect([own.code, own.err]).toEqual([6, expect.stringContaining('it is a pipe')])
  })

  it('a page too long for the platform keeps its figures, and says how much of its lists it leaves out', async () => {
    const folders = Array.from({ length: 4 }, () => '&'.repeat(200)).join('/')
    const files = Array.from({ length: 210 }, (_, at) => [`dist/${folders}/${at}.txt`, 'x'] as const)
    const { step, page } = workflow(Object.fromEntries(files))
    expect((await step([...SYNC, '--dry-run'])).code).toBe(0)
    expect(page().trimStart()).toMatch(/^### `lading sync`: what would change in <code>store<\/code>\n/)
    expect(page()).toContain('| to send | 210 files, 210 B (210 new, 0 changed) |')
    expect(page().match(/^\| \+ \|/gm)).toHaveLength(50)
    expect(page()).toContain('<details><summary>210 changes</summary>')
    expect(page()).toContain('\nand 160 more\n')
    expect(Buffer.byteLength(page())).toBeLessThan(512 * 1024)
  })

  it('a failure with too much to list stays a page, up to what is one text', () => {
    const record = createRecord((text) => text)
    const item = '&'.repeat(4000)
    const event = { type: 'warning', message: 'left out', code: 'W_ENCODING_SKIPPED' } as const
    for (let at = 0; at < 40; at++) record.hear({ ...event, items: Array.from({ length: 60 }, () => item) })
    const page = pageOf(record, { command: 'sync', exit: 6 })
    expect(page).toContain('### `lading sync` ended with 6')
    expect(page.match(/and 60 more/g)).toHaveLength(40)
    record.hear({ ...event, message: item.repeat(200), items: [] })
    expect(pageOf(record, { command: 'sync', exit: 6 })).toBe(
      '### `lading sync` ended with 6\n\nToo long to be shown here.\n',
    )
  })
})

describe('--summary', () => {
  it('writes the page into a file anywhere, over an older one, and prints no command', async () => {
    const { folder, step, page } = workflow({ 'dist/a.txt': 'a', 'plan.md': '### `lading plan`: old\n' })
    const { err } = await step(['plan', 'dist', '--to', 'store', '--summary', 'plan.md'], { GITHUB_ACTIONS: undefined })
    expect(readFileSync(join(folder, 'plan.md'), 'utf8')).toMatch(/^### `lading plan`: what would change/)
    expect(page()).toBe('')
    expect(err).not.toContain('::')
  })

  it.each(['dist/a.txt', 'lading.config.json', 'plan.json'])('replaces no file that is no page: %s', async (file) => {
    const files = { 'dist/a.txt': 'a', 'lading.config.json': '{}', 'plan.json': '{}' }
    const { folder, step } = workflow(files)
    const { code, err } = await step([...SYNC, '--summary', file], { GITHUB_ACTIONS: undefined })
    expect([code, err]).toEqual([6, expect.stringContaining('another file has this name, which is no page')])
    expect(readFileSync(join(folder, file), 'utf8')).toBe(files[file as keyof typeof files])
  })

  it('is refused where it would be published with the site, and leaves nothing there', async () => {
    const { folder, step } = workflow({ 'dist/a.txt': 'a' })
    const { code, err } = await step([...SYNC, '--summary', 'dist/page.md'], { GITHUB_ACTIONS: undefined })
    expect([code, err]).toEqual([6, expect.stringContaining('the page would be published with the site')])
    expect(readdirSync(join(folder, 'dist'))).toEqual(['a.txt'])
    expect(existsSync(join(folder, 'store'))).toBe(false)
  })

  it.each([
    [[...SYNC, '--url', '/_a/', '--out', 'public'], 'public/page.md'],
    [['plan', 'dist', '--to', 'store', '--url', '/_a/', '--out', 'public'], 'public/page.md'],
    [['rollback', '--to', 'store', '--out', 'public'], 'public/page.md'],
    [SYNC, 'store/page.md'],
    [['verify', '--to', 'store'], 'store/page.md'],
  ])('is refused where visitors or the store would get it: %j', async (argv, file) => {
    const { folder, step } = workflow({ 'dist/a.txt': 'a' })
    const env = { GITHUB_ACTIONS: undefined }
    await step([...SYNC, '--url', '/_a/', '--out', 'public'], env)
    const { code, err } = await step([...argv, '--summary', file], env)
    expect([code, err]).toEqual([6, expect.stringContaining('the page would be published with the site')])
    expect(existsSync(join(folder, file))).toBe(false)
  })

  it('is refused where the plan is to be saved', async () => {
    const { folder, step } = workflow({ 'dist/a.txt': 'a' })
    const argv = ['plan', 'dist', '--to', 'store', '--save', 'p.json', '--summary', './p.json']
    const { code, err } = await step(argv, { GITHUB_ACTIONS: undefined })
    expect([code, err]).toEqual([2, expect.stringContaining('--save and --summary name the same file')])
    expect(existsSync(join(folder, 'p.json'))).toBe(false)
  })

  it('is a page also where nothing was found', async () => {
    const { folder, step } = workflow({ 'dist/a.txt': 'a' })
    await step(SYNC)
    const env = { GITHUB_ACTIONS: undefined }
    for (const name of ['one.md', 'one.md']) await step(['verify', '--to', 'store', '--summary', name], env)
    expect(readFileSync(join(folder, 'one.md'), 'utf8')).toBe('### `lading verify`: no findings\n')
  })

  it('is refused before anything is sent where it cannot be written', async () => {
    const { folder, step } = workflow({ 'dist/a.txt': 'a' })
    mkdirSync(join(folder, 'page.md'))
    const { code, err } = await step([...SYNC, '--summary', 'page.md'], { GITHUB_ACTIONS: undefined })
    expect(code).toBe(6)
    expect(err).toContain('E_WRITE  the summary cannot be written')
    expect((await step(['releases', '--to', 'store'])).out).not.toContain('r1-')
  })
})

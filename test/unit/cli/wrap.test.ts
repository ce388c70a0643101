import { describe, expect, it } from 'vitest'
import { errorEvent, renderError } from '../../../src/cli/reporters/error.ts'
import { renderWarnings } from '../../../src/cli/reporters/warnings.ts'
import { hanging } from '../../../src/cli/reporters/wrap.ts'
import { runCli } from '../../../src/cli/run.ts'
import { createTerminal, type Terminal } from '../../../src/cli/terminal.ts'
import { LadingError } from '../../../src/index.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

const terminal = (columns: number, env: Record<string, string> = { NO_COLOR: '1' }, isTTY = true): Terminal =>
  createTerminal(createScreen({ isTTY, columns }), { env })

/** Lines as they stand behind seven columns, in a terminal of so many. */
const lines = (text: string, columns: number): string[] =>
  hanging(`  why  ${text}`, 7, terminal(columns)).slice(7).split('\n')

describe('a long text', () => {
  it('goes on below its first word', () => {
    expect(lines('one two three four', 20)).toEqual(['one two', '       three four'])
  })

  it('leaves the last column free: some terminals wrap when it is written', () => {
    expect(lines('one two', 14)).toEqual(['one', '       two'])
    expect(lines('one two', 15)).toEqual(['one two'])
  })

  it('breaks no word, path or address', () => {
    const url = 'https://cdn.example.com/assets/a/logo.png'
    expect(lines(`see ${url} there`, 30)).toEqual(['see', `       ${url}`, '       there'])
  })

  it('keeps the blanks inside a line and drops those at which it breaks', () => {
    expect(lines('a.css  3 kB  new', 30)).toEqual(['a.css  3 kB  new'])
    expect(lines('a.css  3 kB  new', 22)).toEqual(['a.css  3 kB', '       new'])
  })

  it('counts the two columns of a sign of East Asia', () => {
    expect(lines('図書館 図書館', 20)).toEqual(['図書館', '       図書館'])
  })

  it.each([
    ['Build it first: lading sync dist --to st', ['Build it first:', '       lading sync dist --to st']],
    ['Wait, or: npx lading sync dist --to st', ['Wait, or:', '       npx lading sync dist --to st']],
    ['Wait a bit or run `lading sync --repair`.', ['Wait a bit or run', '       `lading sync --repair`.']],
    ['To allow it: { "path": "my own file.txt" }', ['To allow it: { "path":', '       "my own file.txt" }']],
    ['So it goes on; lading releases lists them.', ['So it goes on;', '       lading releases lists them.']],
    ['Run it here with --to FOLDER, or --to s3:', ['Run it here with', '       --to FOLDER, or --to s3:']],
  ])('keeps what is to be copied on one line: %s', (text, expected) => {
    expect(lines(text, 36)).toEqual(expected)
  })

  it('gives a line to copy that is too long a line of its own, whole: a line break would be copied with it', () => {
    const command = 'lading sync dist --to s3://bucket/prefix --url /_a/'
    expect(lines(`Build it first: ${command}`, 36)).toEqual(['Build it first:', `       ${command}`])
    const listed = "lading rollback r1-abc --to 'my store' --exclude a,b --out 'it'\\''s'"
    expect(lines(`Undo: ${listed}`, 36)).toEqual(['Undo:', `       ${listed}`])
  })
})

describe('nothing is wrapped', () => {
  const long = 'one two three four five'
  it.each([
    ['in a pipe', terminal(10, {}, false)],
    ['where nobody knows the width', terminal(0)],
    ['in CI, whose terminal nobody looks at', terminal(10, { CI: 'true' })],
  ])('%s', (_, where) => {
    expect(hanging(long, 7, where)).toBe(long)
  })
})

it('an error fits its terminal', () => {
  const error = new LadingError('E_ROOT_MISSING', 'There is no such folder among those that there are', {
    subject: '/a/very/long/path',
    why: 'Nothing was read and nothing was changed.\nNothing.',
    hint: 'Build the site first: lading sync dist',
    details: ['index.html:1 img[src] img/missing.png is not there', '3 | f(1)                          ^'],
  })
  expect(renderError(errorEvent(error), terminal(32), { isVerbose: false }).split('\n')).toEqual([
    'x E_ROOT_MISSING  There is no',
    '  such folder among those that',
    '  there are',
    '',
    '    index.html:1 img[src]',
    '      img/missing.png is not',
    '      there',
    '    3 | f(1)                          ^',
    '',
    '  on   /a/very/long/path',
    '  why  Nothing was read and',
    '       nothing was changed.',
    '       Nothing.',
    '  fix  Build the site first:',
    '       lading sync dist',
    '  exit 3',
    '',
  ])
})

it('a warning fits its terminal', () => {
  const warning = {
    type: 'warning',
    code: 'W_CLASS_KEPT',
    message: 'files stay at the site and are not moved',
    items: ['f.woff2: it loads from another host only with CORS'],
    fix: 'once it allows that, set `cors: true`',
  } as const
  expect(renderWarnings([warning], terminal(37), { isVerbose: false }).split('\n')).toEqual([
    '1 warning',
    '  ! W_CLASS_KEPT  files stay at the',
    '      site and are not moved',
    '      f.woff2: it loads from another',
    '        host only with CORS',
    '      fix  once it allows that, set',
    '           `cors: true`',
    '',
  ])
})

describe('at 50 columns no line is broken but one to copy', () => {
  const SITE = {
    'site/index.html': '<!doctype html><img src="img/a.png"><link rel=stylesheet href=style.css>',
    'site/style.css': '@font-face{src:url(f.woff2)} a{background:url(img/a.png)}',
    'site/img/a.png': 'a',
    'site/f.woff2': 'f',
  }
  const url = ['--url', 'https://cdn.example.com/']

  it.each([
    ['sync', ['sync', 'site', '--to', 'store', ...url, '--out', 'origin']],
    ['plan', ['plan', 'site', '--to', 'store', ...url, '--out', 'origin']],
    ['rewrite', ['rewrite', 'site', ...url, '--assets', 'cdn', '--out', 'origin']],
    ['explain', ['explain', 'style.css', '--root', 'site', '--to', 'store', ...url, '--out', 'origin']],
    ['doctor', ['doctor', '--to', 'store']],
    ['remove', ['remove', 'a/b.png', '--to', 'store']],
  ])('%s', async (_, argv) => {
    const screen = createScreen({ isTTY: true, columns: 50 })
    await runCli(argv, { stdout: screen, stderr: screen, env: { NO_COLOR: '1' }, cwd: folderWith(SITE) })
    const shown = screen.text.split('\n').map((line) => line.split('\r\x1b[K').at(-1) ?? '')
    expect(shown.length).toBeGreaterThan(1)
    const broken = shown.filter(
      (line) =>
        line.length >= 50 && /\S\s+\S/.test(line) && !/^(?:(?:Next|Undo): lading| +curl -I| +sha256) /.test(line),
    )
    expect(broken).toEqual([])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

async function published(files: Readonly<Record<string, string | Uint8Array>>): Promise<Project> {
  const made = createProject({ files })
  projects.push(made)
  await made.sync()
  return made
}

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))))

/** Every moved address shown as `*`, so that what was not to change can be compared. */
const masked = (page: Buffer): string =>
  page.toString('latin1').replace(/https:\/\/cdn\.example\.com\/a\/[^"')\s>]*/g, '*')

const E = [0xe9]

describe('table B: encodings', () => {
  it.each<[string, Buffer, Buffer]>([
    [
      'by <meta charset>',
      bytes('<meta charset=iso-8859-1>', '<p>caf', E, '<img src="caf', E, '.png">'),
      bytes('<meta charset=iso-8859-1>', '<p>caf', E, '<img src="*">'),
    ],
    [
      'by http-equiv',
      bytes(
        '<meta http-equiv=content-type content="text/html; charset=windows-1252"><p>',
        [0x80],
        '<img src="caf',
        E,
        '.png">',
      ),
      bytes('<meta http-equiv=content-type content="text/html; charset=windows-1252"><p>', [0x80], '<img src="*">'),
    ],
    ['by nothing', bytes('<p>', E, '<img src="caf', E, '.png">'), bytes('<p>', E, '<img src="*">')],
    [
      'percent-encoded in UTF-8, as browsers ask',
      bytes('<p>', E, '<img src="caf%C3%A9.png">'),
      bytes('<p>', E, '<img src="*">'),
    ],
    ['as an entity', bytes('<p>', E, '<img src="caf&eacute;.png">'), bytes('<p>', E, '<img src="*">')],
    [
      'in ASCII with another charset named',
      bytes('<meta charset=iso-8859-1><img src="caf&eacute;.png">'),
      bytes('<meta charset=iso-8859-1><img src="*">'),
    ],
    [
      'with a query in the charset of the page',
      bytes('<p>', E, '<img src="caf', E, '.png?q=', E, '#', E, '">'),
      bytes('<p>', E, '<img src="*">'),
    ],
  ])('B13: a Latin-1 page, %s, finds the files it names and keeps every other byte', async (_how, page, expected) => {
    const site = await published({ 'index.html': page, 'café.png': PNG })
    expect(masked(site.read('out/index.html'))).toBe(expected.toString('latin1'))
    expect(site.warned('W_REF_MISSING')).toEqual([])
    expect(site.warned('W_ENCODING_SKIPPED')).toEqual([])
  })

  it('B13: a query stays in the bytes of the page, which are what browsers send', async () => {
    const site = await published({ 'index.html': bytes('<p>', E, '<img src="x.png?q=', E, '">'), 'x.png': PNG })
    expect(site.read('out/index.html').toString('latin1')).toMatch(/x\.[a-z2-7]{16}\.png\?q=\xe9">$/)
  })

  it.each<[string, readonly number[], string]>([
    ['shift_jis', [0x95, 0x5c], '表'],
    ['gbk', [0xd6, 0xd0], '中'],
    ['big5', [0xa5, 0x5c], '功'],
    ['euc-jp', [0xc9, 0xbd, 0xa4, 0xb3], '表こ'],
    ['euc-kr', [0xc7, 0xd1], '한'],
    ['windows-1251', [0xec, 0xe8, 0xf0], 'мир'],
  ])(
    'B13: pages and sheets in %s find what they name, whatever their trail bytes look like',
    async (label, name, text) => {
      const page = bytes(
        `<meta charset=${label}><link rel=stylesheet href=s.css><p>`,
        name,
        '<img src="',
        name,
        '.png">',
      )
      const css = bytes(`@charset "${label}";\na::after{content:"`, name, '"}b{background:url("', name, '.png")}')
      const site = await published({ 'index.html': page, 's.css': css, [`${text}.png`]: PNG })
      expect(masked(site.read('out/index.html'))).toBe(
        bytes(`<meta charset=${label}><link rel=stylesheet href=*><p>`, name, '<img src="*">').toString('latin1'),
      )
      const keys: string[] = []
      for await (const rows of site.store.list('a/')) keys.push(...rows.map(({ key }) => key))
      const sheet = await site.store.get(keys.find((key) => key.endsWith('.css')) ?? '')
      expect(Buffer.from(sheet?.bytes ?? '').toString('latin1')).toMatch(/url\("%[0-9A-F%]+\.[a-z2-7]{16}\.png"\)\}$/)
      expect(Buffer.from(sheet?.bytes ?? '').includes(bytes('content:"', name, '"'))).toBe(true)
      expect(site.warned('W_REF_MISSING')).toEqual([])
    },
  )

  it.each([
    ['UTF-8', Buffer.from('<p>é<img src="café.png">')],
    ['UTF-8 with a BOM', Buffer.from('\ufeff<p>é<img src="café.png">')],
  ])('B13: a page in %s keeps it', async (_what, page) => {
    const site = await published({ 'index.html': page, 'café.png': PNG })
    const out = site.read('out/index.html').toString('utf8')
    expect(out.replace(/https:[^"]*/, 'café.png')).toBe(page.toString('utf8'))
    expect(out).toContain('https://cdn.example.com/a/caf%C3%A9.')
  })

  const TEXT = '<!doctype html><img src="x.png">'
  const little = Buffer.from(TEXT, 'utf16le')
  const big = Buffer.from(little).swap16()

  it.each<[string, Buffer]>([
    ['UTF-16 with a BOM', bytes([0xff, 0xfe], [...little])],
    ['UTF-16, big end first, with a BOM', bytes([0xfe, 0xff], [...big])],
    ['UTF-16 without a BOM', little],
    ['UTF-16, big end first, without a BOM', big],
    ['ISO-2022-JP', Buffer.from('<meta charset=iso-2022-jp><p>\x1b$B$3$s\x1b(B<img src="x.png">')],
    ['ISO-2022-JP that says nothing', Buffer.from('<p>\x1b$B$3$s\x1b(B<img src="x.png">')],
  ])('B13: a page in %s is left as it is, and said to be', async (_what, page) => {
    const site = await published({ 'index.html': page, 'x.png': PNG })
    expect(site.warned('W_ENCODING_SKIPPED')).toEqual(['index.html'])
    expect(site.read('out/index.html')).toEqual(page)
  })

  it('B13: a sheet in UTF-16 stays at the site, and no header says that it is UTF-8', async () => {
    const css = Buffer.from('@charset "utf-16";a{background:url(x.png)}', 'utf16le')
    const site = createProject({
      files: { 'index.html': '<link rel=stylesheet href=s.css>', 's.css': css, 'x.png': PNG },
      config: { host: true },
    })
    projects.push(site)
    await site.sync()
    expect(site.warned('W_ENCODING_SKIPPED')).toEqual(['s.css'])
    const stored = await site.store.get('s.css')
    expect(Buffer.from(stored?.bytes ?? '')).toEqual(css)
    expect(stored?.headers['content-type']).toBe('text/css')
  })
})

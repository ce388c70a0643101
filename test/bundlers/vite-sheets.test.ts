import type { Plugin } from 'vite'
import { describe, expect, it } from 'vitest'
import { buildVite, project, textOf } from './builds.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'
const known = { url: CDN, cors: true, rewrite: 'always', site: 'https://www.example.com' } as const

describe.each(VITES)('lading/vite in $name, where the site is known,', ({ vite }) => {
  it('leaves the styles of a page and of a script as they are, which never move', async () => {
    const css = (name: string): string => `p { background: url(/shared/${name}.png) }`
    const root = project({
      'index.html': `<style>${css('tag')}</style><p style="background: url(/shared/attribute.png)">x</p>
        <script type="module" src="/main.js"></script>`,
      'main.js': `import inline from './inline.css?inline'
        import raw from './raw.css?raw'
        import address from './address.css?url'
        document.title = inline + raw + address`,
      'inline.css': css('inline'),
      'raw.css': css('raw'),
      'address.css': css('address'),
    })
    const { outDir } = await buildVite({ vite, root, options: known })
    const page = textOf(outDir, /^index\.html$/)
    expect(page).toMatch(/url\("?\/shared\/tag\.png"?\)/)
    expect(page).toMatch(/url\((?:&quot;)?\/shared\/attribute\.png(?:&quot;)?\)/)
    const script = textOf(outDir, /\.js$/)
    expect(script).toMatch(/url\((?:\\?")?\/shared\/inline\.png(?:\\?")?\)/)
    expect(script).toContain('url(/shared/raw.png)')
    expect(textOf(outDir, /address-[^/]+\.css$/)).toContain('https://www.example.com/shared/address.png')
  })

  describe('says of addresses in a sheet that Vite does not process to write them in full, or to keep the sheet:', () => {
    const sheet = 'p { background: url(/shared/a.png), url(/logo.png), url(/shared/a,b.png) }'
    const files = { 'index.html': '<script type="module" src="/main.js"></script>', 'public/logo.png': 'x' }
    const byUrl = "document.title = new URL('./theme.css', import.meta.url).href"
    const plain = 'document.title = "x"'
    const emitter: Plugin = {
      name: 'emitter',
      generateBundle() {
        this.emitFile({ type: 'asset', name: 'theme.css', source: sheet })
      },
    }
    const appender: Plugin = {
      name: 'appender',
      generateBundle(_output, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type === 'asset' && file.fileName.endsWith('.css')) file.source += sheet
        }
      },
    }

    const late: Plugin = {
      name: 'late',
      transform: (css, id) => (id.endsWith('main.css') ? { code: css + sheet, map: null } : undefined),
    }

    it.each([
      ['named by new URL()', byUrl, undefined],
      ['emitted by a plugin', plain, emitter],
      ['added to by a plugin', "import './main.css'", appender],
      ['added to by a plugin that stands behind lading()', "import './main.css'", late],
    ])('%s', async (_what, main, plugin) => {
      const root = project({ ...files, 'main.js': main, 'theme.css': sheet, 'main.css': 'p { color: red }' })
      const config = { plugins: plugin === undefined ? [] : [plugin] }
      const failing = buildVite({ vite, root, options: known, config })
      await expect(failing).rejects.toMatchObject({
        message: expect.stringMatching(
          /addresses that Vite did not process \(assets\/\w+-[^/]+\.css\)\n[\s\S]*\/shared\/a\.png[\s\S]*Fix: Write them in full, as https:\/\/www\.example\.com\/shared\/a\.png, or leave the sheet at the site: keep: \['assets\/\w+-\*\.css'\]/,
        ),
      })
      const keep = ['assets/*-*.css']
      const kept = await buildVite({ vite, root, options: { ...known, keep }, config })
      expect(textOf(kept.outDir, /\.css$/)).toContain('/shared/a.png')
    })

    it('and takes them in full', async () => {
      const full = sheet.replaceAll('(/', '(https://www.example.com/')
      const root = project({ ...files, 'main.js': byUrl, 'theme.css': full })
      const { outDir } = await buildVite({ vite, root, options: known })
      expect(textOf(outDir, /theme-[^/]+\.css$/)).toBe(full)
    })
  })
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { channels, resolveHistory } from '../../src/index.ts'
import { buildVite, keyOf, project, recordOf, tempFolder, textOf } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'

const CDN = 'https://cdn.example.com/x/'

const files = (title: string): Record<string, string> => ({
  'index.html': '<script type="module" src="/main.js"></script><img src="/img/a.png"><img src="/img/b.png">',
  'main.js': `document.title = '${title}'`,
  'public/img/a.png': 'the first picture',
  'public/img/b.png': 'the second picture',
})

describe('an option of the plugin, through a build with an upload', () => {
  it('include: only what it names is sent and named, and a sync with the same sends nothing more', async () => {
    const folder = tempFolder()
    const select = { url: CDN, cors: true, include: ['assets/**', '*.html', 'img/a.png'] }
    const options = { ...select, to: join(folder, 'store'), upload: true }
    const { outDir } = await buildVite({ root: project(files('one')), folder, options })
    const record = recordOf(outDir)
    const keys = await keysIn(join(folder, 'store'))
    expect(keys).toEqual(record.files.map(([, key]) => key).sort())
    expect(keys).toEqual([expect.stringMatching(/^a\/assets\/index-/), expect.stringMatching(/^a\/img\/a\./)])
    const page = textOf(outDir, /^index\.html$/)
    expect(page).toContain(`<img src="${CDN}${keyOf(record, 'img/a.png')}"><img src="/img/b.png">`)
    const { summary } = await syncBuild(folder, { ...select, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, added: 0 })
  })

  it('channel: those that share a store share their assets, and each has a release of its own', async () => {
    const folder = tempFolder()
    const to = join(folder, 'store')
    const publish = async (channel: string, title: string) => {
      const options = { url: CDN, cors: true, to, upload: true, channel }
      const { log } = await buildVite({ root: project(files(title)), folder, options })
      const { summary } = await syncBuild(folder, { url: CDN, cors: true, inPlace: true, channel })
      return { sent: /(\d+) assets? sent/.exec(log.at(-1) ?? '')?.[1], summary }
    }
    expect(await publish('main', 'one')).toMatchObject({ sent: '3', summary: { added: 0, published: true } })
    expect(await publish('next', 'two')).toMatchObject({ sent: '1', summary: { added: 0, published: true } })
    expect(await publish('main', 'one')).toMatchObject({ sent: '0', summary: { added: 0, expired: 0 } })
    const live = await channels(resolveHistory({ to }, { cwd: folder, env: {} }), { env: {} })
    expect(live.map(({ name }) => name).sort()).toEqual(['main', 'next'])
    expect((await keysIn(to)).filter((key) => key.startsWith('a/'))).toHaveLength(4)
  })

  it('wins over the config file of the project, whose other options count', async () => {
    const folder = tempFolder()
    const root = project(files('one'))
    const file = { url: 'https://file.example/', cors: true, to: 'never', headers: [{ match: '*', cacheControl: 'x' }] }
    writeFileSync(join(root, 'lading.config.json'), JSON.stringify(file))
    const options = { url: CDN, to: join(folder, 'store'), upload: true, exclude: ['img/b.png'] }
    const { outDir } = await buildVite({ root, folder, options })
    expect(recordOf(outDir)).toMatchObject({ url: CDN, cors: true })
    expect(await keysIn(join(root, 'never'))).toEqual([])
    const keys = await keysIn(join(folder, 'store'))
    expect(keys).toEqual([expect.stringMatching(/^a\/assets\//), expect.stringMatching(/^a\/img\/a\./)])
  })
})

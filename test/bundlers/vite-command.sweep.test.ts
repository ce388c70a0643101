import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../rig/eventually.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'
import { filesIn, keyOf, recordOf, tempFolder, textOf } from './builds.ts'
import { keysIn } from './publishing.ts'
import { commandProject, startVite, type ViteCommand } from './vite-command.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'
const SITE = {
  'index.html': '<link rel="icon" href="/icon.png"><script type="module" src="/main.js"></script>',
  'main.js':
    "import './main.css'\nimport icon from '/icon.png'\nnew Worker(new URL('./tide.js', import.meta.url))\ndocument.title = icon",
  'main.css': 'p { background: url(/icon.png) }',
  'tide.js': 'postMessage(1)',
  'server.js': "import icon from '/icon.png'\nexport const html = icon",
  'public/icon.png': 'icon',
}
const APP = `builder: {}, build: { assetsInlineLimit: 0 }, environments: {
  ssr: { consumer: 'server', build: { outDir: 'server', rollupOptions: { input: './server.js' } } },
}`

describe.each(VITES)('the command of $name', ({ name, vite: { version } }) => {
  it('builds an app whose config file is read for every environment', async () => {
    const store = join(tempFolder(), 'store')
    const options = { url: CDN, cors: true, to: store, upload: true, cacheDir: 'cache' }
    const folder = commandProject(SITE, { name, options, more: APP })
    const { code, output } = await startVite(folder).ended
    expect(output).toContain('assets sent')
    expect(code).toBe(0)
    const record = recordOf(join(folder, 'dist'))
    expect(record.bundler).toBe(`vite ${version}`)
    expect(await keysIn(store)).toEqual(record.sent)
    const icon = CDN + keyOf(record, 'icon.png')
    for (const file of [/^index\.html$/, /index-[^/]*\.js$/, /\.css$/]) {
      expect(textOf(join(folder, 'dist'), file)).toContain(icon)
    }
    expect(textOf(join(folder, 'server'), /server\.m?js$/)).toContain(icon)
    expect(record.origin).toEqual([expect.stringMatching(/^assets\/tide-/)])
  })
})

describe.each(VITES)('an upload of $name', ({ name }) => {
  const running = new Set<ViteCommand>()
  let s3: StrictS3
  beforeEach(async () => {
    s3 = await startStrictS3({ bucket: 'site' })
  })
  afterEach(async () => {
    for (const { child } of running) child.kill('SIGKILL')
    running.clear()
    await s3.close()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('ends with the build at %s, and the next run goes on', async (signal) => {
    const to = `s3://site/p?endpoint=${s3.endpoint}&region=us-east-1`
    const folder = commandProject(SITE, {
      name,
      options: { url: CDN, cors: true, to, upload: true, cacheDir: 'cache' },
    })
    const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
    const start = (): ViteCommand => {
      const command = startVite(folder, env)
      running.add(command)
      return command
    }
    const hold = s3.holdAt(({ op, key }) => op === 'PutObject' && key.endsWith('.css'))
    const stopped = start()
    const held = await Promise.race([hold.reached, stopped.ended])
    expect(held).toHaveProperty('op')
    // The script and the icon are on their way as well: they are no answer to the signal.
    await eventually(() => expect(s3.requests.filter(({ op }) => op === 'PutObject')).toHaveLength(2))
    const before = s3.requests.length
    stopped.child.kill(signal)
    expect(await stopped.ended).toMatchObject({ code: null, signal })
    hold.release()
    expect(s3.requests.length - before).toBeLessThanOrEqual(1)

    const next = await start().ended
    expect(next.output).toMatch(/assets? sent/)
    expect(next.code).toBe(0)
    const record = recordOf(join(folder, 'dist'))
    expect([...s3.objects().keys()].sort()).toEqual(record.sent.map((key) => `p/${key}`))
    expect(s3.violations).toEqual([])
    expect(filesIn(join(folder, 'dist'))).toContain('index.html')
  })
})

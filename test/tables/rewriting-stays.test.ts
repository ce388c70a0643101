import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

/** Table H: what stays at the site, and what is said. */

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

type Files = Readonly<Record<string, string | Uint8Array>>

function project(files: Files, config: LadingConfig = {}): Project {
  const site = createProject({ files, config })
  projects.push(site)
  return site
}

const COPY = /(?:https:\/\/cdn\.example\.com|\/_a)\/a\/([\w./-]+?)\.[a-z2-7]{16}(?=\.)/g

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Each moved address taken back to the file's own path: what is left is what was not edited. */
const takenBack = (bytes: Uint8Array): string => text(bytes).replace(COPY, '$1')

const integrity = (algorithm: 'sha256' | 'sha384', bytes: string | Uint8Array): string =>
  `${algorithm}-${hash(algorithm, bytes, 'base64')}`

async function storedLike(site: Project, like: RegExp): Promise<Uint8Array> {
  for await (const keys of site.store.list('a/')) {
    for (const { key } of keys) if (like.test(key)) return (await site.store.get(key))?.bytes ?? new Uint8Array()
  }
  throw new Error(`nothing stored is like ${like}`)
}

async function listed(site: Project): Promise<string[]> {
  const keys: string[] = []
  for await (const rows of site.store.list('a/')) keys.push(...rows.map(({ key }) => key))
  return keys
}

describe('integrity', () => {
  const files = {
    'plain.css': 'b{color:red}',
    'site.css': 'b{background:url(x.png)}',
    'x.png': 'x',
  }
  const tag = (path: keyof typeof files): string =>
    `<link rel=stylesheet href=${path} integrity="${integrity('sha384', files[path])}">`

  it('H11: is kept where the bytes are, computed anew where we changed them, and crossorigin is added', async () => {
    const site = project({ ...files, 'index.html': tag('plain.css') + tag('site.css') }, { cors: true })
    await site.sync()
    const changed = await storedLike(site, /site\./)
    expect(text(changed)).not.toBe(files['site.css'])
    const [kept, computed] = [integrity('sha384', files['plain.css']), integrity('sha256', changed)]
    expect(takenBack(site.read('out/index.html'))).toBe(
      `<link rel=stylesheet href=plain.css integrity="${kept}" crossorigin>` +
        `<link rel=stylesheet href=site.css integrity="${computed}" crossorigin>`,
    )
  })

  it('H11: without CORS is left alone, and so is the file it speaks of', async () => {
    const site = project({ ...files, 'index.html': tag('plain.css') })
    await site.sync()
    expect(text(site.read('out/index.html'))).toBe(tag('plain.css'))
  })
})

describe('what works only at its own path', () => {
  const stay = {
    'sw.js': 'self.addEventListener("fetch", () => {})',
    'robots.txt': 'Sitemap: /sitemap.xml',
    'ads.txt': 'x.example, 1, DIRECT',
    'sitemap.xml': '<urlset><url><loc>https://site.example/icon.png</loc></url></urlset>',
  }
  const manifest = '{"start_url":"/icon.png", "scope":"/","icons":[{"src" : "icon.png","sizes":"1x1"}]}'

  const addresses: LadingConfig[] = [{}, { cors: true }, { url: '/_a/', out: 'out' }]

  it.each(addresses)('H12: stays there, whatever the address: %o', async (config) => {
    const page = '<link rel=manifest href=app.webmanifest><script>navigator.serviceWorker.register("/sw.js")</script>'
    const files = {
      ...stay,
      'app.webmanifest': manifest,
      'icon.png': 'icon',
      'favicon.ico': 'ico',
      'index.html': page,
    }
    const site = project(files, config)
    await site.sync()
    for (const [path, content] of Object.entries(stay)) expect(text(site.read(`out/${path}`))).toBe(content)
    expect(text(site.read('out/index.html'))).toBe(page)
    expect(text(site.read('out/favicon.ico'))).toBe('ico')
    const icons = text(site.read('out/app.webmanifest'))
    expect(icons).toMatch(
      /^\{"start_url":"\/icon\.png", "scope":"\/","icons":\[\{"src" : "(?:https:|\/_a).*","sizes":"1x1"\}\]\}$/,
    )
    expect(takenBack(site.read('out/app.webmanifest'))).toBe(manifest)
  })
})

describe('workers', () => {
  const files = {
    'index.html': '<script type=module src=js/main.js></script><script src=js/classic.js></script>',
    'js/main.js': 'new Worker(new URL("./work.js", import.meta.url), { type: "module" })',
    'js/classic.js': 'new Worker("/js/work.js")',
    'js/work.js': 'postMessage(1)',
  }

  it.each([false, true])(
    'H13: are started from the site itself, by scripts that stay there (CORS: %s)',
    async (cors) => {
      const site = project(files, { cors })
      await site.sync()
      for (const [path, content] of Object.entries(files)) expect(text(site.read(`out/${path}`))).toBe(content)
      expect(site.warned('W_CLASS_KEPT')).toEqual(
        expect.arrayContaining([
          'js/main.js: it starts workers, which must come from the site itself',
          'js/classic.js: it starts workers, which must come from the site itself',
        ]),
      )
    },
  )

  it('H13: move on a path of the site, under the name that the script asks for', async () => {
    const site = project(files, { url: '/_a/' })
    await site.sync()
    const script = text(await storedLike(site, /main\./))
    const [, name] = /"\.\/(work\.[a-z2-7]{16}\.js)"/.exec(script) ?? []
    expect(text((await site.store.get(`a/js/${name}`))?.bytes ?? new Uint8Array())).toBe('postMessage(1)')
    expect(text(await storedLike(site, /classic\./))).toBe(files['js/classic.js'])
  })
})

describe('a reference to what does not exist', () => {
  const files = {
    'index.html': '<p>\n<img src=gone.png>\n\n<img srcset="x.png, gone/2x.png 2x">',
    'site.css': 'a{}\nb{background:url(gone.png)}',
    'x.png': 'x',
  }
  const places = [
    'index.html:2 img[src] gone.png',
    'index.html:4 img[srcset] gone/2x.png',
    'site.css:2 background gone.png',
  ]

  it('H17: is said with file and line, and left as it is', async () => {
    const site = project(files, { site: 'https://site.example/' })
    await site.sync()
    expect([...site.warned('W_REF_MISSING')].sort()).toEqual(places)
    expect(takenBack(site.read('out/index.html'))).toBe(files['index.html'])
  })

  it('H17: stops a strict run with exit code 3, before anything is written', async () => {
    const site = project(files, { strict: true, site: 'https://site.example/' })
    const details = expect.arrayContaining(places.map((place) => `  ${place}`))
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_STRICT', exitCode: 3, details })
    expect(await listed(site)).toEqual([])
  })
})

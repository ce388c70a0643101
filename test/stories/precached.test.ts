import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const PAGE = '<!doctype html><title>é</title><img src="/a.png">'
const OTHER = '<!doctype html><p>names nothing</p>'
const md5 = (bytes: string | Uint8Array): string => hash('md5', bytes)
const sha1 = (bytes: string | Uint8Array): string => hash('sha1', bytes)

/** A list as Workbox writes it. */
const worker = (page: string | Uint8Array): string =>
  `/* é */ precache([{url:"index.html",revision:"${md5(page)}"},{url:"other.html",revision:"${md5(OTHER)}"},` +
  `{url:"a.png",revision:"${md5('first')}"}])`

/** A list as Angular's worker reads it. */
const angular = (page: string | Uint8Array): string =>
  JSON.stringify({ hashTable: { '/index.html': sha1(page), '/a.png': sha1('first') } }, undefined, 2)

function project(config: LadingConfig = {}): Project {
  const files = {
    'index.html': PAGE,
    'other.html': OTHER,
    'a.png': 'first',
    'sw.js': worker(PAGE),
    'ngsw.json': angular(PAGE),
  }
  const made = createProject({ files, config })
  projects.push(made)
  return made
}

const text = (site: Project, path: string): string => Buffer.from(site.read(path)).toString()

it('a service worker may name what lies in the store by the name as it is, encoded or not', async () => {
  const files = {
    'index.html': '<p>page',
    'a/[caf\u00e9] (1).html': '<p>own',
    'sw.js': `precache(["https://www.example.com/a/[caf\u00e9]%20(1).html","https://www.example.com/a/gone.js"])`,
  }
  const site = createProject({ files, config: { url: 'https://www.example.com/', host: true } })
  projects.push(site)
  await site.plan()
  expect(site.warned('W_PRECACHED')).toEqual(['sw.js: https://www.example.com/a/gone.js'])
})

describe('a service worker that lists pages by digests of their bytes', () => {
  it('lists those of the pages as they go out', async () => {
    const site = project()
    await site.sync()
    const page = site.read('out/index.html')
    expect(text(site, 'out/index.html')).toContain('https://')
    expect(text(site, 'out/sw.js')).toBe(worker(page))
    expect(text(site, 'out/ngsw.json')).toBe(angular(page))
    expect(await site.sync()).toMatchObject({ added: 0, changed: 0 })
  })

  it('has another one when only an image has changed, so that visitors who have the worker get the new page', async () => {
    const site = project()
    await site.sync()
    const before = text(site, 'out/sw.js')
    site.write('site/a.png', 'other')
    await site.sync()
    expect(text(site, 'out/sw.js')).not.toBe(before)
    expect(text(site, 'out/sw.js')).toBe(worker(site.read('out/index.html')))
  })

  it('follows pages that are rewritten in place, again and again', async () => {
    const site = project({ inPlace: true, out: undefined })
    await site.sync()
    expect(text(site, 'site/sw.js')).toBe(worker(site.read('site/index.html')))
    site.write('site/a.png', 'other')
    await site.sync()
    expect(text(site, 'site/sw.js')).toBe(worker(site.read('site/index.html')))
    expect(text(site, 'site/ngsw.json')).toBe(angular(site.read('site/index.html')))
  })

  it('is left as it is where `keep` names it', async () => {
    const site = project({ keep: ['sw.js'] })
    await site.sync()
    expect(text(site, 'out/sw.js')).toBe(worker(PAGE))
  })
})

describe('a service worker that lists scripts and style sheets', () => {
  const files = {
    'index.html': '<link rel="stylesheet" href="/app/main.css"><script type="module" src="/app/main.js"></script>',
    'app/main.js': 'document.title = 1',
    'app/main.css': 'p { color: red }',
    'app/sw.js':
      'importScripts("main.js"); precache([{url:"main.css",revision:null},{"url":"/app/main.js"},{url:"no.js"}])',
    'ngsw.json': JSON.stringify({ hashTable: { '/app/main.css': sha1('x'), '/index.html': sha1('y') } }),
  }
  const listing = (config: LadingConfig): Project => {
    const site = createProject({ files, config })
    projects.push(site)
    return site
  }

  it('is warned of, for offline it has them under names that no page asks for', async () => {
    const site = listing({ cors: true })
    await site.sync()
    expect(site.warned('W_PRECACHED')).toEqual([
      'app/sw.js: main.css',
      'app/sw.js: /app/main.js',
      'ngsw.json: /app/main.css',
    ])
  })

  it('is not where they stay', async () => {
    const site = listing({ cors: false })
    await site.sync()
    expect(site.warned('W_PRECACHED')).toEqual([])
  })
})

describe('a service worker that lists files by their addresses in the store', () => {
  const listing = async (listed: (page: string) => string): Promise<Project> => {
    const files = { 'index.html': '<link rel="stylesheet" href="/main.css">', 'main.css': 'p {}', 'tide.js': '' }
    const site = createProject({ files, config: { cors: true, keep: ['tide.js'] } })
    projects.push(site)
    await site.sync()
    site.write('site/sw.js', `precache([{url:"${listed(text(site, 'out/index.html'))}",revision:null}])`)
    await site.sync()
    return site
  }

  it('is warned of one that is not there, for with that in its list no browser installs it', async () => {
    const site = await listing(() => 'https://cdn.example.com/a/tide.js')
    expect(site.warned('W_PRECACHED')).toEqual(['sw.js: https://cdn.example.com/a/tide.js'])
    expect(site.events).toContainEqual(
      expect.objectContaining({ code: 'W_PRECACHED', message: expect.stringContaining('not there') }),
    )
  })

  it('is not warned of those that are', async () => {
    const site = await listing((page) => /https:[^"]+\.css/.exec(page)?.[0] ?? 'no address')
    expect(text(site, 'site/sw.js')).toContain('https://cdn.example.com/')
    expect(site.warned('W_PRECACHED')).toEqual([])
  })
})

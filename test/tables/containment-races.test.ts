import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LadingEvent } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { failure, guarded, keys } from '../rig/guarded.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const PAGE = { 'index.html': '<p>hello' }
const SECRET = 'what nobody may read'

/** What somebody puts in the place of `a.txt` (or of its folder) while the site is being deployed. */
const SWAPS: readonly (readonly [what: string, swap: (site: Project) => void])[] = [
  ['a link to a file outside', (site) => replaced(site, () => symlinkSync('../secret.txt', site.path('site/d/a.txt')))],
  [
    'a link to another file of the site',
    (site) => replaced(site, () => symlinkSync('b.txt', site.path('site/d/a.txt'))),
  ],
  ['a pipe', (site) => replaced(site, () => execFileSync('mkfifo', [site.path('site/d/a.txt')]))],
  ['a folder', (site) => replaced(site, () => mkdirSync(site.path('site/d/a.txt')))],
  ['nothing', (site) => replaced(site, () => {})],
  [
    'a link to a folder outside',
    (site) => {
      renameSync(site.path('site/d'), site.path('moved'))
      symlinkSync('../outside', site.path('site/d'))
    },
  ],
]

function replaced(site: Project, put: () => void): void {
  rmSync(site.path('site/d/a.txt'))
  put()
}

/** A site whose file `d/a.txt` is swapped when the run says that it has come so far. */
function swapped(swap: (site: Project) => void, phase: 'scan' | 'plan'): Project {
  const store = createMemoryStore()
  let done = false
  const emit = (event: LadingEvent): void => {
    if (done || event.type !== 'phase' || event.phase !== phase) return
    done = true
    swap(site)
  }
  const site: Project = createProject({
    files: { ...PAGE, 'd/a.txt': 'x'.repeat(SECRET.length), 'd/b.txt': SECRET },
    config: MIRROR,
    store,
    run: { emit },
  })
  site.write('secret.txt', SECRET)
  site.write('outside/a.txt', SECRET)
  return site
}

describe.each(['scan', 'plan'] as const)('table D: a file swapped right after the %s', (phase) => {
  it.each(SWAPS)('D07: for %s is not published, and nothing waits for it', async (_what, swap) => {
    const site = swapped(swap, phase)
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_SOURCE_CHANGED', exitCode: 6 })
    expect(JSON.stringify([error, error.message, error.details])).not.toContain(SECRET)
    expect(await site.store.head('d/a.txt')).toBeUndefined()
    site.remove()
  })
})

it('D07: a file that another one of the same size replaces between plan and send is not published', async () => {
  const site = swapped((found) => replaced(found, () => found.write('site/d/a.txt', SECRET)), 'plan')
  expect(await failure(site.sync())).toMatchObject({ code: 'E_SOURCE_CHANGED', exitCode: 6 })
  expect(await site.store.head('d/a.txt')).toBeUndefined()
  site.remove()
})

describe('table D: what is no file', () => {
  it('D08: a socket is skipped', async () => {
    const site = guarded({})
    const server = createServer().listen(site.path('site/s'))
    await new Promise((resolve) => server.once('listening', resolve))
    await site.sync()
    server.close()
    expect(site.warned('W_SPECIAL_FILE')).toEqual(['s'])
    expect(await keys(site)).toEqual(['index.html'])
  })

  it.runIf(process.geteuid?.() === 0)('D08: a device is skipped', async () => {
    const site = guarded({})
    execFileSync('mknod', [site.path('site/zero'), 'c', '1', '5'])
    await site.sync()
    expect(site.warned('W_SPECIAL_FILE')).toEqual(['zero'])
  })

  it('D08: a link to a pipe is skipped, a link to a device leads out', async () => {
    const site = guarded({})
    execFileSync('mkfifo', [site.path('site/pipe')])
    symlinkSync('pipe', site.path('site/a.txt'))
    await site.sync()
    expect([...site.warned('W_SPECIAL_FILE')].sort()).toEqual(['a.txt', 'pipe'])
    symlinkSync('/dev/zero', site.path('site/b.txt'))
    expect(await failure(site.sync())).toMatchObject({
      code: 'E_SYMLINK_ESCAPE',
      details: ['b.txt -> ../../../dev/zero'],
    })
  })

  it('D08: a pipe with the name of a secret keeps nobody waiting', async () => {
    const site = guarded({})
    execFileSync('mkfifo', [site.path('site/.env')])
    await site.sync()
    expect(await keys(site)).toEqual(['index.html'])
  })

  it.each(['.ladingignore', '.lading/build.json'])('D08: a pipe called %s stops the run', async (name) => {
    const site = guarded({ [`${name}.x`]: '' })
    rmSync(site.path(`site/${name}.x`))
    execFileSync('mkfifo', [site.path(`site/${name}`)])
    expect(await failure(site.sync())).toMatchObject({ code: 'E_UNREADABLE', exitCode: 6, details: [name] })
  })

  it('a build record is never read through a link', async () => {
    const site = guarded({})
    mkdirSync(site.path('site/.lading'))
    symlinkSync('/etc/passwd', site.path('site/.lading/build.json'))
    expect(await failure(site.sync())).toMatchObject({ code: 'E_UNREADABLE', details: ['.lading/build.json'] })
  })
})

describe('table D: the folder itself', () => {
  it('D11: a folder that the home folder lies in is refused', async () => {
    const site = guarded({})
    const above = dirname(homedir())
    expect(existsSync(above)).toBe(true)
    expect(await failure(Promise.resolve().then(() => site.sync({ root: above })))).toMatchObject({
      code: 'E_ROOT_DANGEROUS',
      exitCode: 3,
    })
  })

  it('D11: a root whose way is barred is unreadable, not missing', async () => {
    const site = guarded({})
    site.write('barred/site/index.html', 'x')
    chmodSync(site.dir, 0o755)
    chmodSync(site.path('barred'), 0)
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(65534)
    const error = await failure(Promise.resolve().then(() => site.sync({ root: 'barred/site' })))
    if (isRoot) process.seteuid?.(0)
    chmodSync(site.path('barred'), 0o755)
    expect(error).toMatchObject({ code: 'E_UNREADABLE', exitCode: 6 })
  })

  it('D10: a root below a link is resolved, and what lies outside of it stays outside', async () => {
    const site = guarded({ 'a.txt': 'x' })
    symlinkSync('.', site.path('here'))
    writeFileSync(site.path('secret.txt'), SECRET)
    await site.sync({ root: 'here/site' })
    expect(await keys(site)).toEqual(['a.txt', 'index.html'])
    symlinkSync('../secret.txt', site.path('site/b.txt'))
    expect(await failure(site.sync({ root: 'here/site' }))).toMatchObject({ code: 'E_SYMLINK_ESCAPE' })
  })
})

it('a style sheet that imports a file of the machine makes nobody read it', async () => {
  const sheet = '@import url(file:///etc/passwd); @import "../../secret.css"; a { background: url(/etc/hosts) }'
  const site = guarded({ 'index.html': '<link rel="stylesheet" href="a.css">', 'a.css': sheet })
  site.write('secret.css', SECRET)
  await site.sync({ url: 'https://cdn.example.com/', out: 'out' })
  expect(site.read('out/a.css').toString()).toBe(sheet)
  const stored = await Promise.all((await keys(site)).map((key) => site.store.head(key)))
  expect(stored.map((object) => object?.size)).not.toContain(SECRET.length)
  expect(JSON.stringify(site.events)).not.toMatch(/root:|what nobody may read/)
})

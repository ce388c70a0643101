import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { LadingError } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(options: Parameters<typeof createProject>[0] = {}): Project {
  const made = createProject({ config: MIRROR, ...options })
  projects.push(made)
  return made
}

async function failure(work: Promise<unknown> | (() => Promise<unknown>)): Promise<LadingError> {
  const error = await Promise.resolve()
    .then(() => (typeof work === 'function' ? work() : work))
    .then(
      () => undefined,
      (reason: unknown) => reason,
    )
  if (error instanceof LadingError) return error
  throw new Error(`expected a LadingError, got ${String(error)}`)
}

async function keys(site: Project): Promise<string[]> {
  const found: string[] = []
  for await (const page of site.store.list(''))
    for (const { key } of page) if (!key.startsWith('.lading/')) found.push(key)
  return found
}

const PAGE = { 'index.html': '<p>hello</p>' }

/** The user id of nobody: nothing keeps the super-user from reading a file, so for once we are not it. */
const NOBODY = 65534

async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('a cache inside the site', () => {
  it('is none of it: nothing of it is published, and an unchanged site stays unchanged', async () => {
    const site = project({ files: PAGE, config: { ...MIRROR, cacheDir: 'site/tmp/cache' } })
    await site.sync()
    expect(await site.sync()).toMatchObject({ added: 0, changed: 0 })
    site.write('site/index.html', '<p>hello again</p>')
    symlinkSync('tmp/cache', site.path('site/linked'))
    await site.sync()
    expect(await keys(site)).toEqual(['index.html'])
  })

  it('is not copied to --out either', async () => {
    const site = project({ files: PAGE, config: { ...MIRROR, url: '/_a/', out: 'out', cacheDir: 'site/cache' } })
    await site.sync()
    site.write('site/index.html', '<p>hello again</p>')
    await site.sync()
    expect(readdirSync(site.path('out')).sort()).toEqual(['.lading', 'index.html'])
  })

  it('that is the site itself is refused', async () => {
    const site = project({ files: PAGE, config: { ...MIRROR, cacheDir: 'site' } })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_ROOT_DANGEROUS', exitCode: 3 })
  })
})

describe('table D: only your folder is read', () => {
  it('D01: a link to a file inside is that file', async () => {
    const site = project({ files: { ...PAGE, 'a.txt': 'x' } })
    symlinkSync('a.txt', site.path('site/b.txt'))
    await site.sync()
    expect(await keys(site)).toEqual(['a.txt', 'b.txt', 'index.html'])
  })

  it.each([
    ['D02', '/etc/passwd'],
    ['D02', '../.env'],
    ['D03', '/etc'],
  ])('%s: a link to %s is refused, naming both ends', async (_row, target) => {
    const site = project({ files: PAGE })
    writeFileSync(site.path('.env'), 'SECRET=1')
    symlinkSync(target, site.path('site/link'))
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_SYMLINK_ESCAPE', exitCode: 3 })
    expect(error.details.join()).toMatch(/^link -> /)
    expect(await keys(site)).toEqual([])
  })

  it('D04: a chain of links that leaves at its last hop is refused', async () => {
    const site = project({ files: PAGE })
    symlinkSync('/etc/passwd', site.path('site/c'))
    symlinkSync('c', site.path('site/b'))
    symlinkSync('b', site.path('site/a'))
    expect((await failure(site.sync())).details).toHaveLength(3)
  })

  it('D05: loops end, and each file is found', async () => {
    const site = project({ files: { ...PAGE, 'sub/x.txt': 'x' } })
    symlinkSync('..', site.path('site/sub/loop'))
    symlinkSync('q', site.path('site/p'))
    symlinkSync('p', site.path('site/q'))
    await site.sync()
    expect(await keys(site)).toEqual(['index.html', 'sub/x.txt'])
    expect(site.warned('W_DANGLING')).toEqual(['p', 'q', 'sub/loop'])
  })

  it('D05: folders that link to each other are walked along every way that does not come back', async () => {
    const site = project({ files: PAGE })
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) {
      site.write(`site/${name}/x.txt`, name)
      for (const other of names) if (other !== name) symlinkSync(`../${other}`, site.path(`site/${name}/${other}`))
    }
    await site.sync()
    expect((await keys(site)).length).toBe(1 + 4 + 4 * 3 + 4 * 3 * 2 + 4 * 3 * 2 * 1)
  })

  it('a linked folder inside the site is walked under its own name', async () => {
    const site = project({ files: { ...PAGE, 'v2/x.txt': 'x' } })
    symlinkSync('v2', site.path('site/latest'))
    await site.sync()
    expect(await keys(site)).toEqual(['index.html', 'latest/x.txt', 'v2/x.txt'])
  })

  it('a folder link inside a linked folder is walked too', async () => {
    const site = project({ files: { ...PAGE, 'releases/3/index.html': '', 'shared/img/x.png': 'x' } })
    symlinkSync('releases/3', site.path('site/v3'))
    symlinkSync('../../shared/img', site.path('site/releases/3/img'))
    await site.sync()
    expect(await keys(site)).toEqual([
      'index.html',
      'releases/3/img/x.png',
      'releases/3/index.html',
      'shared/img/x.png',
      'v3/img/x.png',
      'v3/index.html',
    ])
    expect(site.warned('W_DANGLING')).toEqual([])
  })

  it('a link under another name does not carry out what never leaves', async () => {
    const files = { '.env': 'SECRET=1', '.git/config': 'x', '.aws/sub/a.txt': 'x', 'old/a.txt.orig': 'x' }
    const site = project({ files: { ...PAGE, ...files } })
    symlinkSync('.env', site.path('site/env.txt'))
    symlinkSync('.git', site.path('site/repo'))
    symlinkSync('.aws/sub', site.path('site/cloud'))
    symlinkSync('old/a.txt.orig', site.path('site/a.txt'))
    await site.sync({ exclude: ['.env', '.git', '.aws'] })
    expect(await keys(site)).toEqual(['index.html'])
    expect(site.warned('W_NOT_UPLOADED')).toEqual(
      expect.arrayContaining([
        'env.txt (environment file behind a link)',
        'repo (version control behind a link)',
        'cloud (credentials behind a link)',
        'a.txt (litter behind a link)',
      ]),
    )
  })

  it('a folder with the name of a secret or a backup is a part of the site; such a file in it is not', async () => {
    const site = project({
      files: { ...PAGE, 'docs/secret/index.html': 'x', 'talks/intro.key/p.png': 'x', 'blog.old/a.txt': 'x' },
    })
    site.write('site/blog.old/server.key', 'x')
    symlinkSync('docs', site.path('site/credentials'))
    expect(await failure(site.sync())).toMatchObject({
      code: 'E_SECRET_FILE',
      details: ['blog.old/server.key  private key', expect.any(String)],
    })
    await site.sync({ exclude: ['server.key'] })
    expect(await keys(site)).toEqual([
      'blog.old/a.txt',
      'credentials/secret/index.html',
      'docs/secret/index.html',
      'index.html',
      'talks/intro.key/p.png',
    ])
    expect(site.warned('W_NOT_UPLOADED')).toEqual(['blog.old/server.key (private key)'])
  })

  it('an ignore file that cannot be read stops the run', async () => {
    const site = project({ files: { ...PAGE, 'private.txt': 'x', '.ladingignore/private.txt': '' } })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_UNREADABLE', exitCode: 6, details: ['.ladingignore'] })
    expect(await keys(site)).toEqual([])
  })

  it('a glob that was to leave something out and means no file is named', async () => {
    const site = project({ files: { ...PAGE, 'drafts/a.txt': 'x' } })
    await site.sync({ exclude: ['drafst/', 'drafts/'], keep: ['leagl/**'] })
    expect(await keys(site)).toEqual(['index.html'])
    expect(site.warned('W_PATTERN_UNUSED')).toEqual(['exclude: drafst/', 'keep: leagl/**'])
  })

  it('a build record that cannot be read stops the run', async () => {
    const site = project({ files: PAGE })
    mkdirSync(site.path('site/.lading/build.json'), { recursive: true })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_UNREADABLE', details: ['.lading/build.json'] })
  })

  it('D06: a link that leads nowhere is skipped with a warning', async () => {
    const site = project({ files: PAGE })
    symlinkSync('gone', site.path('site/broken'))
    expect(await site.sync()).toMatchObject({ added: 1 })
    expect(site.warned('W_DANGLING')).toEqual(['broken'])
  })

  it('D07: a file swapped for a link between scan and send is not sent', async () => {
    const memory = createMemoryStore()
    const site: Project = project({
      files: { ...PAGE, 'a.txt': 'x' },
      store: {
        ...memory,
        put: async (key, body, headers, condition) => {
          if (key === 'a.txt') {
            rmSync(site.path('site/a.txt'))
            symlinkSync('/etc/passwd', site.path('site/a.txt'))
          }
          return memory.put(key, body, headers, condition)
        },
      },
    })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SOURCE_CHANGED', exitCode: 6 })
    expect(await memory.head('a.txt')).toBeUndefined()
  })

  it('D08: a pipe is skipped and never opened', async () => {
    const site = project({ files: PAGE })
    execFileSync('mkfifo', [site.path('site/pipe')])
    expect(await site.sync()).toMatchObject({ added: 1 })
    expect(site.warned('W_SPECIAL_FILE')).toEqual(['pipe'])
  })

  it('D09: unreadable files and folders are named in one run, and nothing is published', async () => {
    const site = project({ files: { ...PAGE, 'locked.txt': 'x', 'sub/a.txt': 'x', 'z/open.txt': 'x' } })
    chmodSync(site.dir, 0o755)
    chmodSync(site.path('site/locked.txt'), 0)
    chmodSync(site.path('site/sub'), 0)
    const both = await asNobody(() => failure(site.sync()))
    chmodSync(site.path('site/sub'), 0o755)
    const file = await asNobody(() => failure(site.sync()))
    expect(both).toMatchObject({ code: 'E_UNREADABLE', exitCode: 6, details: ['locked.txt', 'sub/'] })
    expect(file).toMatchObject({ code: 'E_UNREADABLE', exitCode: 6, details: ['locked.txt'] })
    expect(await keys(site)).toEqual([])
  })

  it('D10: a root that is a link is resolved once and said', async () => {
    const site = project({ files: PAGE })
    symlinkSync('site', site.path('current'))
    expect(await site.sync({ root: 'current' })).toMatchObject({ added: 1 })
    expect(site.warned('W_ROOT_LINK')).toHaveLength(1)
  })

  it('D11: a root that is missing, a file, empty, the disk or the home folder is refused', async () => {
    const site = project({ files: PAGE })
    mkdirSync(site.path('empty'))
    writeFileSync(site.path('file'), '')
    const code = async (root: string): Promise<string> => (await failure(() => site.sync({ root }))).code
    expect(await code('nowhere')).toBe('E_ROOT_MISSING')
    expect(await code('file')).toBe('E_ROOT_NOT_DIR')
    expect(await code('empty')).toBe('E_ROOT_EMPTY')
    expect(await code('/')).toBe('E_ROOT_DANGEROUS')
    expect(await code(homedir())).toBe('E_ROOT_DANGEROUS')
  })

  it.each(['node_modules/x/index.js', 'src/main.ts'])('D11: a project with %s is not a site', async (path) => {
    const site = project({ files: { ...PAGE, 'package.json': '{}', 'dist/index.html': '', [path]: '' } })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_WRONG_ROOT', exitCode: 3 })
    expect(error.hint).toContain('/dist')
  })

  it('D11: a folder that a shell would take apart is quoted where it is advised', async () => {
    const site = project({ files: PAGE })
    mkdirSync(site.path('my site'))
    writeFileSync(site.path('my site/file'), '')
    const { hint } = await failure(site.sync({ root: 'my site/file' }))
    expect(hint).toBe(`Name the folder it lies in: lading sync '${site.path('my site')}'`)
  })

  it('D11: package.json beside a build folder that no page uses is a project; one that a page uses is a site', async () => {
    const site = project({ files: { ...PAGE, 'package.json': '{}', 'dist/app.js': '' } })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_WRONG_ROOT' })
    site.write('site/index.html', '<script src="dist/app.js"></script>')
    expect(await site.sync()).toMatchObject({ added: 3 })
    site.write('site/build/theme.scss', '')
    expect(await site.sync()).toMatchObject({ added: 1 })
  })

  it('D11: a built site with a package.json of its own is told how to go on', async () => {
    const site = project({ files: { ...PAGE, 'package.json': '{}', 'build/app.js': '', 'lab/index.html': '' } })
    const error = await failure(site.sync())
    expect(error.hint).toMatch(/^If this is the built site, remove its package.json. .* lading sync .*\/build$/)
    rmSync(site.path('site/package.json'))
    expect(await site.sync()).toMatchObject({ added: 3 })
  })

  it('D11: a folder src that a page uses is part of a site written by hand; with a package.json it is of a project', async () => {
    const site = project({ files: { 'index.html': '<script src="src/app.js"></script>', 'src/app.js': '' } })
    expect(await site.sync()).toMatchObject({ added: 2 })
    site.write('site/package.json', '{}')
    expect(await failure(site.sync())).toMatchObject({ code: 'E_WRONG_ROOT', details: ['src/'] })
  })

  it('D11: folders of a project that are left out make it no project, unless --out would copy them', async () => {
    const site = project({ files: { ...PAGE, 'node_modules/x/index.js': '', 'src/main.ts': '' } })
    const exclude = ['node_modules/', 'src/**']
    expect((await failure(site.sync({ exclude: ['src/**'] }))).details).toEqual(['node_modules/'])
    expect(await site.sync({ exclude })).toMatchObject({ added: 1 })
    const out = { url: 'https://cdn.example.com/', out: 'out' }
    expect((await failure(site.sync({ exclude, ...out }))).details).toEqual(['src/'])
    site.write('site/.ladingignore', 'node_modules/\nsrc/\n')
    expect(await site.sync()).toMatchObject({ added: 0 })
  })

  it('D12: references out of the site are named and never read', async () => {
    const site = project({ files: { 'index.html': '<img src="../../secret.txt"><img src="file:///etc/passwd">' } })
    await site.sync({ url: 'https://cdn.example.com/', out: 'out' })
    expect(site.warned('W_REF_OUTSIDE').length).toBeGreaterThanOrEqual(1)
    expect(site.read('out/index.html').toString()).toContain('../../secret.txt')
  })

  it('D13: sources that a map names, and files that a sheet imports by their place on the disk, are never read', async () => {
    const site = project()
    const outside = site.path('outside.txt')
    writeFileSync(outside, 'a secret of the machine')
    const longAgo = new Date('2001-01-01T00:00:00Z')
    utimesSync(outside, longAgo, longAgo)
    const map = { version: 3, sources: ['../outside.txt', '../../../../etc/passwd', `file://${outside}`], mappings: '' }
    site.write('site/app.js', 'run()\n//# sourceMappingURL=app.js.map')
    site.write('site/app.js.map', JSON.stringify(map))
    site.write('site/s.css', `@import url(file://${outside});@import "../outside.txt";a{}`)
    site.write('site/index.html', '<link rel=stylesheet href=s.css><script src=app.js></script>')
    await site.sync({ url: 'https://cdn.example.com/', host: true, site: 'https://www.example.com' })
    expect(site.warned('W_SOURCEMAP_SKIPPED')).toEqual(['app.js.map'])
    expect(statSync(outside).atimeMs).toBe(longAgo.getTime())
    for (const key of await keys(site)) {
      expect(Buffer.from((await site.store.get(key))?.bytes ?? '').toString(), key).not.toContain(
        'a secret of the machine',
      )
    }
  })

  it('D14: hard links are files like any other', async () => {
    const site = project({ files: { ...PAGE, 'a.txt': 'x' } })
    linkSync(site.path('site/a.txt'), site.path('site/b.txt'))
    await site.sync()
    expect(await keys(site)).toEqual(['a.txt', 'b.txt', 'index.html'])
  })

  it('D18: an output folder outside of the project is allowed where a person names it', async () => {
    const site = project({ files: PAGE })
    await site.sync({ url: 'https://cdn.example.com/', out: '../elsewhere-lading-test' })
    expect(site.read('../elsewhere-lading-test/index.html').toString()).toBe('<p>hello</p>')
    rmSync(site.path('../elsewhere-lading-test'), { recursive: true })
  })
})

it.each([{ include: ['nothing*'] }, { exclude: ['**'] }])(
  'a filter that leaves nothing never empties a site: %j',
  async (filter) => {
    const site = project({ files: PAGE })
    await site.sync()
    expect(await failure(site.sync(filter))).toMatchObject({
      code: 'E_ROOT_EMPTY',
      why: expect.stringContaining('leave all of them out'),
    })
    expect(await keys(site)).toEqual(['index.html'])
  },
)

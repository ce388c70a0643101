import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, type watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type LadingConfig, resolveConfig } from '../../../src/index.ts'
import { type FolderWatch, watchBy, watchFolder } from '../../../src/site/watch/folder-watch.ts'
import { limitReached } from '../../../src/site/watch/watch-limit.ts'
import { eventually } from '../../rig/eventually.ts'

interface Watched {
  readonly dir: string
  readonly watch: FolderWatch
  /** Begins anew, and forgets what was noticed. @returns how many files there are */
  renew(): Promise<number>
  write(path: string, text?: string): void
  /** Waits until this was noticed. */
  notices(...paths: string[]): Promise<void>
  /** Writes a file that matters, waits until that was noticed, and @returns all that was until then. */
  noticed(): Promise<readonly string[]>
}

async function watched(files: readonly string[], config: LadingConfig = {}): Promise<Watched> {
  const dir = mkdtempSync(join(tmpdir(), 'lading-watch-'))
  const options = resolveConfig({ root: 'site', to: './store', ...config }, { cwd: dir, env: { HOME: dir } })
  const said = new Set<string>()
  const watch = watchFolder(options, (path) => said.add(path))
  onTestFinished(() => {
    watch.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const write = (path: string, text = 'x'): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  for (const file of files) write(file)
  const made: Watched = {
    dir,
    watch,
    write,
    async renew() {
      const count = await watch.renew(undefined)
      said.clear()
      return count
    },
    notices: (...paths) => eventually(() => expect([...said]).toEqual(expect.arrayContaining(paths))),
    async noticed() {
      write('site/zz-last.html')
      await made.notices('zz-last.html')
      return [...said].filter((path) => path !== 'zz-last.html').sort()
    },
  }
  await made.renew()
  return made
}

const SITE = ['site/index.html', 'site/img/a.png']

describe('a folder on the disk is watched', () => {
  it('with its files counted, those below as well', async () => {
    const { renew } = await watched([...SITE, 'site/node_modules/x/y.js', 'site/.git/HEAD', 'site/.DS_Store'])
    expect(await renew()).toBe(2)
  })

  it('for files that change, come and go, in each of its folders', async () => {
    const { dir, write, notices } = await watched(SITE)
    write('site/index.html', 'new')
    write('site/img/b.png')
    rmSync(join(dir, 'site/img/a.png'))
    await notices('index.html', 'img/b.png', 'img/a.png')
  })

  it('for files that editors save by giving another one their name', async () => {
    const { dir, write, notices } = await watched(SITE)
    write('site/img/a.png~new')
    renameSync(join(dir, 'site/img/a.png~new'), join(dir, 'site/img/a.png'))
    await notices('img/a.png')
  })

  it('for files in a folder that is made later, and in one below it', async () => {
    const { write, notices } = await watched(SITE)
    write('site/new/deep/first.html')
    await notices('new')
    write('site/new/deep/later.html')
    await notices('new/deep/later.html')
  })

  it('for what changes in a folder that was moved here', async () => {
    const { dir, write, notices } = await watched([...SITE, 'elsewhere/deep/a.html'])
    renameSync(join(dir, 'elsewhere'), join(dir, 'site/moved'))
    await notices('moved')
    write('site/moved/deep/a.html', 'changed')
    await notices('moved/deep/a.html')
  })

  it('under the new name, after a folder was renamed', async () => {
    const { dir, write, notices, renew } = await watched(SITE)
    renameSync(join(dir, 'site/img'), join(dir, 'site/pictures'))
    await notices('img', 'pictures')
    await renew()
    write('site/pictures/a.png', 'changed')
    await notices('pictures/a.png')
  })

  it('before it is there, and when it is replaced', async () => {
    const { dir, write, notices, renew } = await watched([])
    expect(await renew()).toBe(0)
    write('site/index.html')
    await notices('.')
    expect(await renew()).toBe(1)
    rmSync(join(dir, 'site'), { recursive: true })
    await notices('.')
    expect(await renew()).toBe(0)
    write('site/index.html')
    await notices('.')
    await renew()
    write('site/index.html', 'changed')
    await notices('index.html')
  })

  it('behind a link that is led elsewhere', async () => {
    const { dir, write, notices, renew } = await watched(['one/index.html', 'two/index.html'])
    symlinkSync('one', join(dir, 'site'))
    await notices('.')
    await renew()
    symlinkSync('two', join(dir, 'next'))
    renameSync(join(dir, 'next'), join(dir, 'site'))
    await notices('.')
    await renew()
    write('two/index.html', 'changed')
    await notices('index.html')
  })
})

describe('of a folder, nothing is noticed', () => {
  it('below node_modules, version control and other folders that are never entered', async () => {
    const { write, noticed } = await watched([...SITE, 'site/node_modules/x/y.js', 'site/.git/HEAD'])
    write('site/node_modules/x/y.js', 'changed')
    write('site/.git/HEAD', 'changed')
    expect(await noticed()).toEqual([])
  })

  it('that editors, systems and Lading itself write on the way', async () => {
    const { write, noticed } = await watched(SITE)
    for (const name of ['.index.html.swp', '.DS_Store', 'index.html~', '.0123456789abcdef.lading']) {
      write(`site/${name}`)
    }
    expect(await noticed()).toEqual([])
  })

  it('that is excluded or ignored', async () => {
    const { write, renew, noticed } = await watched([...SITE, 'site/drafts/a.html', 'site/b.tmp'], {
      exclude: ['drafts'],
    })
    write('site/.ladingignore', '*.tmp\n')
    expect(await renew()).toBe(2)
    write('site/drafts/a.html', 'changed')
    write('site/b.tmp', 'changed')
    expect(await noticed()).toEqual([])
  })

  it('in a cache that lies in it', async () => {
    const { write, noticed } = await watched([...SITE, 'site/cache/a.json'], { cacheDir: 'site/cache' })
    write('site/cache/a.json', 'changed')
    expect(await noticed()).toEqual([])
  })
})

describe('of a folder, it is noticed', () => {
  it('that a file with a secret has come, which stops the run, and has gone', async () => {
    const { dir, write, notices, renew } = await watched(SITE)
    write('site/.env')
    await notices('.env')
    await renew()
    rmSync(join(dir, 'site/.env'))
    await notices('.env')
  })

  it('that a folder of secrets has come, which stops the run, and has gone', async () => {
    const { dir, write, notices, renew } = await watched(SITE)
    write('site/.aws/credentials')
    await notices('.aws')
    await renew()
    rmSync(join(dir, 'site/.aws'), { recursive: true })
    await notices('.aws')
  })

  it('that a build has left its record, and that what is ignored has changed', async () => {
    const { write, notices } = await watched([...SITE, 'site/.lading/build.json'])
    write('site/.lading/build.json', '{}')
    write('site/.ladingignore', '*.tmp\n')
    await notices('.lading/build.json', '.ladingignore')
  })

  it('that a build has left its first record, in a folder that is seen only when it is full', async () => {
    const { write, notices } = await watched(SITE)
    write('site/.lading/build.json', '{}')
    await notices('.lading')
  })

  it('that an excluded file has changed, where a new origin gets a copy of it', async () => {
    const { write, notices } = await watched([...SITE, 'site/drafts/a.html'], {
      ...{ exclude: ['drafts'], url: '/_a/', out: 'origin' },
    })
    write('site/drafts/a.html', 'changed')
    await notices('drafts/a.html')
  })
})

it('a file where the folder should be is refused', async () => {
  const { write, watch } = await watched([])
  write('site')
  await expect(watch.renew(undefined)).rejects.toMatchObject({ code: 'E_ROOT_NOT_DIR' })
})

it('where one watch hears of all folders, there is one, and what lies below others that are never entered is left out', async () => {
  const { dir } = await watched([...SITE, 'site/node_modules/x/y.js'])
  const options = resolveConfig({ root: 'site', to: './store' }, { cwd: dir, env: { HOME: dir } })
  const heard: ((event: string, name: string) => void)[] = []
  const listen = ((_: string, __: object, listener: (typeof heard)[number]) => {
    heard.push(listener)
    return { on: () => {}, close: () => {} }
  }) as unknown as typeof watch // the part of it that is used
  const said: string[] = []
  const folder = watchBy({ listen, isDeep: true }, options, (path) => said.push(path))
  onTestFinished(folder.close)
  expect(await folder.renew(undefined)).toBe(2)
  expect(heard).toHaveLength(1)
  for (const name of ['img/a.png', 'node_modules/x/y.js', 'node_modules/x', 'img']) heard[0]?.('change', name)
  expect(said).toEqual(['img/a.png', 'img'])
})

describe('a system that has no more to give', () => {
  const refusing = (code: string) => () => {
    throw Object.assign(new Error(`${code}: refused`), { code })
  }

  it.each([
    ['ENOSPC', 'fs.inotify.max_user_watches', 'sudo sysctl fs.inotify.max_user_watches=524288'],
    ['EMFILE', 'fs.inotify.max_user_instances', 'sudo sysctl fs.inotify.max_user_instances=1024'],
  ])('is named with what to do: %s', async (code, why, hint) => {
    const { dir } = await watched(SITE)
    const options = resolveConfig({ root: 'site', to: './store' }, { cwd: dir, env: { HOME: dir } })
    const watch = watchBy({ listen: refusing(code), isDeep: false }, options, () => {})
    onTestFinished(watch.close)
    const error = await watch.renew(undefined).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'E_WATCH', subject: join(dir, 'site'), exitCode: 6 })
    expect(limitReached(dir, Object.assign(new Error(code), { code }), 'linux')).toMatchObject({
      why: expect.stringContaining(why),
      hint: expect.stringContaining(hint),
    })
  })

  it('and is no Linux is not told of settings that only Linux has', () => {
    const { why, hint } = limitReached('/site', Object.assign(new Error('x'), { code: 'EMFILE' }), 'darwin')
    expect(`${why} ${hint}`).not.toContain('inotify')
  })

  it('a folder that may not be read is left to the run, which says so', async () => {
    const { dir } = await watched(SITE)
    const options = resolveConfig({ root: 'site', to: './store' }, { cwd: dir, env: { HOME: dir } })
    const watch = watchBy({ listen: refusing('EACCES'), isDeep: false }, options, () => {})
    onTestFinished(watch.close)
    expect(await watch.renew(undefined)).toBe(2)
  })
})

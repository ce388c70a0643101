import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../src/cli/run.ts'
import { type LiveWorld, startLiveWorld } from '../../rig/live-site.ts'
import { folderWith } from '../config/folder.ts'
import { createScreen } from './screen.ts'

let world: LiveWorld
beforeEach(async () => {
  world = await startLiveWorld()
})
afterEach(() => world.close())

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Ports and times as words. */
async function verify(argv: readonly string[], files: Record<string, string> = {}): Promise<Result> {
  const [stdout, stderr] = [createScreen(), createScreen()]
  const code = await runCli(['verify', ...argv], { stdout, stderr, env: {}, cwd: folderWith(files) })
  const plain = (text: string): string =>
    text
      .replaceAll(world.site.origin, 'https://site')
      .replaceAll(world.cdn.origin, 'https://cdn')
      .replace(/\d+\.\d s|(?<="ms":)\d+/g, 'TIME')
  return { code, out: plain(stdout.text), err: plain(stderr.text) }
}

describe('lading verify --live', () => {
  it('needs no store and no configuration', async () => {
    expect(await verify(['--live', world.site.origin])).toEqual({
      code: 0,
      out: '',
      err: 'ok: Everything loads as it should.\n3 pages, 12 references, 1 of other hosts not asked (TIME).\n',
    })
  })

  it('tells each finding with its place, its reason and what to do, within 80 columns', async () => {
    world.site.answers.delete('/favicon.ico')
    world.site.answers.delete('/hidden/')
    world.site.answers.set('/about/', { status: 500 })
    const { code, out, err } = await verify(['--live', `${world.site.origin}/`])
    expect({ code, err }).toEqual({
      code: 10,
      err: '3 findings.\n1 page, 11 references, 1 of other hosts not asked (TIME).\n',
    })
    expect(out).toBe(`  /:8  a[href]  (2 references)
    ! status: /about/ answers 500
      why  The visitor does not get it.
      fix  Publish the file (\`lading verify --to STORE\` says what is missing),
           or mend the reference.

  /site.webmanifest:1  icons[0].src
    ! status: /favicon.ico answers 404
      why  The visitor does not get it.
      fix  Publish the file (\`lading verify --to STORE\` says what is missing),
           or mend the reference.

  /sitemap.xml:4  loc
    ! status: /hidden/ answers 404
      why  The visitor does not get it.
      fix  Publish the file (\`lading verify --to STORE\` says what is missing),
           or mend the reference.
`)
  })

  it('says with -q only what it found', async () => {
    world.site.answers.delete('/hidden/')
    const { code, out, err } = await verify(['--live', world.site.origin, '-q'])
    expect({ code, err }).toEqual({ code: 10, err: '' })
    expect(out).toContain('/hidden/ answers 404')
  })

  it('writes findings and a summary as records', async () => {
    world.site.answers.delete('/hidden/')
    const { code, out, err } = await verify(['--live', world.site.origin, '--json'])
    expect({ code, err }).toEqual({ code: 10, err: '' })
    expect(out.split('\n')).toEqual([
      '{"v":1,"type":"finding","kind":"status","page":"https://site/sitemap.xml","line":4,"place":"loc","url":"https://site/hidden/","message":"answers 404","why":"The visitor does not get it.","fix":"Publish the file (`lading verify --to STORE` says what is missing), or mend the reference.","references":1}',
      '{"v":1,"type":"summary","ok":false,"exit":10,"url":"https://site/","visited":2,"followed":11,"elsewhere":1,"unread":0,"findings":1,"ms":TIME}',
      '',
    ])
  })

  it('stops at --max-pages and says so', async () => {
    const { code, err } = await verify(['--live', world.site.origin, '--max-pages', '1'])
    expect(code).toBe(0)
    expect(err).toContain('1 page, 11 references')
    expect(err).toMatch(/^Stopped there; \d more pages known: --max-pages N reads on\.$/m)
  })

  it('takes the public address from the configuration', async () => {
    const home = world.site.answers.get('/')
    world.site.answers.set('/', { ...home, body: `<img src="${world.cdn.origin}/x.png">` })
    expect(await verify(['--live', world.site.origin])).toMatchObject({ code: 0 })
    const config = { 'lading.config.json': JSON.stringify({ url: `${world.cdn.origin}/` }) }
    expect(await verify(['--live', world.site.origin], config)).toMatchObject({ code: 10 })
    expect(await verify(['--live', world.site.origin, '--url', world.cdn.origin])).toMatchObject({ code: 10 })
  })

  it.each([
    [['--live', 'www.example.com'], 'E_URL', 'Write https://www.example.com/'],
    [['--live', 'ftp://example.com/'], 'E_URL', 'https'],
    [['--live', 'https://user:hunter2@example.com/'], 'E_URL', 'https://example.com/'],
    [['--live', 'https://example.com/', '--max-pages', 'many'], 'E_USAGE', 'whole number'],
    [['--live', 'https://example.com/', '--max-pages', '0'], 'E_USAGE', 'whole number'],
    [['--live', '/shop'], 'E_URL', 'https://www.example.com/shop\n'],
    [['--live', 'https://example.com/', '--download'], 'E_USAGE', '--download does nothing with --live'],
    [['--live', 'https://example.com/', '--sample', '5%'], 'E_USAGE', '--sample does nothing with --live'],
    [['--live', 'https://example.com/', '--to', 'store'], 'E_USAGE', '--to does nothing with --live'],
    [['--max-pages', '5'], 'E_USAGE', 'Add --live'],
    [['--external'], 'E_USAGE', 'Add --live'],
    [['--url', 'https://cdn.example.com/'], 'E_USAGE', 'Add --live'],
  ])('refuses %j', async (argv, code, says) => {
    const { code: exit, out, err } = await verify(argv)
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain(code)
    expect(err).toContain(says)
    expect(err).not.toContain('hunter2')
  })

  it('ends with 5 when the site does not answer', async () => {
    world.site.answers.delete('/')
    const { code, out, err } = await verify(['--live', world.site.origin])
    expect({ code, out }).toEqual({ code: 5, out: '' })
    expect(err).toContain('E_UNREACHABLE  The site does not answer')
    expect(err).toContain('answers 404')
  })
})

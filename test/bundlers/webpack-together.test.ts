import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recordOf, tempFolder } from './builds.ts'
import { keysIn } from './publishing.ts'
import { run, SEVERAL, type Several, type Side } from './several-compilers.ts'

afterEach(() => vi.unstubAllEnvs())

const CLIENT = expect.stringMatching(/^a\/client\.[0-9a-f]+\.js$/)
const ADMIN = expect.stringMatching(/^a\/admin\.[0-9a-f]+\.js$/)

const stored = ({ folder }: Several): Promise<string[]> => keysIn(join(folder, 'store'))
const isRecorded = ({ folder }: Several, name: Side['name']): boolean =>
  existsSync(join(folder, name, '.lading/build.json'))

describe.each(SEVERAL)('several compilers of %s in one run', (_, make) => {
  it('send what is for browsers, once, and nothing for servers', async () => {
    const several = make([{ name: 'client' }, { name: 'server' }])
    await run(several.compiler)
    expect(await stored(several)).toEqual([CLIENT])
    const [client, server] = (['client', 'server'] as const).map((name) => recordOf(join(several.folder, name)))
    expect([client?.server, server?.server, server?.files]).toEqual([undefined, 'all', []])
  })

  it('send what each has for browsers when they run one after the other', async () => {
    const several = make([{ name: 'client' }, { name: 'server' }, { name: 'admin' }], { parallelism: 1 })
    await run(several.compiler)
    expect(await stored(several)).toEqual([ADMIN, CLIENT])
  })

  it.each([1, 2])('are one build when they write into one folder, %i at once', async (parallelism) => {
    const into = 'dist'
    const several = make(
      [
        { name: 'client', into },
        { name: 'admin', into },
      ],
      { parallelism },
    )
    await run(several.compiler)
    expect(await stored(several)).toEqual([ADMIN, CLIENT])
    const { files } = recordOf(join(several.folder, into))
    expect(files.map(([, key]) => key)).toEqual([ADMIN, CLIENT])
  })

  it.each([
    ['a dry run', { dryRun: true }],
    ['another answer to a failure', { onError: 'warn' }],
    ['another store', { to: 'elsewhere' }],
    ['another store behind another address', { to: 'elsewhere', url: 'https://other.example.com/' }],
  ] as const)(
    'are refused when one of those that write into one folder has %s, and nothing is sent',
    async (_, options) => {
      const into = 'dist'
      const several = make([{ name: 'client', into, options }, { name: 'admin', into }, { name: 'server' }])
      await expect(run(several.compiler)).rejects.toMatchObject({
        code: 'E_CONFIG',
        subject: join(several.folder, into),
      })
      expect(await stored(several)).toEqual([])
    },
  )

  it('are one build in one folder wherever the sources of each lie, and what is remembered of them', async () => {
    const into = 'dist'
    const packages = tempFolder()
    const sides = (['client', 'admin'] as const).map((name): Side => {
      const context = join(packages, name)
      mkdirSync(join(context, 'node_modules'), { recursive: true })
      return { name, into, context, options: { cacheDir: undefined } }
    })
    const several = make(sides)
    await run(several.compiler)
    expect(await stored(several)).toEqual([ADMIN, CLIENT])
  })

  it('remember the names of what each copies into one folder', async () => {
    const into = 'dist'
    const options = { rewrite: 'always', upload: false } as const
    const several = make([
      { name: 'client', into, options, copies: 'a.png' },
      { name: 'admin', into, options, copies: 'b.png' },
    ])
    await run(several.compiler)
    const before = recordOf(join(several.folder, into)).files
    expect(before.map(([path]) => path)).toEqual(expect.arrayContaining(['a.png', 'b.png']))
    // Where files are laid out to be named.
    vi.stubEnv('TMPDIR', join(several.folder, 'nowhere'))
    await run(several.compiler)
    expect(recordOf(join(several.folder, into)).files).toEqual(before)
  })

  it('send nothing of two that succeeded when the last of three fails', async () => {
    const sides: readonly Side[] = [
      { name: 'client' },
      { name: 'admin' },
      { name: 'server', fails: 'an import that leads nowhere' },
    ]
    const several = make(sides, { parallelism: 1 })
    await expect(run(several.compiler)).rejects.toThrow('not-there')
    expect(await stored(several)).toEqual([])
  })

  it('send in the next run what a run that failed has held back', async () => {
    const several = make([{ name: 'client' }, { name: 'server', fails: 'an import that leads nowhere' }])
    await expect(run(several.compiler)).rejects.toThrow('not-there')
    writeFileSync(several.sourceOf('server'), "console.log('mended')\n")
    await run(several.compiler)
    expect(await stored(several)).toEqual([CLIENT])
  })

  it.each([
    ['an import that leads nowhere', 'not-there'],
    ['a plugin that throws before it runs', 'boom'],
  ] as const)('are alone when one of them is run alone, also after a run together with %s', async (fails, message) => {
    const several = make([{ name: 'client' }, { name: 'server', fails }])
    await expect(run(several.compiler)).rejects.toThrow(message)
    expect(await stored(several)).toEqual([])
    const [client] = several.compiler.compilers
    if (client === undefined) throw new Error('no client')
    await run(client)
    expect(await stored(several)).toEqual([CLIENT])
  })

  it('refuse a second run beside the first, which goes on and sends', async () => {
    const several = make([{ name: 'client' }, { name: 'server' }])
    const first = run(several.compiler)
    await expect(run(several.compiler)).rejects.toThrow(/twice|concurrent/i)
    await first
    expect(await stored(several)).toEqual([CLIENT])
  })

  it('fail when the files of one do not arrive, before those of the next are sent', async () => {
    const several = make([{ name: 'client' }, { name: 'admin' }])
    writeFileSync(join(several.folder, 'store'), 'a file where the store should be')
    await expect(run(several.compiler)).rejects.toThrow(/lading: /)
    expect(isRecorded(several, 'admin')).toBe(false)
  })
})

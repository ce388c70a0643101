import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FetchPackage, Wanted } from '../../../src/batch/pack/fetch.ts'
import { layOutPackages } from '../../../src/batch/pack/packages.ts'
import { type TarEntry, tar } from '../../../src/batch/pack/tar.ts'
import { packWorker } from '../../../src/index.ts'
import { folderWith } from '../config/folder.ts'

const HERE = process.arch === 'arm64' ? 'arm64' : 'x64'
const THERE = HERE === 'arm64' ? 'x64' : 'arm64'

const emptyFolder = (): string => folderWith({})

function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const packageJson = (name: string, version: string, more = {}): string => JSON.stringify({ name, version, ...more })

const namesIn = (archive: string): string[] =>
  execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).split('\n').filter(Boolean)

describe('the bundle', () => {
  it('is the same bytes when the same is packed again, and is called by their digest', async () => {
    const [once, again] = [emptyFolder(), join(emptyFolder(), 'made', 'on the way')]
    const bundles = [
      await packWorker({ arch: HERE, out: once, node: false }),
      await packWorker({ arch: HERE, out: again, node: false }),
    ]
    const [a, b] = bundles.map(({ path }) => readFileSync(path))
    expect(a?.equals(b ?? Buffer.of())).toBe(true)
    const digest = createHash('sha256')
      .update(a ?? '')
      .digest('hex')
    expect(bundles.map(({ sha256 }) => sha256)).toEqual([digest, digest])
    expect(readdirSync(once)).toEqual([`${digest}.tar.gz`])
  }, 60_000)

  it('runs where there is nothing of ours', async () => {
    const folder = emptyFolder()
    const { path } = await packWorker({ arch: HERE, out: folder })
    execFileSync('tar', ['-xzf', path], { cwd: folder })
    symlinkSync('bin/lading', join(folder, 'linked'))
    const run = (file: string, ...args: string[]) =>
      spawnSync(join(folder, file), args, { cwd: emptyFolder(), env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' })
    for (const program of ['bin/lading', 'linked']) {
      const { stdout, stderr, status } = run(program, 'batch', 'worker', '--help')
      expect(stderr).toBe('')
      expect(stdout).toContain('Usage: lading batch worker')
      expect(status).toBe(0)
    }
    // what is imported late, from where it was unpacked
    const late = [
      'sharp',
      '@aws-sdk/client-sqs',
      '@aws-sdk/client-auto-scaling',
      '@aws-sdk/client-s3',
      './dist/src/index.js',
    ]
    const script = `for (const name of ${JSON.stringify(late)}) console.log(import.meta.resolve(name)), await import(name)`
    writeFileSync(join(folder, 'late.mjs'), script)
    const { stdout, stderr } = run('bin/node', join(folder, 'late.mjs'))
    expect(stderr).toBe('')
    expect(
      stdout
        .trim()
        .split('\n')
        .filter((url) => url.startsWith(`file://${folder}/`)),
    ).toHaveLength(late.length)
  }, 120_000)

  it('gets sharp and Node for another machine from npm, and nothing that only this one can run', async () => {
    const asked: Wanted[] = []
    const fetch: FetchPackage = async (wanted) => {
      asked.push(wanted)
      const [name = '', version = ''] = wanted.name.split('@')
      const sharp = { optionalDependencies: { [`@img/sharp-linux-${THERE}`]: version } }
      put(join(wanted.folder, 'node_modules'), {
        [`${name}/package.json`]: packageJson(name, version, name === 'sharp' ? sharp : {}),
        [`${name}/bin/node`]: 'of another machine',
        [`@img/sharp-linux-${THERE}/package.json`]: packageJson(`@img/sharp-linux-${THERE}`, version, { cpu: [THERE] }),
      })
    }
    const { path } = await packWorker({ arch: THERE, out: emptyFolder(), fetch })
    expect(asked.map(({ name, cpu, isForeign }) => [name.replace(/@.*/, ''), cpu, isForeign])).toEqual([
      ['sharp', THERE, false],
      [`node-linux-${THERE}`, THERE, true],
    ])
    expect(asked[1]?.name).toBe(`node-linux-${THERE}@${process.versions.node}`)
    const names = namesIn(path)
    expect(names).toContain(`node_modules/@img/sharp-linux-${THERE}/package.json`)
    expect(names.filter((name) => name.includes(`linux-${HERE}`))).toEqual([])
    expect(execFileSync('tar', ['-xzOf', path, 'bin/node'], { encoding: 'utf8' })).toBe('of another machine')
  }, 60_000)
})

describe('packages in a bundle', () => {
  const TARGET = { os: 'linux', cpu: 'arm64', libc: 'glibc' } as const

  it('lie where an import finds them, also two versions of one, through the links of pnpm', () => {
    const folder = emptyFolder()
    const store = join(folder, 'node_modules/.pnpm')
    put(store, {
      'a@1/node_modules/a/package.json': packageJson('a', '1.0.0', { dependencies: { c: '1' } }),
      'b@1/node_modules/b/package.json': packageJson('b', '1.0.0', { dependencies: { c: '2' } }),
      'c@1/node_modules/c/package.json': packageJson('c', '1.0.0'),
      'c@2/node_modules/c/package.json': packageJson('c', '2.0.0', { dependencies: { b: '1' } }),
    })
    for (const [from, to] of [
      ['a@1', 'c@1'],
      ['b@1', 'c@2'],
    ] as const)
      symlinkSync(join(store, to, 'node_modules/c'), join(store, from, 'node_modules/c'))
    symlinkSync(join(store, 'b@1/node_modules/b'), join(store, 'c@2/node_modules/b'))
    const at = (id: string, name: string): string => join(store, id, 'node_modules', name)
    const placed = layOutPackages(
      new Map([
        ['a', at('a@1', 'a')],
        ['b', at('b@1', 'b')],
      ]),
      TARGET,
    )
    expect(Object.fromEntries(placed.map((one) => [one.place, one.folder]))).toEqual({
      'node_modules/a': at('a@1', 'a'),
      'node_modules/b': at('b@1', 'b'),
      'node_modules/c': at('c@1', 'c'),
      'node_modules/b/node_modules/c': at('c@2', 'c'),
    })
  })

  it('are those of the target alone', () => {
    const folder = emptyFolder()
    const optional = { mac: '1', arm: '1', musl: '1', 'not-arm': '1', absent: '1' }
    put(join(folder, 'node_modules'), {
      'a/package.json': packageJson('a', '1.0.0', { optionalDependencies: optional }),
      'mac/package.json': packageJson('mac', '1.0.0', { os: ['darwin'] }),
      'arm/package.json': packageJson('arm', '1.0.0', { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] }),
      'musl/package.json': packageJson('musl', '1.0.0', { libc: 'musl' }),
      'not-arm/package.json': packageJson('not-arm', '1.0.0', { cpu: ['!arm64'] }),
    })
    const placed = layOutPackages(new Map([['a', join(folder, 'node_modules/a')]]), TARGET)
    expect(placed.map(({ place }) => place)).toEqual(['node_modules/a', 'node_modules/arm'])
  })

  it('are all there, or it says which is not', () => {
    const folder = emptyFolder()
    put(join(folder, 'node_modules'), {
      'a/package.json': packageJson('a', '1.0.0', { dependencies: { 'not-there': '1' } }),
    })
    expect(() => layOutPackages(new Map([['a', join(folder, 'node_modules/a')]]), TARGET)).toThrow(
      expect.objectContaining({ code: 'E_MISSING_PACKAGE', why: 'a needs it' }),
    )
  })
})

describe('the archive', () => {
  const entry = (name: string, text = name, isExecutable = false): TarEntry => ({
    name,
    isExecutable,
    read: async () => Buffer.from(text),
  })

  async function archiveOf(...entries: readonly TarEntry[]): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const part of tar(entries)) parts.push(part)
    return Buffer.concat(parts)
  }

  it('is read by tar: bytes, modes, long names, and names that are no ASCII', async () => {
    const long = `${'folder/'.repeat(20)}file-${'x'.repeat(60)}.js`
    const folder = emptyFolder()
    const block = 'b'.repeat(512)
    const input = await archiveOf(
      entry('run', 'r', true),
      entry(long),
      entry('bär.js'),
      entry('empty', ''),
      entry('one-block', block),
    )
    execFileSync('tar', ['-xf', '-'], { cwd: folder, input })
    expect(readFileSync(join(folder, long), 'utf8')).toBe(long)
    expect(readFileSync(join(folder, 'bär.js'), 'utf8')).toBe('bär.js')
    expect(readFileSync(join(folder, 'empty'), 'utf8')).toBe('')
    expect(readFileSync(join(folder, 'one-block'), 'utf8')).toBe(block)
    const rows = execFileSync('tar', ['--utc', '-tvf', '-'], { input, encoding: 'utf8' }).split('\n')
    expect(rows.find((row) => row.endsWith(' run'))).toMatch(/^-rwxr-xr-x 0\/0 .* 1970-01-01 00:00 run$/)
    expect(rows.find((row) => row.endsWith(' empty'))).toMatch(/^-rw-r--r-- 0\/0 /)
  })

  it('does not depend on the order of its files', async () => {
    const [a, b, c] = [entry('a'), entry('b/a'), entry('b-a')]
    expect((await archiveOf(a, b, c)).equals(await archiveOf(c, b, a))).toBe(true)
  })

  it('refuses a name that it cannot hold', async () => {
    await expect(archiveOf(entry(`a/${'x'.repeat(101)}`))).rejects.toMatchObject({ code: 'E_KEY_TOO_LONG' })
  })
})

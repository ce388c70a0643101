import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, transform } from 'esbuild'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as index from '../src/index.ts'
import * as rewrite from '../src/rewrite/index.ts'
import * as runtime from '../src/runtime.ts'
import { startStrictS3 } from './rig/strict-s3.ts'

const DIST = join(import.meta.dirname, '../dist')
const MAIN = join(DIST, 'src/cli/main.cjs')

/** Says which of Node's own modules a process has loaded, as it ends. */
const TELL = `process.on('exit', () => process._rawDebug('LOADED ' + process.moduleLoadList.join()))`

/** Node's own that take longer to load than they are worth where nobody speaks to a network or starts a process. */
const HEAVY = ['http', 'https', 'http2', 'tls', 'child_process', 'worker_threads', 'inspector']

interface Loaded {
  readonly text: string
  /** Of the build, as `src/cli/main.cjs`. */
  readonly own: readonly string[]
  /** Files of packages, and whatever else is not ours. */
  readonly foreign: readonly string[]
  /** Of {@link HEAVY}. */
  readonly heavy: readonly string[]
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lading-start-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Runs Node and looks at what it loaded. */
async function loadedBy(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  exit = 0,
): Promise<Loaded> {
  const coverage = folder()
  const options = { cwd, env: { PATH: process.env.PATH, HOME: cwd, NODE_V8_COVERAGE: coverage, ...env } }
  const argv = ['--import', `data:text/javascript,${encodeURIComponent(TELL)}`, ...args]
  const text = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, argv, options, (error, stdout, stderr) =>
      (error?.code ?? 0) === exit
        ? resolve(`${stdout}${stderr}`)
        : reject(new Error(`${error?.message ?? 'it has not failed'}\n${stderr}`)),
    )
  })
  const files = readdirSync(coverage).flatMap((name) => scriptsIn(readFileSync(join(coverage, name), 'utf8')))
  const names = [...new Set(files)].map((file) => relative(DIST, file))
  return {
    text,
    own: names.filter((name) => !name.startsWith('..')).sort(),
    foreign: names.filter((name) => name.startsWith('..')).sort(),
    heavy: HEAVY.filter((name) => new RegExp(`NativeModule ${name}[,\\n]`).test(text)),
  }
}

function scriptsIn(coverage: string): string[] {
  const { result }: { result: { url: string }[] } = JSON.parse(coverage)
  const urls = result.map(({ url }) => url).filter((url) => url.startsWith('file:') && !url.includes('[eval'))
  return urls.map((url) => fileURLToPath(url))
}

/** A site that nobody has touched a moment ago: stamps of the last two seconds prove nothing. */
const SITE = join(import.meta.dirname, '../examples/plain-html/site')
const PUBLIC = join(import.meta.dirname, '../examples/vite/public')

function site(): string {
  const cwd = folder()
  const files = {
    'index.html': '<!doctype html><img src="img/a.png">',
    'img/a.png': 'a',
    'style.css': 'a{}',
    'a.js': 'f()',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, 'site', name)), { recursive: true })
    writeFileSync(join(cwd, 'site', name), text)
  }
  return cwd
}

it('a run that finds nothing to do loads no package, and of ours what it needs', async () => {
  const cwd = folder()
  const line = [MAIN, 'sync', SITE, '--to', 'store']
  const first = await loadedBy(line, cwd)
  expect(first.text).toContain('0 kept')
  await loadedBy(line, cwd) // notes that nothing has changed
  const again = await loadedBy(line, cwd)
  expect(again.text).toContain('No changes')
  expect(again.foreign).toEqual([])
  expect(again.heavy).toEqual([])
  expect(again.own.filter((file) => first.own.includes(file))).toEqual(again.own)
  expect(again.own.length).toBeLessThanOrEqual(16)
  expect(first.own.length).toBeGreaterThan(16)
})

it('the same against S3, with credentials from the environment: neither the SDK nor undici', async () => {
  const s3 = await startStrictS3({ bucket: 'site-assets' })
  onTestFinished(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const cwd = folder()
  const line = [MAIN, 'sync', SITE, '--to', `s3://site-assets/x/?endpoint=${s3.endpoint}&region=us-east-1`]
  await loadedBy(line, cwd, env)
  await loadedBy(line, cwd, env)
  const again = await loadedBy(line, cwd, env)
  expect(again.text).toContain('No changes')
  expect(again.foreign).toEqual([])
  expect(again.heavy.filter((name) => name !== 'net')).toEqual([])
  expect(again.own.length).toBeLessThanOrEqual(20)
})

it('who only plans on a store to which nothing was published loads no probe, which writes; who publishes does', async () => {
  const s3 = await startStrictS3({ bucket: 'site-assets' })
  onTestFinished(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const to = ['--to', `s3://site-assets/x/?endpoint=${s3.endpoint}&region=us-east-1`]
  const probes = async (...line: readonly string[]): Promise<string[]> =>
    (await loadedBy([MAIN, ...line, ...to], folder(), env)).own.filter((file) => file.includes('probe'))
  expect(await probes('plan', SITE)).toEqual([])
  expect(await probes('explain', 'index.html', '--root', SITE)).toEqual([])
  expect(await probes('sync', SITE)).toEqual(['src/store/probe.js'])
})

it('a file of a rare type, a pattern and a .ladingignore load the package that knows them', async () => {
  const cwd = site()
  writeFileSync(join(cwd, 'site/book.epub'), 'e')
  writeFileSync(join(cwd, 'site/.ladingignore'), '*.map\n')
  const { foreign } = await loadedBy([MAIN, 'sync', 'site', '--to', 'store', '--exclude', '*.tmp'], cwd)
  for (const name of ['mime-types', 'picomatch', 'ignore']) {
    expect(
      foreign.some((file) => file.includes(`node_modules/${name}/`)),
      name,
    ).toBe(true)
  }
})

it('the front door is opened without a package, and without the code of any verb', async () => {
  const { own, foreign } = await imports('src/index.js')
  expect(foreign).toEqual([])
  expect(own.length).toBeLessThanOrEqual(8)
})

it.each([['--version'], ['-V'], ['--help'], ['-h'], ['help']])('lading %s loads one file', async (word) => {
  const { own, foreign, heavy } = await loadedBy([MAIN, word], folder())
  expect({ own, foreign, heavy }).toEqual({ own: ['src/cli/main.cjs'], foreign: [], heavy: [] })
})

it.each([['sync'], ['--version']])(
  'on a Node that is too old, lading %s says so and loads nothing more',
  async (word) => {
    const older = join(folder(), 'older.cjs')
    writeFileSync(older, "Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } })")
    const { own, text } = await loadedBy(['--require', older, MAIN, word], folder(), {}, 2)
    expect(text).toMatch(/^E_NODE_VERSION {2}Lading needs Node .*; this is 18\.20\.0\./)
    expect(own).toEqual(['src/cli/main.cjs'])
  },
)

it('the file that says that Node is too old is one that an old Node reads', async () => {
  const code = readFileSync(MAIN, 'utf8')
  const written = async (target: string): Promise<string> => (await transform(code, { target })).code
  expect(await written('node12.22')).toBe(await written('esnext')) // nothing had to be said with older words
})

it.each(['vite', 'webpack', 'rollup', 'esbuild'])(
  'lading/%s starts with a few files, and without a package',
  async (name) => {
    const { own, foreign } = await imports(`plugins/${name}.js`)
    expect(foreign).toEqual([])
    expect(own.length).toBeLessThanOrEqual(9)
    const others = ['vite', 'webpack', 'rollup', 'esbuild', 'sync', 's3'].filter((other) => other !== name)
    expect(own.filter((file) => others.some((other) => file === `src/chunks/${other}.js`))).toEqual([])
  },
)

it('a build of Vite whose public files have their names loads a few files, and none that reads documents', async () => {
  const root = folder()
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>x</title><script type="module" src="/a.js"></script>')
  writeFileSync(join(root, 'a.js'), 'document.body.append("a")')
  const plugin = { url: 'https://cdn.example.com/', cors: true, rewrite: 'always', cacheDir: join(root, 'cache') }
  const config = { root, publicDir: PUBLIC, configFile: false, build: { outDir: join(root, 'dist') } }
  const code = `
    const { build } = await import(${JSON.stringify(import.meta.resolve('vite'))})
    const { default: lading } = await import(${JSON.stringify(pathToFileURL(join(DIST, 'plugins/vite.js')).href)})
    await build({ ...${JSON.stringify(config)}, plugins: [lading(${JSON.stringify(plugin)})] })
  `
  const first = await loadedBy(['--input-type=module', '-e', code], root)
  expect(first.own.length).toBeGreaterThan(9)
  const again = await loadedBy(['--input-type=module', '-e', code], root)
  expect(readFileSync(join(root, 'dist/index.html'), 'utf8')).toContain('src="https://cdn.example.com/a/assets/')
  expect(again.own.length).toBeLessThanOrEqual(6)
})

it('what looks through the pages and style sheets of a bundler brings no parser of scripts or XML', async () => {
  const { foreign } = await imports('plugins/relink.js')
  expect(foreign).toEqual([])
})

const imports = (file: string): Promise<Loaded> =>
  loadedBy(['--input-type=module', '-e', `await import('${pathToFileURL(join(DIST, file)).href}')`], folder())

it('what a public entry exports is what its source exports', async () => {
  const plugins = ['vite', 'webpack', 'rspack', 'rsbuild', 'rollup', 'rolldown', 'esbuild'].map(
    async (name) => [`plugins/${name}`, await import(`../plugins/${name}.ts`)] as const,
  )
  const own = { 'src/index': index, 'src/rewrite/index': rewrite, 'src/runtime': runtime }
  const sources: Readonly<Record<string, object>> = { ...own, ...Object.fromEntries(await Promise.all(plugins)) }
  for (const [entry, source] of Object.entries(sources)) {
    const built = await import(pathToFileURL(join(DIST, `${entry}.js`)).href)
    expect(Object.keys(built).sort(), entry).toEqual(Object.keys(source).sort())
  }
})

const packages = Object.keys(JSON.parse(readFileSync(join(DIST, '../package.json'), 'utf8')).dependencies)

describe('in a bundle of somebody else', () => {
  /** What is named takes in of us and of packages: bytes, and names that stay outside. */
  async function bundled(entry: string, name: string): Promise<{ readonly bytes: number; readonly others: string[] }> {
    const result = await build({
      stdin: { contents: `export { ${name} } from ${JSON.stringify(join(DIST, entry))}`, resolveDir: DIST },
      ...{ bundle: true, write: false, metafile: true, format: 'esm', platform: 'neutral', logLevel: 'silent' },
      external: ['node:*', ...packages],
    })
    const others = Object.values(result.metafile?.inputs ?? {}).flatMap(({ imports }) =>
      imports.filter(({ external }) => external).map(({ path }) => path),
    )
    return { bytes: result.outputFiles?.[0]?.contents.length ?? 0, others: [...new Set(others)].sort() }
  }

  it('lading/runtime is a page’s own function and nothing besides', async () => {
    const { bytes, others } = await bundled('src/runtime.js', 'createAssetUrl')
    expect(others).toEqual([])
    expect(bytes).toBeGreaterThan(100)
    expect(bytes).toBeLessThan(2000)
  })

  it('lading/rewrite brings its parsers and none of the program', async () => {
    const { others } = await bundled('src/rewrite/index.js', 'htmlReferences')
    expect(others).toEqual(['es-module-lexer/js', 'htmlparser2', 'node:crypto'])
  })
})

it('the AWS SDK says nothing of Node’s versions to who calls the API', async () => {
  const s3 = await startStrictS3({ bucket: 'site-assets' })
  onTestFinished(s3.close)
  const cwd = folder()
  const options = { to: `s3://site-assets/?endpoint=${s3.endpoint}&region=us-east-1`, transport: 'sdk' }
  const code = `
    const { releases, resolveStore } = await import(${JSON.stringify(pathToFileURL(join(DIST, 'src/index.js')).href)})
    await releases(resolveStore(${JSON.stringify(options)}, { cwd: ${JSON.stringify(cwd)}, env: process.env }))
  `
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const { text, foreign } = await loadedBy(['--input-type=module', '-e', code], cwd, env)
  expect(foreign.some((file) => file.includes('@aws-sdk/client-s3'))).toBe(true)
  expect(text).not.toContain('NodeVersionSupportWarning')
})

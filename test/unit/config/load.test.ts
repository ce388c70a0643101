import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeOption, listConfig } from '../../../src/config/describe.ts'
import type { LadingConfig } from '../../../src/config/interface.ts'
import { CONFIG_KEYS } from '../../../src/config/keys.ts'
import { defineConfig, type LoadedConfig, loadConfig } from '../../../src/config/load.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { folderWith } from './folder.ts'

const load = (files: Record<string, string>): Promise<LoadedConfig> => loadConfig({ cwd: folderWith(files) })

async function failure(loading: Promise<unknown>): Promise<LadingError> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof LadingError) return error
  throw new Error(`expected a LadingError, got ${String(error)}`)
}

describe('a config file', () => {
  it.each([
    ['lading.config.json', '{ "to": "s3://bucket" }'],
    ['lading.config.json', '\ufeff{ "to": "s3://bucket" }'],
    ['lading.config.mjs', 'export default { to: "s3://bucket" }'],
    ['lading.config.js', 'module.exports = { to: "s3://bucket" }'],
    ['lading.config.ts', 'const to: string = "s3://bucket"\nexport default { to }'],
    ['lading.config.mts', 'const to: string = "s3://bucket"\nexport default { to }'],
    ['lading.config.cjs', 'module.exports = { to: "s3://bucket" }'],
    ['lading.config.cjs', 'module.exports = ({ env }) => ({ to: "s3://bucket", channel: env.X })'],
    ['lading.config.cts', 'const to: string = "s3://bucket"\nmodule.exports = { to }'],
    ['lading.config.cts', 'const to: string = "s3://bucket"\nexport default { to }'],
    ['lading.config.mjs', 'export default Promise.resolve({ to: "s3://bucket" })'],
    ['lading.config.mjs', 'export default async ({ env }) => ({ to: "s3://bucket", channel: env.X })'],
    ['lading.config.ts', 'export default (): { to: string } => ({ to: "s3://bucket" })'],
    ['lading.config.mts', 'const to: string = "s3://bucket"\nexport default { to }'],
    ['lading.config.cjs', 'module.exports = { to: "s3://bucket" }'],
    ['lading.config.cjs', 'module.exports = () => ({ to: "s3://bucket" })'],
  ])('is read from %s: %s', async (name, text) => {
    const { config, sources } = await load({ [name]: text })
    expect(config.to).toBe('s3://bucket')
    expect(sources.to).toEqual({ kind: 'file', name })
  })

  it.each([
    ['lading.config.mjs', 'export default'],
    ['lading.config.cjs', 'module.exports ='],
  ])('is read anew when it has changed: %s', async (name, start) => {
    const cwd = folderWith({ [name]: `${start} { to: "s3://one" }` })
    expect((await loadConfig({ cwd })).config.to).toBe('s3://one')
    await new Promise((wake) => setTimeout(wake, 20))
    writeFileSync(join(cwd, name), `${start} { to: "s3://two" }`)
    expect((await loadConfig({ cwd })).config.to).toBe('s3://two')
  })

  it('may be absent', async () => {
    expect(await load({})).toEqual({ config: {}, sources: {}, file: undefined })
  })

  it('of a format that is not read is named', async () => {
    expect(await failure(load({ 'lading.config.yaml': 'to: store' }))).toMatchObject({
      code: 'E_CONFIG',
      message: 'a config file of this format is not read',
      subject: 'lading.config.yaml',
    })
    expect(await load({ 'lading.config.json': '{}', 'lading.config.yaml': 'to: store' })).toMatchObject({ config: {} })
  })

  it('must be one', async () => {
    const error = await failure(load({ 'lading.config.ts': '', 'lading.config.mjs': '' }))
    expect(error).toMatchObject({
      code: 'E_CONFIG_AMBIGUOUS',
      exitCode: 2,
      details: ['lading.config.ts', 'lading.config.mjs'],
    })
  })

  it('named by --config must exist, and its paths start where it is', async () => {
    const cwd = folderWith({
      'conf/site.json': '{ "root": "../dist", "to": "store", "state": "s3://bucket", "cacheDir": "/c" }',
    })
    expect((await loadConfig({ cwd, file: 'conf/site.json' })).config).toEqual({
      root: join(cwd, 'dist'),
      to: join(cwd, 'conf/store'),
      state: 's3://bucket',
      cacheDir: '/c',
    })
    expect(await failure(loadConfig({ cwd, file: 'conf/none.json' }))).toMatchObject({
      code: 'E_CONFIG',
      subject: 'conf/none.json',
    })
  })

  it('names an unknown option, its line and the one that was meant', async () => {
    const error = await failure(
      load({ 'lading.config.mjs': 'export default {\n  headers: [{ match: "**", cachControl: "x" }],\n}' }),
    )
    expect(error).toMatchObject({ code: 'E_CONFIG', exitCode: 2, subject: 'lading.config.mjs' })
    expect(error.message).toBe('unknown option headers[0].cachControl (line 2); did you mean "cacheControl"?')
  })

  it('names path, expected and got for a wrong type', async () => {
    const error = await failure(load({ 'lading.config.json': '{\n  "concurrency": "8"\n}' }))
    expect(error.message).toBe('concurrency (line 2): expected number, got the string "8"')
  })

  it('lists all problems when there are several', async () => {
    const error = await failure(load({ 'lading.config.json': '{ "cors": 1, "include": "x", "headers": [{}] }' }))
    expect(error.message).toBe('3 problems in the configuration')
    expect(error.details.map((line) => line.replace(/ \(line 1\)/, ''))).toEqual([
      'cors: expected boolean, got the number 1',
      'include: expected a list, got the string "x"',
      'headers[0].match is missing',
    ])
  })

  it.each(['null', '[]', '"x"'])('must be an object, not %s', async (text) => {
    expect((await failure(load({ 'lading.config.json': text }))).code).toBe('E_CONFIG')
  })

  it('may not hold credentials, which are not repeated', async () => {
    const error = await failure(load({ 'lading.config.json': '{ "secretAccessKey": "wJalrXUtnFEMI" }' }))
    expect(error).toMatchObject({ code: 'E_CONFIG_SECRET', message: 'secretAccessKey is a credential' })
    const inList = await failure(load({ 'lading.config.json': '{ "include": ["AKIAIOSFODNN7EXAMPLE"] }' }))
    expect(inList.message).toBe('include[0] is a credential')
    expect(JSON.stringify([{ ...error }, { ...inList }])).not.toMatch(/wJalr|AKIAIOSF/)
  })

  it.each([
    ['lading.config.mjs', 'const a = 1\nexport default { to: }'],
    ['lading.config.ts', 'const a: number = 1\nexport default { to: }'],
  ])('with a syntax error is shown with file, line and column: %s', async (name, text) => {
    const error = await failure(load({ [name]: text }))
    expect(error).toMatchObject({ code: 'E_CONFIG', message: 'the config has a syntax error' })
    expect(error.subject).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')}:2:\\d+$`))
    expect(error.details).toContain('2 | export default { to: }')
  })

  it('that is broken JSON names the line', async () => {
    expect((await failure(load({ 'lading.config.json': '{\n  "to": s3\n}' }))).subject).toBe('lading.config.json:2')
  })

  it('that throws is shown with the frames of its own files', async () => {
    const text = 'export default () => {\n  throw new Error("no branch")\n}'
    const error = await failure(load({ 'lading.config.mjs': text }))
    expect(error).toMatchObject({ code: 'E_CONFIG', message: 'the config threw an error', why: 'no branch' })
    expect(error.details).toHaveLength(1)
    expect(error.details[0]).toContain('lading.config.mjs')
  })

  it('that throws while it loads names the line', async () => {
    const error = await failure(load({ 'lading.config.mjs': '\nthrow new Error("no branch")' }))
    expect(error).toMatchObject({ code: 'E_CONFIG', why: 'no branch', subject: 'lading.config.mjs:2:7' })
  })

  it('that exports a promise which fails says why', async () => {
    const error = await failure(load({ 'lading.config.mjs': 'export default Promise.reject(new Error("late"))' }))
    expect(error).toMatchObject({ code: 'E_CONFIG', message: 'the config threw an error', why: 'late' })
  })

  it('that is a folder is called one', async () => {
    expect(await failure(load({ 'lading.config.ts/index.ts': '' }))).toMatchObject({
      code: 'E_CONFIG',
      message: 'the config is a folder',
    })
  })

  it.runIf(process.platform === 'linux')(
    'that cannot be read says what the disk answered, and what to do',
    async () => {
      const error = await failure(loadConfig({ cwd: folderWith({}), file: '/proc/self/mem' }))
      expect(error).toMatchObject({ code: 'E_CONFIG', message: 'the config file cannot be read' })
      expect(error.why).toBe('The disk answered EIO.')
      expect(error.hint).toContain('right to read it')
    },
  )

  it('is marked only below its own text: a compiler may count in longer lines', async () => {
    const text = 'throw Object.assign(new Error("no"), { stack: import.meta.url + ":1:900" })'
    const error = await failure(load({ 'lading.config.mjs': text }))
    expect(error.subject).toBe('lading.config.mjs:1')
    expect(error.details).toEqual([`1 | ${text}`])
  })

  it('without a default export says so', async () => {
    expect((await failure(load({ 'lading.config.mjs': 'export const to = 1' }))).message).toBe(
      'the config has no default export',
    )
  })

  it.each(['lading.config.mjs', 'lading.config.ts', 'lading.config.mts'])(
    'that is null is no object, as %s, and not a fault of what reads it',
    async (name) => {
      const error = await failure(load({ [name]: 'export default null' }))
      expect([error.code, error.message]).toEqual(['E_CONFIG', 'the configuration must be an object, got null'])
    },
  )

  it.each(['lading.config.cjs', 'lading.config.cts'])('nor as %s', async (name) => {
    const error = await failure(load({ [name]: 'module.exports = null' }))
    expect(error.message).toBe('the configuration must be an object, got null')
  })

  describe('that throws runs once', () => {
    const COUNT = `import { appendFileSync } from 'node:fs'\nappendFileSync(new URL('runs', import.meta.url), 'x')\n`
    const COUNT_CJS = `const { appendFileSync } = require('node:fs')\nappendFileSync(__dirname + '/runs', 'x')\n`
    it.each([
      ['what a loader could throw too', 'lading.config.ts', 'export default (null as any).then', "(reading 'then')"],
      ['what a parser could throw too', 'lading.config.mjs', 'export default JSON.parse("{")', 'JSON'],
      ['the same, with types', 'lading.config.ts', 'export default JSON.parse("{")', 'JSON'],
      ['and in CommonJS', 'lading.config.cjs', 'module.exports = JSON.parse("{")', 'JSON'],
      ['an error of its own', 'lading.config.mts', 'throw new Error("no branch")', 'no branch'],
    ])('and is told as what it is: %s', async (_, name, code, why) => {
      const cwd = folderWith({ [name]: (name.endsWith('.cjs') ? COUNT_CJS : COUNT) + code })
      const error = await failure(loadConfig({ cwd }))
      expect(readFileSync(join(cwd, 'runs'), 'utf8')).toBe('x')
      expect(error).toMatchObject({ code: 'E_CONFIG', message: 'the config cannot be loaded' })
      expect(error.why).toContain(why)
      expect(error.subject).toMatch(/^lading\.config\.[cm]?[jt]s:3/)
    })
  })

  it('gets its type from defineConfig and nothing else', () => {
    const config: LadingConfig = { to: 'x' }
    expect(defineConfig(config)).toBe(config)
  })
})

describe('flags over environment over file', () => {
  const files = { 'lading.config.json': '{ "to": "s3://file", "channel": "file", "retries": 1, "out": "o" }' }

  it('decides value by value and keeps the source of each', async () => {
    const env = {
      LADING_TO: 's3://env',
      LADING_CHANNEL: 'env',
      LADING_REQUEST_TIMEOUT_MS: '5',
      LADING_CORS: 'true',
      LADING_URL: '',
    }
    const loaded = await loadConfig({
      cwd: folderWith(files),
      env,
      flags: { to: 's3://flag' },
      flagName: (key) => `--${key}`,
    })
    expect(loaded.config).toEqual({
      to: 's3://flag',
      channel: 'env',
      retries: 1,
      out: 'o',
      requestTimeoutMs: 5,
      cors: true,
    })
    expect(loaded.sources).toMatchObject({
      to: { kind: 'flag', name: '--to' },
      channel: { kind: 'env', name: 'LADING_CHANNEL' },
      retries: { kind: 'file', name: 'lading.config.json' },
    })
  })

  it('replaces where pages go as one choice', async () => {
    const cwd = folderWith(files)
    expect((await loadConfig({ cwd, flags: { host: true } })).config).not.toHaveProperty('out')
    expect((await loadConfig({ cwd, env: { LADING_IN_PLACE: '1' } })).config).not.toHaveProperty('out')
  })

  it('keeps that choice where a layer above only declines another', async () => {
    const loaded = await loadConfig({ cwd: folderWith(files), env: { LADING_IN_PLACE: 'false' } })
    expect(loaded.config).toMatchObject({ out: 'o', inPlace: false })
  })

  it('reads what steers deploys from the environment, numbers and shares alike', async () => {
    const env = {
      LADING_ORDER: 'nightly:12',
      LADING_LOCK_TIMEOUT_SECONDS: '5',
      LADING_MAX_DELETE: '5%',
      LADING_KEEP_RELEASES: '3',
      LADING_KEEP_DAYS: '0',
      LADING_CDN: 'cloudfront:EDFDVBD6EXAMPLE',
    }
    expect((await loadConfig({ cwd: folderWith({}), env })).config).toEqual({
      order: 'nightly:12',
      lockTimeoutSeconds: 5,
      maxDelete: '5%',
      keepReleases: 3,
      keepDays: 0,
      cdn: 'cloudfront:EDFDVBD6EXAMPLE',
    })
  })

  it('takes a number or a text for an order and for how much may be removed', async () => {
    const { config } = await load({ 'lading.config.json': '{ "order": 12, "maxDelete": 25 }' })
    expect(config).toEqual({ order: 12, maxDelete: 25 })
    expect((await failure(load({ 'lading.config.json': '{ "maxDelete": true }' }))).code).toBe('E_CONFIG')
  })

  it.each([
    ['LADING_CONCURENCY', 'there is no variable LADING_CONCURENCY', 'Did you mean LADING_CONCURRENCY?'],
    ['LADING_XYZZY', 'there is no variable LADING_XYZZY', 'Unset it'],
    ['LADING_EXCLUDE', 'LADING_EXCLUDE is not read from the environment', 'the flag --exclude or exclude: [...]'],
    ['LADING_HEADERS', 'LADING_HEADERS is not read from the environment', 'Unset it; use headers: [...]'],
  ])('refuses %s, which would change nothing', async (name, message, hint) => {
    const error = await failure(loadConfig({ cwd: folderWith({}), env: { [name]: 'x' } }))
    expect(error).toMatchObject({ code: 'E_USAGE', message, hint: expect.stringContaining(hint) })
  })

  it.each([
    'LADING_UPLOAD',
    'LADING_TEST_REPORTS',
    'LADING_REQUIRE_BROWSER',
    'LADING_REQUIRE_SERVERS',
    'LADING_SERVERS',
    'LADING_FRAMEWORKS',
  ])('leaves %s to who reads it', async (name) => {
    expect((await loadConfig({ cwd: folderWith({}), env: { [name]: '1' } })).config).toEqual({})
  })

  it('refuses a switch that is neither on nor off', async () => {
    expect(await failure(loadConfig({ cwd: folderWith({}), env: { LADING_STRICT: 'maybe' } }))).toMatchObject({
      code: 'E_USAGE',
      message: 'LADING_STRICT must be true or false',
      hint: 'Write LADING_STRICT=true or LADING_STRICT=false, or unset it.',
    })
  })
})

describe('the options, listed', () => {
  it('shows each with its value and source, masked', async () => {
    const cwd = folderWith({ 'package.json': '{}', 'dist/index.html': '' })
    const loaded = await loadConfig({ cwd, flags: { to: 's3://k:s@bucket' } })
    const rows = listConfig(loaded, { cwd, env: { GITHUB_REF_NAME: 'main' } })
    expect(rows.map((row) => row.key)).toEqual(CONFIG_KEYS)
    expect(rows).toContainEqual({ key: 'to', value: 's3://***@bucket', source: { kind: 'flag', name: 'to' } })
    expect(rows).toContainEqual({ key: 'root', value: 'dist', source: { kind: 'default', name: 'default' } })
    expect(rows).toContainEqual({ key: 'channel', value: 'main', source: { kind: 'default', name: 'GITHUB_REF_NAME' } })
    expect(rows).toContainEqual({ key: 'lockTimeoutSeconds', value: 60, source: { kind: 'default', name: 'default' } })
    expect(rows).toContainEqual({ key: 'concurrency', value: 64, source: { kind: 'default', name: 'default' } })
    expect(rows).toContainEqual({ key: 'url', value: undefined, source: { kind: 'default', name: 'default' } })
  })

  it('shows the order and the patience that a CI gives', async () => {
    const env = { CI: 'true', GITHUB_RUN_NUMBER: '41', GITHUB_WORKFLOW: 'Deploy' }
    const rows = listConfig(await load({}), { cwd: folderWith({}), env })
    const source = { kind: 'default', name: 'GITHUB_RUN_NUMBER' }
    expect(rows).toContainEqual({ key: 'order', value: 'github:Deploy:41', source })
    expect(rows).toContainEqual({ key: 'lockTimeoutSeconds', value: 600, source: { kind: 'default', name: 'default' } })
  })

  it.each(CONFIG_KEYS)('has a text for %s', (key) => {
    const { text, type } = describeOption(key)
    expect(text.length).toBeGreaterThan(20)
    expect(text).not.toContain('@default')
    expect(type).not.toContain('undefined')
  })

  it('says default, unit and variable', () => {
    expect(describeOption('requestTimeoutMs')).toEqual({
      key: 'requestTimeoutMs',
      type: 'number',
      text: 'How long one request may take before it is given up and tried again, in milliseconds.',
      default: '60_000',
      env: 'LADING_REQUEST_TIMEOUT_MS',
    })
    expect(describeOption('include').env).toBeUndefined()
  })

  it('names the option that was meant', () => {
    expect(() => describeOption('concurency')).toThrow(expect.objectContaining({ hint: 'Did you mean "concurrency"?' }))
    expect(() => describeOption('foo')).toThrow(expect.objectContaining({ hint: 'lading config --show lists them.' }))
  })
})

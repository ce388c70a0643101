import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { inFull } from '../../plugins/masked-failure.ts'
import { OWN_KEYS, REFUSED, wantsUpload } from '../../plugins/options.ts'
import lading, { type LadingPluginOptions } from '../../plugins/vite.ts'
import ladingWebpack from '../../plugins/webpack.ts'
import { CONFIG_KEYS, LadingError } from '../../src/index.ts'
import { buildVite, project, recordOf, tempFolder } from './builds.ts'

afterEach(() => vi.unstubAllEnvs())

const page = { 'index.html': '<script type="module" src="/main.js"></script>', 'main.js': 'document.title = "x"' }

/** As a config written in JavaScript may have it. */
const wrong = (options: object): LadingPluginOptions => options

describe('options of the plugins', () => {
  it.each([
    ['uplaod', { uplaod: true }, 'Did you mean upload?'],
    ['ulr', { ulr: 'https://cdn.example.com/' }, 'Did you mean url?'],
    ['rewrites', { rewrites: 'always' }, 'Did you mean rewrite?'],
    ['chanel', { chanel: 'next' }, 'Did you mean channel?'],
    ['somethingElseEntirely', { somethingElseEntirely: 1 }, 'Remove it.'],
  ])('refuses %s at once', (key, options, hint) => {
    const refusal = expect.objectContaining({ code: 'E_CONFIG', subject: key, hint })
    expect(() => lading(wrong(options))).toThrow(refusal)
    expect(() => ladingWebpack(wrong(options))).toThrow(refusal)
  })

  it.each([...OWN_KEYS, ...CONFIG_KEYS].filter((key) => !Object.hasOwn(REFUSED, key)))(
    'knows %s, and suggests it for a slip of the pen',
    (key) => {
      const slip = `${key}x`
      const refusal = expect.objectContaining({ code: 'E_CONFIG', subject: slip, hint: `Did you mean ${key}?` })
      expect(() => lading(wrong({ [slip]: 1 }))).toThrow(refusal)
      expect(() => lading(wrong({ [key]: undefined }))).not.toThrow()
    },
  )

  it.each([
    ['null', null],
    ['string', 'x'],
    ['array', [{ upload: true }]],
    ['function', () => ({})],
  ])('refuses %s in their place', (subject, given) => {
    const refusal = expect.objectContaining({ code: 'E_CONFIG', subject, hint: expect.stringContaining('lading({') })
    expect(() => Reflect.apply(lading, undefined, [given])).toThrow(refusal)
    expect(() => Reflect.apply(ladingWebpack, undefined, [given])).toThrow(refusal)
  })

  it.each([
    ['upload', { upload: 'yes' }, `expected true, false or 'ci', got the string "yes"`],
    ['rewrite', { rewrite: 'never' }, `expected 'auto', 'always' or false, got the string "never"`],
    ['onError', { onError: true }, "expected 'fail' or 'warn', got true"],
    ['dryRun', { dryRun: 1 }, 'expected true or false, got 1'],
    ['config', { config: true }, 'expected a path or false, got true'],
  ])('refuses a wrong value of %s, and says in whose config it stands', (subject, options, message) => {
    const refusal = { code: 'E_CONFIG', subject, message: expect.stringContaining(`option ${subject}: ${message}`) }
    expect(() => lading(wrong(options))).toThrow(
      expect.objectContaining({ ...refusal, why: 'It is written in the config of vite, where lading() is called.' }),
    )
    expect(() => ladingWebpack(wrong(options))).toThrow(
      expect.objectContaining({ ...refusal, why: expect.stringContaining('the config of webpack,') }),
    )
  })

  it.each([
    ['url', { url: 7 }, 'url: expected string, got the number 7'],
    ['include', { include: 'img' }, 'include: expected a list, got the string "img"'],
    ['an inner one', { headers: [{ match: 'x', cachecontrol: 'no-store' }] }, 'headers[0].cachecontrol'],
  ])('refuses a wrong type of %s with its path, before anything is built', async (_name, options, message) => {
    const folder = tempFolder()
    const building = buildVite({ root: project(page), folder, options: wrong(options) })
    await expect(building).rejects.toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining(message) })
    expect(existsSync(join(folder, 'dist'))).toBe(false)
  })

  it.each([
    ['root', 'The bundler says into which folder it builds.'],
    ['out', expect.stringContaining('its own folder')],
    ['integrity', expect.stringContaining('no digests')],
    ['images', expect.stringContaining('renders no images')],
    ['cdn', expect.stringContaining('no CDN has a copy')],
    ['keepDays', expect.stringContaining('removes nothing')],
  ])('refuses %s, which a build has no use for, and says why', (subject, why) => {
    const hint = 'Write it into lading.config.*, or give it to the command.'
    const refusal = expect.objectContaining({ code: 'E_CONFIG', subject, why, hint })
    expect(() => lading(wrong({ [subject]: 'x' }))).toThrow(refusal)
  })

  it('in the config file are passed over where a build has no use for them', async () => {
    const file = { url: '/_a/', host: true, integrity: true, order: 7, keepDays: 3 }
    const root = project({ ...page, 'lading.config.json': JSON.stringify(file) })
    const { outDir } = await buildVite({ root, options: { rewrite: 'always' } })
    expect(recordOf(outDir)).toMatchObject({ url: '/_a/', rewritten: true })
  })

  it.each([
    [{ upload: 'ci' }, {}, false],
    [{ upload: 'ci' }, { CI: 'false' }, false],
    [{ upload: 'ci' }, { CI: 'true' }, true],
    [{}, { CI: 'true' }, false],
    [{}, { LADING_UPLOAD: 'ci', CI: '1' }, true],
    [{}, { LADING_UPLOAD: '1' }, true],
    [{}, { LADING_UPLOAD: 'no' }, false],
    [{ upload: false }, { LADING_UPLOAD: '1' }, false],
    [{ dryRun: true }, {}, true],
  ] as const)('%o in %o means upload: %s', (options, env, isSent) => {
    expect(wantsUpload(options, env)).toBe(isSent)
  })

  it('refuse a LADING_UPLOAD that says neither', () => {
    expect(() => wantsUpload({}, { LADING_UPLOAD: 'perhaps' })).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('refuses to rewrite without a url, and to upload without a store', async () => {
    const root = project(page)
    await expect(buildVite({ root, options: { rewrite: 'always' } })).rejects.toMatchObject({
      code: 'E_CONFIG',
      subject: 'url',
    })
    await expect(buildVite({ root, options: { upload: true, url: '/_a/' } })).rejects.toMatchObject({
      code: 'E_CONFIG',
      subject: 'to',
    })
  })

  it('are laid over the environment, and that over the config file of the project', async () => {
    const root = project(page)
    const file = { url: 'https://file.example/', cors: true, to: 'store' }
    writeFileSync(join(root, 'lading.config.json'), JSON.stringify(file))
    const urlOf = async (options: LadingPluginOptions): Promise<string> =>
      recordOf((await buildVite({ root, options: { rewrite: 'always', ...options } })).outDir).url
    expect(await urlOf({})).toBe('https://file.example/')
    vi.stubEnv('LADING_URL', 'https://env.example/')
    expect(await urlOf({})).toBe('https://env.example/')
    expect(await urlOf({ url: 'https://own.example/' })).toBe('https://own.example/')
    expect(await urlOf({ url: '/_a/', config: false })).toBe('/_a/')
  })

  it('with config: false, the file does not count', async () => {
    const root = project({ ...page, 'lading.config.json': '{ "url": "https://file.example/" }' })
    const { outDir } = await buildVite({ root, options: { config: false } })
    expect(recordOf(outDir)).toMatchObject({ url: '', rewritten: false })
  })

  it('a build without any leaves its record and is not changed', async () => {
    const folder = tempFolder()
    const { outDir } = await buildVite({ root: project(page), folder })
    expect(recordOf(outDir)).toMatchObject({
      rewritten: false,
      files: [[expect.stringMatching(/^assets\/index-/), expect.any(String), true]],
    })
  })
})

describe('the plugins', () => {
  it('may be made with new, as other plugins of webpack are', () => {
    expect(new ladingWebpack({ url: '/_a/' }).apply).toBeTypeOf('function')
    expect(new lading({ url: '/_a/' })).toMatchObject([
      { name: 'lading', enforce: 'post' },
      { name: 'lading:style-sheets' },
    ])
    expect(() => new ladingWebpack(wrong({ uplaod: true }))).toThrow(expect.objectContaining({ code: 'E_CONFIG' }))
  })

  it('say what is wrong once, without frames of their own', () => {
    const facts = { subject: 'logo.png', details: ['one', 'two'], why: 'It is so.', hint: 'Do this.' }
    const told = inFull(new LadingError('E_BUILD', 'something is wrong', facts))
    const printed = inspect(told)
    const lines = ['lading: something is wrong (logo.png)', '  one', '  two', 'It is so.', 'Fix: Do this.']
    expect(printed).toContain(lines.join('\n'))
    expect(printed).toContain("code: 'E_BUILD'")
    for (const once of ['something is wrong', 'logo.png', 'two', 'It is so.', 'Do this.']) {
      expect(printed.split(once), once).toHaveLength(2)
    }
    expect(printed).not.toContain('    at ')
    expect(told).toMatchObject({ code: 'E_BUILD', ...facts })
  })

  it('show what an error came from, when it came from another', () => {
    const cause = new Error('connect ECONNREFUSED')
    expect(inFull(new LadingError('E_UNREACHABLE', 'no answer', { cause }))).toMatchObject({ cause })
    expect(inFull(new LadingError('E_UNREACHABLE', 'no answer'))).not.toHaveProperty('cause')
  })
})

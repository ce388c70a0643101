import { readdirSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/index.ts'
import { failure, guarded, keys, said, sha256 } from '../rig/guarded.ts'
import { AWS_ID, AWS_SECRET, HARMLESS, PUBLIC, randomText, SEEDED } from '../rig/secrets.ts'

const seeds = new Set(SEEDED.map(([, secret, text]) => text(secret))).size

describe(`table C: ${seeds} secrets inside of files`, () => {
  it('are no fewer than forty, each another one', () => {
    expect(seeds).toBe(SEEDED.length)
    expect(seeds).toBeGreaterThanOrEqual(40)
  })

  it.each(SEEDED)(
    'C08: a %s stops the run, with its place and hardly a character of it',
    async (rule, secret, text) => {
      const site = guarded({ 'js/app.js': `/* é */ a()\n;${text(secret)}` })
      const error = await failure(site.sync())
      expect(error).toMatchObject({ code: 'E_SECRET_CONTENT', exitCode: 3 })
      expect(error.details.some((line) => line.startsWith('js/app.js:2:') && line.includes(`  ${rule}`))).toBe(true)
      const masked = secret.slice(5, -4)
      expect(said(site, error)).not.toContain(masked)
      expect(await keys(site)).toEqual([])
    },
  )

  it('names line and column in characters, and four characters at each end', async () => {
    const token = `ghp_${randomText('t', 36)}`
    const site = guarded({ 'a.js': `let é = 1\nf("é", "${token}")` })
    const { details } = await failure(site.sync())
    expect(details[0]).toBe(`a.js:2:9  GitHub token  ghp_…${token.slice(-4)}`)
  })

  it('C01: settings in a script are found by what is in them', async () => {
    const site = guarded({ 'env.js': `window.ENV = { AWS_SECRET: "${AWS_SECRET}" }` })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SECRET_CONTENT' })
  })

  it('finds what lies across two pieces of a large file, and in UTF-16', async () => {
    const token = `ghp_${randomText('t', 36)}`
    const site = guarded({
      'wide.txt': Buffer.from(`\ufeff${token}`, 'utf16le'),
      'large.txt': `${'a b '.repeat(262_139)}\n${token} ${'c d '.repeat(10)}`,
    })
    const { details } = await failure(site.sync())
    expect(details.filter((line) => line.includes('ghp_'))).toEqual([
      expect.stringContaining('large.txt:2:1  GitHub token'),
      expect.stringContaining('wide.txt:1:'),
    ])
  })

  it.each(HARMLESS)('C09: %s is no alarm', async (text) => {
    const site = guarded({ 'a.js': text, 'b.html': `<pre>${text}</pre>` })
    await site.sync()
    expect(site.events.filter(({ type }) => type === 'warning')).toEqual([])
  })

  it.each(PUBLIC)('C08: a %s may be public, so it is a warning', async (rule, secret) => {
    const site = guarded({ 'a.js': `k("${secret}")` })
    await site.sync()
    const ends = `${secret.slice(0, 4)}…${secret.slice(-4)}`
    expect(site.warned('W_SECRET_PUBLIC')).toEqual([`a.js:1:4  ${rule}  ${ends}`])
    expect(JSON.stringify(site.events)).not.toContain(secret)
  })

  it('looks at a file again only when it has changed', async () => {
    const site = guarded({ 'a.js': `k("${PUBLIC[0]?.[1]}")` })
    await new Promise((resolve) => setTimeout(resolve, 2100)) // older than what the hash cache does not trust
    await site.sync()
    await site.sync()
    expect(site.warned('W_SECRET_PUBLIC')).toHaveLength(1)
    const name = readdirSync(site.path('cache')).find((file) => file.startsWith('hashes-'))
    const cached = site.read(`cache/${name}`).toString()
    expect(cached).toContain('Google API key')
    expect(cached).not.toContain(PUBLIC[0]?.[1])
  })
})

describe('table C: what nothing allows', () => {
  it.each(['js/app.js', 'data.bin', 'a.json'])(
    'C10: our own credentials in %s stop the run, whatever is allowed',
    async (name) => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', AWS_ID)
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', AWS_SECRET)
      const text = name.endsWith('.json') ? `["${AWS_SECRET.replaceAll('/', '\\/')}"]` : `\0\n${AWS_SECRET}`
      const site = guarded({ [name]: text })
      const allow = ['deploy credentials', 'AWS secret key'].map((rule) => ({
        path: name,
        rule,
        sha256: sha256(text),
        reason: 'r',
      }))
      const error = await failure(site.sync({ allow }))
      expect(error).toMatchObject({ code: 'E_SECRET_CONTENT', exitCode: 3 })
      expect(error.details).toEqual([expect.stringContaining('deploy credentials  AWS_SECRET_ACCESS_KEY')])
      expect(said(site, error)).not.toContain(AWS_SECRET.slice(4, -4))
      expect(await keys(site)).toEqual([])
    },
  )

  it.each([
    ['credentials', 'AWS_SHARED_CREDENTIALS_FILE', '[shop]'],
    ['config', 'AWS_CONFIG_FILE', '[profile shop]'],
  ])('C10: the keys of a profile in the %s file stop the run, in every form', async (_file, variable, section) => {
    const site = guarded({ 'a.js': `k("${AWS_SECRET}")` })
    site.write('aws', `${section}\naws_access_key_id = ${AWS_ID}\nAWS_SECRET_ACCESS_KEY=${AWS_SECRET}\n`)
    vi.stubEnv(variable, site.path('aws'))
    for (const form of [AWS_SECRET, encodeURIComponent(AWS_SECRET), Buffer.from(AWS_SECRET).toString('base64')]) {
      site.write('site/a.js', `k("${form}")`)
      const error = await failure(site.sync())
      expect(error).toMatchObject({ code: 'E_SECRET_CONTENT', exitCode: 3 })
      expect(error.details).toEqual(['a.js:1:4  deploy credentials  aws_secret_access_key of the profile shop'])
      expect(said(site, error)).not.toContain(form.slice(4, -4))
    }
  })

  it('C10: so does the token that a CI signs in with', async () => {
    const token = `tok.${randomText('web', 60)}`
    const site = guarded({ 'a.js': `k("${token}")` })
    site.write('token', `${token}\n`)
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', site.path('token'))
    expect((await failure(site.sync())).details).toEqual([expect.stringContaining('AWS_WEB_IDENTITY_TOKEN_FILE')])
  })

  it('C09: a profile made of documented keys stops no documentation', async () => {
    const site = guarded({ 'a.html': '<pre>AKIAIOSFODNN7EXAMPLE' })
    site.write('aws', '[default]\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\n')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', site.path('aws'))
    await site.sync()
    expect(await keys(site)).toEqual(['a.html', 'index.html'])
  })

  it('C10: a file that was searched for other credentials is searched again', async () => {
    const site = guarded({ 'a.txt': `see ${AWS_SECRET.slice(0, 39)}_ ${AWS_SECRET}x` })
    await new Promise((resolve) => setTimeout(resolve, 2100))
    await site.sync()
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', AWS_SECRET)
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SECRET_CONTENT' })
  })
})

describe('table C: what is allowed', () => {
  const token = `ghp_${randomText('t', 36)}`
  const text = `f("${token}")`
  const entry = { path: 'a.js', rule: 'GitHub token', sha256: sha256(text), reason: 'revoked; shown in the tutorial' }

  it('C12: a finding is allowed by path, rule and content; a changed file asks again', async () => {
    const site = guarded({ 'a.js': text })
    await site.sync({ allow: [entry] })
    expect(await keys(site)).toEqual(['a.js', 'index.html'])
    site.write('site/a.js', `${text};`)
    for (const allow of [entry, { ...entry, path: 'b.js' }, { ...entry, rule: 'GitLab token' }]) {
      expect(await failure(site.sync({ allow: [allow] }))).toMatchObject({ code: 'E_SECRET_CONTENT' })
    }
  })

  it('C12: the error prints the entry to paste', async () => {
    const site = guarded({ 'a.js': text, 'dump.sql': 'x' })
    const contents = await failure(site.sync({ exclude: ['*.sql'] }))
    expect(JSON.parse(/\{.*\}/.exec(contents.details.at(-1) ?? '')?.[0] ?? '')).toEqual({ ...entry, reason: '' })
    const names = await failure(site.sync())
    const allow = {
      ...JSON.parse(/\{.*\}/.exec(names.details.at(-1) ?? '')?.[0] ?? ''),
      reason: 'the schema of the course',
    }
    await site.sync({ allow: [entry, allow] })
    expect(await keys(site)).toEqual(['a.js', 'dump.sql', 'index.html'])
  })

  it.each([
    ['C13: without a reason', { ...entry, reason: ' ' }],
    ['with a shortened digest', { ...entry, sha256: 'abc' }],
    ['C12: for all files', { ...entry, path: '' }],
    ['C12: for all rules', { ...entry, rule: '' }],
  ])('%s an entry is refused', (_what, wrong) => {
    const resolve = () => resolveConfig({ root: '.', to: '/tmp/store', allow: [wrong] }, { cwd: '/site', env: {} })
    expect(resolve).toThrow(expect.objectContaining({ code: 'E_CONFIG', exitCode: 2 }))
  })
})

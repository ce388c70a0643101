import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LadingConfig, LadingError, resolveConfig } from '../../src/index.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { AWS_ID, AWS_SECRET, HARMLESS, PUBLIC, randomText, SEEDED } from '../rig/secrets.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
  vi.unstubAllEnvs()
})

function project(files: Readonly<Record<string, string | Uint8Array>>, config: LadingConfig = MIRROR): Project {
  const made = createProject({ files: { 'index.html': '<p>hello', ...files }, config })
  projects.push(made)
  return made
}

async function failure(work: Promise<unknown>): Promise<LadingError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof LadingError) return error
  throw new Error(`expected a LadingError, got ${String(error)}`)
}

async function keys(site: Project): Promise<string[]> {
  const found: string[] = []
  for await (const page of site.store.list('')) found.push(...page.map(({ key }) => key))
  return found.filter((key) => !key.startsWith('.lading/')).sort()
}

/** Everything that a failed run let out: events, and the error with all it carries. */
const said = (site: Project, error: LadingError): string =>
  JSON.stringify([site.events, error, error.message, error.stack, error.why, error.hint, error.details])

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Names of table C, by what they do to a run. */
const STOPPING: readonly (readonly [row: string, rule: string, names: readonly string[]])[] = [
  [
    'C01',
    'environment file',
    ['.env', '.env.production', '.env.local', 'prod.env', '.env.local.bak', 'api/.env', '.envrc'],
  ],
  ['C02', 'version control', ['.git/config', '.git', '.gitmodules', '.svn/entries', '.hg/hgrc', 'docs/.git/HEAD']],
  [
    'C03',
    'private key',
    ['id_rsa', 'id_ed25519', 'keys/id_ecdsa', 'x.pem', 'x.key', 'x.p8', 'x.p12', 'x.pfx', 'x.jks', 'x.kdbx', 'x.ppk'],
  ],
  [
    'C03',
    'credentials',
    [
      '.netrc',
      '.pypirc',
      '.dockercfg',
      '.zsh_history',
      '.gnupg/x',
      '.aws/credentials',
      '.docker/config.json',
      '.ssh/config',
      '.htpasswd',
    ],
  ],
  [
    'C03',
    'credentials',
    ['.git-credentials', '.pgpass', '.s3cfg', '.my.cnf', '.bash_history', 'rclone.conf', 'prod.tfvars'],
  ],
  ['C03', 'credentials', ['terraform.tfstate', 'credentials.json', 'secrets.yml', 'secret.txt', 'config/credentials']],
  ['C04', 'dump or backup', ['wp-config.php.bak', 'dump.sql', 'db.sql.gz', 'index.html.old', 'a.backup']],
  ['C04', 'dump or backup', ['backup.zip', 'shop.sqlite', 'site-backup.tar.gz']],
]
const SKIPPED: readonly (readonly [rule: string, names: readonly string[]])[] = [
  ['litter', ['.DS_Store', 'img/Thumbs.db', 'a.html.swp', 'a.html~', 'npm-debug.log']],
  ['shown', ['.env.example', '.gitignore', '.gitattributes', '.npmrc', '.editorconfig']],
]

describe('table C: secret files', () => {
  const stopping = STOPPING.flatMap(([row, rule, names]) => names.map((name) => [row, name, rule] as const))
  const skipped = SKIPPED.flatMap(([, names]) => names)

  it('has at least sixty names', () => expect(stopping.length + skipped.length).toBeGreaterThanOrEqual(60))

  it.each(stopping)('%s: %s stops the run as %s, and its text is not repeated', async (_row, name, rule) => {
    const canary = randomText(name, 30)
    const site = project({ [name]: canary })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_SECRET_FILE', exitCode: 3 })
    expect(name.startsWith((error.details[0] ?? '').split('  ')[0] ?? '')).toBe(true)
    expect(error.details[0]).toContain(rule)
    expect(said(site, error)).not.toContain(canary)
    expect(await keys(site)).toEqual([])
  })

  it.each(skipped)('C04: %s is left out and stops nothing', async (name) => {
    const site = project({ [name]: 'x' })
    await site.sync()
    expect(await keys(site)).toEqual(['index.html'])
  })

  it('C03: an .npmrc with a token stops the run', async () => {
    const site = project({ '.npmrc': '//registry.example.net/:_authToken=abc' })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SECRET_FILE' })
  })

  it('what only has such a name is no secret: folders, pages, slides, certificates', async () => {
    const site = project({
      'blog/secret/index.html': 'x',
      'credentials.html': 'x',
      'talk.key': Buffer.from('504b0304140000000000', 'hex'),
      'ca.pem': '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----',
      'team/CVS/ann.pdf': 'x',
    })
    await site.sync()
    expect(await keys(site)).toEqual(['blog/secret/index.html', 'credentials.html', 'index.html'])
  })

  it('a download that a page names is a download', async () => {
    const site = project({
      'backup.zip': 'x',
      'data/shop db.sqlite': 'x',
      'index.html': '<a href="backup.zip">all</a> <a href="data/shop%20db.sqlite">data</a>',
    })
    await site.sync()
    expect(await keys(site)).toEqual(['backup.zip', 'data/shop db.sqlite', 'index.html'])
  })

  it('what is excluded is not about to be published', async () => {
    const site = project({ '.env': 'A=1', 'dump.sql': 'x' })
    await site.sync({ exclude: ['.env', '*.sql'] })
    expect(await keys(site)).toEqual(['index.html'])
  })

  it('a link with the name of a secret is not followed', async () => {
    const site = project({ 'a.txt': 'x' })
    symlinkSync('a.txt', site.path('site/.env'))
    await site.sync()
    expect(await keys(site)).toEqual(['a.txt', 'index.html'])
  })

  it('a project is told that it is one before its secrets are listed', async () => {
    const site = project({ '.env': 'A=1' })
    mkdirSync(site.path('site/src'))
    expect(await failure(site.sync())).toMatchObject({ code: 'E_WRONG_ROOT' })
  })

  it.each(['node_modules', 'src'])('C17, C18: a root with %s is a project', async (folder) => {
    const site = project({ [`${folder}/a.js`]: 'x', 'package.json': '{}' })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_WRONG_ROOT', exitCode: 3 })
    expect(await keys(site)).toEqual([])
  })
})

describe('table C: secrets inside of files', () => {
  it('has at least forty seeds', () => expect(SEEDED.length).toBeGreaterThanOrEqual(40))

  it.each(SEEDED)(
    'C08: a %s stops the run, with its place and hardly a character of it',
    async (rule, secret, text) => {
      const site = project({ 'js/app.js': `/* é */ a()\n;${text(secret)}` })
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
    const site = project({ 'a.js': `let é = 1\nf("é", "${token}")` })
    const { details } = await failure(site.sync())
    expect(details[0]).toBe(`a.js:2:9  GitHub token  ghp_…${token.slice(-4)}`)
  })

  it('C01: settings in a script are found by what is in them', async () => {
    const site = project({ 'env.js': `window.ENV = { AWS_SECRET: "${AWS_SECRET}" }` })
    expect(await failure(site.sync())).toMatchObject({ code: 'E_SECRET_CONTENT' })
  })

  it('finds what lies across two pieces of a large file, and in UTF-16', async () => {
    const token = `ghp_${randomText('t', 36)}`
    const site = project({
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
    const site = project({ 'a.js': text, 'b.html': `<pre>${text}</pre>` })
    await site.sync()
    expect(site.events.filter(({ type }) => type === 'warning')).toEqual([])
  })

  it.each(PUBLIC)('C08: a %s may be public, so it is a warning', async (rule, secret) => {
    const site = project({ 'a.js': `k("${secret}")` })
    await site.sync()
    const ends = `${secret.slice(0, 4)}…${secret.slice(-4)}`
    expect(site.warned('W_SECRET_PUBLIC')).toEqual([`a.js:1:4  ${rule}  ${ends}`])
    expect(JSON.stringify(site.events)).not.toContain(secret)
  })

  it('looks at a file again only when it has changed', async () => {
    const site = project({ 'a.js': `k("${PUBLIC[0]?.[1]}")` })
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
      const site = project({ [name]: text })
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

  it('C10: a file that was searched for other credentials is searched again', async () => {
    const site = project({ 'a.txt': `see ${AWS_SECRET.slice(0, 39)}_ ${AWS_SECRET}x` })
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
    const site = project({ 'a.js': text })
    await site.sync({ allow: [entry] })
    expect(await keys(site)).toEqual(['a.js', 'index.html'])
    site.write('site/a.js', `${text};`)
    for (const allow of [entry, { ...entry, path: 'b.js' }, { ...entry, rule: 'GitLab token' }]) {
      expect(await failure(site.sync({ allow: [allow] }))).toMatchObject({ code: 'E_SECRET_CONTENT' })
    }
  })

  it('C12: the error prints the entry to paste', async () => {
    const site = project({ 'a.js': text, 'dump.sql': 'x' })
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
  ])('%s an entry is refused', (_what, wrong) => {
    const resolve = () => resolveConfig({ root: '.', to: '/tmp/store', allow: [wrong] }, { cwd: '/site', env: {} })
    expect(resolve).toThrow(expect.objectContaining({ code: 'E_CONFIG', exitCode: 2 }))
  })
})

describe('table C: traces of the machine', () => {
  const inline = (map: object): string =>
    `a()\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`

  it('C05, C07: maps are not uploaded, and what points at them is left as it is', async () => {
    const site = project({ 'a.js': 'a()\n//# sourceMappingURL=a.js.map', 'a.js.map': '{"sourcesContent":["x"]}' })
    await site.sync()
    expect(site.warned('W_SOURCEMAP_SKIPPED')).toEqual(['a.js.map'])
    expect(await keys(site)).toEqual(['a.js', 'index.html'])
  })

  it.each(['a.js', 'a.mjs', 'a.css'])('C06: an inline source map with sources in %s stops the run', async (name) => {
    const site = project({ [name]: inline({ version: 3, sourcesContent: ['let secret'] }) })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_SOURCEMAP_INLINE', exitCode: 3 })
    expect(error.details[0]).toMatch(/^a\.\w+:2:\d+ {2}inline source map$/)
    expect(await keys(site)).toEqual([])
  })

  it.each([
    ['a map without sources', inline({ version: 3, sources: ['a.ts'], sourcesContent: [null] })],
    ['code that writes maps', 'x="//# sourceMappingURL=data:application/json;base64,"+btoa(m)'],
  ])('C06: %s is none', async (_what, text) => {
    const site = project({ 'a.js': text })
    await site.sync()
    expect(await keys(site)).toEqual(['a.js', 'index.html'])
  })

  it.each([
    ['process.env', 'var e={"PATH":"/usr/bin:/bin","HOME":"/home/ann","SHELL":"/bin/sh","npm_config_x":"1"}'],
    ['import.meta.env', 'var e={BASE_URL:"/",DEV:!1,MODE:"production",PROD:!0,SSR:!1,VITE_API:"x"}'],
  ])('C11: %s as a whole is named', async (_what, text) => {
    const site = project({ 'a.js': text })
    await site.sync()
    expect(site.warned('W_ENV_DUMP')).toEqual([expect.stringMatching(/^a\.js:1:\d+ {2}environment$/)])
  })

  it('C15: paths of the machine are named without what follows the user', async () => {
    const site = project({
      'a.js': 'load("/home/ann/work/shop/src/private-plan.js"); go("/home/news/today")',
      'b.css': '/* file:///Users/bob/Documents/x.scss */ a{b:url(C:\\\\Users\\\\eve\\\\x.png)}',
    })
    await site.sync()
    expect(site.warned('W_LOCAL_PATH')).toEqual([
      'a.js:1:7  local path  /home/ann/…',
      'b.css:1:11  local path  /Users/bob/…',
      expect.stringContaining('C:\\\\Users\\\\eve\\\\…'),
    ])
  })

  it('C16: addresses of the own network are named where they work or hide, not where they are read', async () => {
    const site = project({
      'a.html':
        '<!-- http://build7.corp:8080/job?token=t --><img src="http://localhost:3000/a.png"><p>Open http://localhost:4000/ now',
    })
    await site.sync()
    expect(site.warned('W_LOCALHOST_REF')).toEqual([
      'a.html:1:10  local address  http://build7.corp:8080',
      'a.html:1:59  local address  http://localhost:3000',
    ])
  })
})

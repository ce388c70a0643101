import { describe, expect, it } from 'vitest'
import { explain, type LadingConfig, resolveConfig } from '../../src/index.ts'
import { failure, guarded, said } from '../rig/guarded.ts'
import type { Project } from '../rig/project.ts'
import { PUBLIC, randomText } from '../rig/secrets.ts'

const token = `ghp_${randomText('explained', 36)}`
const key = PUBLIC[0]?.[1] ?? ''

function asked(site: Project, path: string, config: LadingConfig = {}): ReturnType<typeof explain> {
  const own = { root: 'site', to: './store', cacheDir: 'cache', ...config }
  return explain(resolveConfig(own, { cwd: site.dir, env: {} }), path, { openStore: async () => site.store, env: {} })
}

describe('explain tells why the guards stop at a file', () => {
  const files = {
    'js/app.js': `f("${token}")`,
    '.env': `A=${token}`,
    '.git/config': 'x',
    'backup.zip': 'x',
    'b.js': 'b',
  }

  it.each([
    ['js/app.js', 'E_SECRET_CONTENT', /^js\/app\.js:1:4 {2}GitHub token {2}ghp_…\w{4}$/],
    ['.env', 'E_SECRET_FILE', /^\.env {2}environment file$/],
    ['.git/config', 'E_SECRET_FILE', /^\.git {2}version control$/],
    ['backup.zip', 'E_SECRET_FILE', /^backup\.zip {2}dump or backup$/],
  ])('%s: %s, with rule and reason, without the value', async (path, code, detail) => {
    const site = guarded(files)
    const error = await failure(asked(site, path))
    expect(error).toMatchObject({ code, exitCode: 3, subject: path, why: expect.any(String), hint: expect.any(String) })
    expect(error.details[0]).toMatch(detail)
    expect(error.details.filter((line) => !line.includes('to allow it'))).toHaveLength(1)
    expect(said(site, error)).not.toContain(token)
  })

  it('another file cannot be explained before the site is clean, and what stops it is named', async () => {
    const error = await failure(asked(guarded(files), 'b.js'))
    expect(error).toMatchObject({ code: 'E_SECRET_FILE', subject: undefined })
    expect(error.details.join()).toContain('.env  environment file')
  })

  it('a file that is allowed is explained like any other', async () => {
    const site = guarded({ 'dump.sql': 'x' })
    const { details } = await failure(asked(site, 'dump.sql'))
    const entry = JSON.parse(/\{.*\}/.exec(details[1] ?? '')?.[0] ?? '')
    expect(await asked(site, 'dump.sql', { allow: [{ ...entry, reason: 'of the course' }] })).toMatchObject({
      path: 'dump.sql',
      reason: 'put: new',
    })
  })

  it('a key in an address that a page names is not repeated', async () => {
    const site = guarded({ 'a.html': `<img src="map.png?key=${key}"><img src="logo.png">`, 'logo.png': 'x' })
    const found = await asked(site, 'a.html', { url: 'https://cdn.example.com/', out: 'out' })
    expect(found.references.map(({ url }) => url)).toEqual(['map.png?key=***', 'logo.png'])
    expect(JSON.stringify(found)).not.toContain(key)
  })
})

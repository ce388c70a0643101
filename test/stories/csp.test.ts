import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig, WarningEvent } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(files: Readonly<Record<string, string>>, config: LadingConfig = {}): Project {
  const made = createProject({ files, config })
  projects.push(made)
  return made
}

const meta = (policy: string): string => `<meta http-equiv="content-security-policy" content="${policy}">`

const said = ({ events }: Project): WarningEvent[] =>
  events.filter((event) => event.type === 'warning' && event.code === 'W_CSP') as WarningEvent[] // filtered by type

describe('H10: a content security policy that lacks the CDN', () => {
  const files = {
    'index.html': `${meta("default-src 'self'; img-src 'self'")}<link rel="stylesheet" href="a.css"><img src="x.png">`,
    'a.css': '@font-face{src:url(f.woff2)} a{background:url(x.png)}',
    'x.png': 'x',
    'f.woff2': 'wOF2',
  }

  it('is warned of, with the exact directive to add, sheets included', async () => {
    const site = project(files, { cors: true })
    await site.plan()
    const [warning] = said(site)
    expect(warning?.items).toEqual([expect.stringContaining('index.html (<meta>)')])
    expect(warning?.fix).toContain("img-src 'self' https://cdn.example.com")
    expect(warning?.fix).toContain("style-src 'self' https://cdn.example.com")
    expect(warning?.fix).toContain("font-src 'self' https://cdn.example.com")
  })

  it('is about the sheets that a page loads, one through the other, and about no other sheet', async () => {
    const head = meta("default-src 'self'; style-src *")
    const site = project(
      {
        'fonts.html': `${head}<link rel="stylesheet" href="css/site.css">`,
        'plain.html': `${head}<link rel="stylesheet" href="css/plain.css">`,
        'css/site.css': '@import "fonts.css";',
        'css/fonts.css': '@font-face{src:url(../f.woff2)}',
        'css/plain.css': 'b{color:red}',
        'f.woff2': 'wOF2',
      },
      { cors: true },
    )
    for (const run of [site.sync, site.plan]) {
      await run()
      expect(said(site)).toMatchObject([
        { items: ["fonts.html (<meta>): default-src 'self'"], fix: "font-src 'self' https://cdn.example.com" },
      ])
    }
  })

  it('is warned of again by a run that reads no page anew', async () => {
    const site = project(files, { cors: true })
    await site.sync()
    const [first] = said(site)
    expect(first).toBeDefined()
    await site.sync()
    expect(said(site)[0]).toEqual(first)
  })

  it('stops a strict run', async () => {
    const site = project(files, { cors: true, strict: true })
    await expect(site.sync()).rejects.toMatchObject({ code: 'E_STRICT', exitCode: 3 })
  })

  it('may stand in the file that tells the host its headers', async () => {
    const site = project({
      'index.html': '<img src="x.png">',
      'x.png': 'x',
      _headers: "/*\n  Content-Security-Policy: img-src 'self'\n",
    })
    await site.plan()
    expect(said(site)[0]?.fix).toContain("img-src 'self' https://cdn.example.com")
  })

  it.each([
    ['allows it', meta("default-src 'self'; img-src https://cdn.example.com")],
    ['is not there', ''],
    ['says nothing of what moved', meta("script-src 'self'")],
  ])('is not warned of where it %s', async (_why, head) => {
    const site = project({ 'index.html': `${head}<img src="x.png">`, 'x.png': 'x' })
    await site.plan()
    expect(said(site)).toEqual([])
  })

  it('is no matter on a path of the site', async () => {
    const site = project(files, { url: '/_a/' })
    await site.plan()
    expect(said(site)).toEqual([])
  })
})

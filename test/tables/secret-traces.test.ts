import { describe, expect, it } from 'vitest'
import { failure, guarded, keys } from '../rig/guarded.ts'

describe('table C: traces of the machine', () => {
  const inline = (map: object): string =>
    `a()\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`

  it('C05, C07: maps are not uploaded, and what points at them is left as it is', async () => {
    const site = guarded({ 'a.js': 'a()\n//# sourceMappingURL=a.js.map', 'a.js.map': '{"sourcesContent":["x"]}' })
    await site.sync()
    expect(site.warned('W_SOURCEMAP_SKIPPED')).toEqual(['a.js.map'])
    expect(await keys(site)).toEqual(['a.js', 'index.html'])
  })

  it.each(['a.js', 'a.mjs', 'a.css'])('C06: an inline source map with sources in %s stops the run', async (name) => {
    const site = guarded({ [name]: inline({ version: 3, sourcesContent: ['let secret'] }) })
    const error = await failure(site.sync())
    expect(error).toMatchObject({ code: 'E_SOURCEMAP_INLINE', exitCode: 3 })
    expect(error.details[0]).toMatch(/^a\.\w+:2:\d+ {2}inline source map$/)
    expect(await keys(site)).toEqual([])
  })

  it('C06: one in a script of a page does too', async () => {
    const site = guarded({ 'a.html': `<script>${inline({ version: 3, sourcesContent: ['let secret'] })}</script>` })
    expect(await failure(site.sync())).toMatchObject({
      code: 'E_SOURCEMAP_INLINE',
      details: [expect.stringMatching(/^a\.html:2:/), expect.stringContaining('to allow it')],
    })
  })

  it.each([
    ['a map without sources', inline({ version: 3, sources: ['a.ts'], sourcesContent: [null] })],
    ['code that writes maps', 'x="//# sourceMappingURL=data:application/json;base64,"+btoa(m)'],
  ])('C06: %s is none', async (_what, text) => {
    const site = guarded({ 'a.js': text })
    await site.sync()
    expect(await keys(site)).toEqual(['a.js', 'index.html'])
  })

  it.each([
    ['process.env', 'var e={"PATH":"/usr/bin:/bin","HOME":"/home/ann","SHELL":"/bin/sh","npm_config_x":"1"}'],
    ['import.meta.env', 'var e={BASE_URL:"/",DEV:!1,MODE:"production",PROD:!0,SSR:!1,VITE_API:"x"}'],
  ])('C11: %s as a whole is named', async (_what, text) => {
    const site = guarded({ 'a.js': text })
    await site.sync()
    expect(site.warned('W_ENV_DUMP')).toEqual([expect.stringMatching(/^a\.js:1:\d+ {2}environment$/)])
  })

  it('C15: paths of the machine are named without what follows the user', async () => {
    const site = guarded({
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
    const site = guarded({
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

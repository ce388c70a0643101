import { afterEach, expect, it } from 'vitest'
import { type Serving, serveSite } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
const servers: Serving[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  for (const project of projects.splice(0)) project.remove()
})

it('a site whose assets lie below a path of its own host is served from one address', async () => {
  const site = createProject({
    files: { 'x.png': 'pixels', 'index.html': '<img src="x.png">', '404.html': 'gone' },
    config: { url: '/_a/', out: 'out' },
  })
  projects.push(site)
  await site.sync()
  const server = await serveSite({ dir: site.path('out'), store: site.store, mount: '/_a/' })
  servers.push(server)

  const page = await (await fetch(server.url)).text()
  const src = /src="([^"]+)"/.exec(page)?.[1] ?? ''
  expect(src).toMatch(/^\/_a\/a\/x\.\w+\.png$/)
  const image = await fetch(new URL(src, server.url))
  expect(await image.text()).toBe('pixels')
  expect(image.headers.get('cache-control')).toContain('immutable')

  expect((await fetch(new URL('/_a/.lading/pointer.json', server.url))).status).toBe(404)
  const missing = await fetch(new URL('/_a/a/none.png', server.url))
  expect([missing.status, await missing.text()]).toEqual([404, 'gone'])
})

import { request } from 'node:http'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { along, ask, opened, overviewOf, WATCH } from '../rig/dashboard-asking.ts'
import { dashboardWorld, type StartedDashboard } from '../rig/dashboard-world.ts'
import { eventually } from '../rig/eventually.ts'

describe('the place of the dashboard', () => {
  it('is the next free port when its own is taken, unless that was asked for', async () => {
    const { world } = await opened()
    const servers = [4600, 4601].map((port) =>
      createServer()
        .on('error', () => undefined)
        .listen(port, '127.0.0.1'),
    )
    onTestFinished(() => void servers.map((server) => server.close()))
    const dashboard = await world.dashboard('--default-port')
    expect(Number(new URL(dashboard.origin).port)).toBeGreaterThan(4601)
    const taken = new URL(dashboard.origin).port
    const { code, out, err } = await world.run('batch', 'dashboard', '--to', 'store', '--port', taken)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(`E_USAGE  cannot listen on 127.0.0.1:${taken}`)
    expect(err).toContain('another program uses the port')
  })

  it('is this machine only, unless somebody says that they know', async () => {
    const { world } = await opened()
    const refused = await world.run('batch', 'dashboard', '--to', 'store', '--host', '0.0.0.0')
    expect([refused.code, refused.out]).toEqual([2, ''])
    expect(refused.err).toContain('--i-know')
    const dashboard = await world.dashboard('--host', '0.0.0.0', '--i-know')
    expect(dashboard.err()).toContain('warning: other machines can reach this')
    expect(dashboard.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
    const { port } = new URL(dashboard.origin)
    const reached = { origin: `http://127.0.0.1:${port}`, token: dashboard.token }
    const host = (name: string) => ask(reached, along(WATCH, { host: `${name}:${port}` }))
    expect((await host('127.0.0.1')).status).toBe(200)
    for (const name of ['evil.com', '0.0.0.0']) expect([name, (await host(name)).status]).toEqual([name, 403])
    expect((await ask(reached, along(WATCH, { authorization: undefined }))).status).toBe(401)
  })

  it.each([
    [['--host', 'localhost'], /^http:\/\/(127\.0\.0\.1|\[::1\]):/],
    [['--host', '0', '--i-know'], /^http:\/\/127\.0\.0\.1:/],
  ])('is told by the address that was taken, not by a name that may lead elsewhere: %j', async (flags, address) => {
    const { world } = await opened()
    const dashboard = await world.dashboard(...flags)
    expect(dashboard.url).toMatch(address)
    expect((await ask(dashboard, WATCH)).status).toBe(200)
  })

  it.each([
    [['--host', '192.0.2.7', '--i-know'], 'EADDRNOTAVAIL', 'Name an address of this machine'],
    [['--port', '70000'], 'from 0 to 65535', '0 takes any free one'],
    [['--i-know'], '--i-know does nothing without --host', 'Add --host ADDRESS'],
  ])('is not %j', async (flags, why, hint) => {
    const { code, out, err } = await dashboardWorld().run('batch', 'dashboard', '--to', 'store', ...flags)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(why)
    expect(err).toContain(hint)
  })

  it('is said in 80 columns, or as a record', async () => {
    const { world, dashboard } = await opened()
    for (const line of dashboard.err().split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    const { url } = await world.dashboard('--json')
    expect(JSON.parse(url)).toEqual({
      v: 1,
      type: 'dashboard',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#[0-9a-f]{32}$/),
      port: expect.any(Number),
      isReadOnly: false,
    })
  })

  it.each([129, 130, 143])('is left at once with %d, also while pages are open', async (exitCode) => {
    const { dashboard } = await opened()
    const open = ask(dashboard, { path: '/api/watch' })
    await overviewOf(dashboard)
    expect(await dashboard.stop(exitCode)).toBe(exitCode)
    expect((await open).body).toContain('secret-batch')
  })

  it('has room for sixteen pages, and again when one has gone', async () => {
    const { dashboard } = await opened()
    const leave = await Promise.all(Array.from({ length: 16 }, () => joined(dashboard)))
    const answer = await ask(dashboard, { path: '/api/watch' })
    expect([answer.status, answer.body, answer.headers['retry-after']]).toEqual([503, '', '10'])
    leave[0]?.()
    await eventually(async () => expect((await ask(dashboard, WATCH)).status).toBe(200))
  })
})

/** Opens a stream and reads its first line. @returns what ends it */
function joined({ origin, token }: StartedDashboard): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const sent = request(`${origin}/api/watch`, { headers, agent: false }, (response) => {
      response.once('data', () => resolve(() => void sent.destroy()))
      response.on('error', () => undefined)
    })
    sent.on('error', reject)
    onTestFinished(() => void sent.destroy())
    sent.end()
  })
}

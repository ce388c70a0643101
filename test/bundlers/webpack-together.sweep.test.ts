import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordOf } from './builds.ts'
import { keysIn } from './publishing.ts'
import { run, SEVERAL, type Several, type Side } from './several-compilers.ts'

const CLIENT = expect.stringMatching(/^a\/client\.[0-9a-f]+\.js$/)

const stored = ({ folder }: Several): Promise<string[]> => keysIn(join(folder, 'store'))
const isRecorded = ({ folder }: Several, name: Side['name']): boolean =>
  existsSync(join(folder, name, '.lading/build.json'))

/** Who waits for whom in the run. */
const ORDERS: readonly (readonly [name: string, order: (client: Side, server: Side) => readonly Side[]])[] = [
  ['at once', (client, server) => [client, server]],
  ['at once, the server first', (client, server) => [server, client]],
  ['the server after the client', (client, server) => [client, { ...server, dependencies: ['client'] }]],
  ['the client after the server', (client, server) => [{ ...client, dependencies: ['server'] }, server]],
]
const WAYS = ['an import that leads nowhere', 'a plugin that throws'] as const
const PLUGINS: readonly (readonly [name: string, options: NonNullable<Side['options']>])[] = [
  ['which has the plugin', {}],
  ['which has no plugin', 'no plugin'],
]

describe.each(SEVERAL)('several compilers of %s in one run', (_, make) => {
  describe.each(ORDERS)('%s', (_order, order) => {
    describe.each(PLUGINS)('with a server %s', (_plugin, options) => {
      const server: Side = { name: 'server', options }

      it('send what is for browsers, once, and nothing for servers', async () => {
        const several = make(order({ name: 'client' }, server))
        await run(several.compiler)
        expect(await stored(several)).toEqual([CLIENT])
        const [client, beside] = (['client', 'server'] as const).map((name) => recordOf(join(several.folder, name)))
        expect([client?.server, beside?.server, beside?.files]).toEqual([undefined, 'all', []])
      })

      it.each(WAYS)('send and record nothing when the server fails: %s', async (fails) => {
        const several = make(order({ name: 'client' }, { ...server, fails }))
        await expect(run(several.compiler)).rejects.toThrow(/not-there|boom/)
        expect(await stored(several)).toEqual([])
        expect(isRecorded(several, 'client')).toBe(false)
      })

      it.each(WAYS)('send and record nothing when the client fails: %s', async (fails) => {
        const several = make(order({ name: 'client', fails }, server))
        await expect(run(several.compiler)).rejects.toThrow(/not-there|boom/)
        expect(await stored(several)).toEqual([])
        expect(isRecorded(several, 'client')).toBe(false)
      })
    })
  })
})

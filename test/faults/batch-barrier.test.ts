import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LEADER_KEY } from '../../src/batch/plan/keys.ts'
import { createFolderQueue } from '../../src/batch/queues/folder.ts'
import { parseTarget } from '../../src/config/target.ts'
import { openStore } from '../../src/providers.ts'
import { startInstance } from '../rig/instance.ts'

it('a worker stays for a barrier that is not due when it is the one that leads, and not otherwise', async () => {
  const { cwd, work } = await startInstance()
  const assembly = createFolderQueue({ path: join(cwd, 'store/queues/assembly') })
  await assembly.send([{ body: 'not due', delaySeconds: 900 }])
  const end = new AbortController()
  const ended: string[] = []
  const begin = async (instance: string) => {
    const stats = await work({ instance, idleSeconds: 1, drain: end.signal })
    ended.push(instance)
    return stats
  }
  const both = [begin('i-1'), begin('i-2')]
  expect(await Promise.race(both)).toMatchObject({ reason: 'idle' })
  // By the time that another one has found itself idle, the one that leads would have as well.
  expect(await begin('i-3')).toMatchObject({ reason: 'idle' })
  expect(ended).toHaveLength(2)
  expect(await assembly.gauge()).toMatchObject({ delayed: 1 })
  const store = await openStore(parseTarget('./store', cwd))
  const { owner } = JSON.parse(Buffer.from((await store.get(LEADER_KEY))?.bytes ?? []).toString())
  expect(ended).not.toContain(owner)
  end.abort()
  expect((await Promise.all(both)).map(({ reason }) => reason).sort()).toEqual(['asked to end', 'idle'])
}, 120_000)

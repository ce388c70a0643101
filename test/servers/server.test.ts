import { describe, expect, it } from 'vitest'
import { probeS3 } from '../../src/store/probe.ts'
import { bodyOf } from '../contract/bodies.ts'
import { temporaryFolder } from '../rig/sites.ts'
import { createBucket } from './bucket.ts'
import { openOn, optionsFor } from './opened.ts'
import { homeOf, PROGRAMS, type Program, REQUIRED, startServer } from './server.ts'

for (const program of PROGRAMS) {
  if (homeOf(program) === undefined && !REQUIRED) {
    it.skip(`${program.name} is as it is described (not installed: scripts/servers.sh)`)
    continue
  }
  describe(program.name, () => {
    it('is found out by the probe, which leaves nothing behind', () => beProbed(program))
    if (program.isDurable) it('has what it took when it was killed', () => survive(program))
  })
}

async function beProbed(program: Program): Promise<void> {
  const server = await startServer(program)
  try {
    const bucket = await createBucket(server)
    expect(await probeS3({ ...optionsFor(server, bucket.name), prefix: 'site/' })).toEqual(program.facts)
    expect(await bucket.objects('')).toEqual(new Map())
    bucket.close()
  } finally {
    await server.stop()
  }
}

/** That a test may kill a server and go on, with the same client, which has connections that are gone. */
async function survive(program: Program): Promise<void> {
  const folder = await temporaryFolder()
  let server = await startServer(program, { folder: folder.path })
  try {
    const { store, close } = await openOn(server)
    const headers = { 'content-type': 'text/css', 'cache-control': 'no-cache' }
    const put = (key: string, content: string) => store.put(key, bodyOf(content), headers, { when: 'absent' })
    expect(await put('css/a.css', 'before')).toMatchObject({ status: 'stored' })
    await server.stop('SIGKILL')
    server = await startServer(program, server)
    expect(await store.get('css/a.css')).toMatchObject({ headers, sha256: bodyOf('before').sha256 })
    expect(await put('css/a.css', 'after')).toEqual({ status: 'precondition-failed' })
    expect(await put('css/b.css', 'after')).toMatchObject({ status: 'stored' })
    await close()
  } finally {
    await server.stop()
    await folder.remove()
  }
}

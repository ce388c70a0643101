import { expect, it, onTestFinished } from 'vitest'
import { parseTarget } from '../../src/config/target.ts'
import { type Run, resolveHistory, rollback, type Store } from '../../src/index.ts'
import { openStore, probeStore } from '../../src/providers.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { eventually } from '../rig/eventually.ts'
import { openCdn } from '../rig/open-cdn.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { KIN } from '../rig/s3-kin.ts'
import type { Kin } from '../rig/s3-kin-traits.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'

const FILES = { 'index.html': '<img src="x.png">', 'x.png': 'x', 'y.css': 'a{}' }

/** A store that has been probed. */
async function opened(profile: Kin = KIN.aws): Promise<{ s3: StrictS3; store: Store }> {
  const s3 = await startStrictS3({ bucket: 'site', profile })
  onTestFinished(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const target = parseTarget(`s3://site/p/?region=eu-west-1&endpoint=${encodeURIComponent(s3.endpoint)}`, '/')
  return { s3, store: await openStore(target, { env, learnt: { facts: await probeStore(target, { env }) } }) }
}

/** A site that has been published once. */
async function published(profile?: Kin): Promise<{ s3: StrictS3; project: Project; run: Run }> {
  const { s3, store } = await opened(profile)
  const project = createProject({ files: FILES, store, config: MIRROR })
  onTestFinished(project.remove)
  await project.sync()
  return { s3, project, run: { openStore: async () => store, ask: openCdn } }
}

/** Keys that were put since, in the order of their answers; of records only the kind. */
function putSince(s3: StrictS3, before: number): string[] {
  const puts = s3.requests.slice(before).filter(({ op }) => op === 'PutObject')
  return puts.map(({ key }) => key.replace(/^p\/(?:\.lading\/(\w+)\/.*)?/, '$1'))
}

it('the records of a deploy are written while its last objects are on their way', async () => {
  const { s3, project } = await published()
  const before = s3.requests.length
  const page = s3.holdAt({ op: 'PutObject', key: 'p/index.html' })
  project.write('site/index.html', '<img src="x.png"><p>new')
  const syncing = project.sync()
  await page.reached
  await eventually(() => expect(putSince(s3, before)).toEqual(expect.arrayContaining(['manifests', 'releases'])))
  expect(putSince(s3, before)).not.toContain('.lading/pointer.json')
  page.release()
  expect(await syncing).toMatchObject({ published: true })
  expect(putSince(s3, before).filter((key) => key === 'manifests')).toHaveLength(1)
  expect(s3.violations).toEqual([])
})

it('records that an ETag has belied are written again, and the next deploy finds the right one', async () => {
  const { s3, project } = await published()
  let before = s3.requests.length
  s3.fault({ at: { op: 'PutObject', key: 'p/x.png' }, do: 'kms-etag' })
  project.write('site/x.png', 'another')
  await project.sync()
  expect(s3.faulted).toHaveLength(1)
  expect(putSince(s3, before).filter((key) => key === 'manifests')).toHaveLength(2)

  before = s3.requests.length
  project.write('site/x.png', 'a third one')
  expect(await project.sync()).toMatchObject({ published: true })
  const puts = s3.requests.slice(before).filter(({ op, key }) => op === 'PutObject' && key === 'p/x.png')
  expect(puts).toMatchObject([{ status: 200 }])
  expect(`${s3.objects().get('p/x.png')?.bytes}`).toBe('a third one')
})

it('where ETags are no MD5s the records are written once, behind all they name', async () => {
  const { s3, project } = await published({ ...KIN.aws, etag: 'opaque' })
  const before = s3.requests.length
  project.write('site/x.png', 'another')
  await project.sync()
  const order = putSince(s3, before)
  expect(order.filter((key) => key === 'manifests')).toHaveLength(1)
  expect(order.indexOf('manifests')).toBeGreaterThan(order.indexOf('x.png'))
})

it('with much under way nothing is foretold', async () => {
  const { s3, project } = await published()
  const before = s3.requests.length
  project.write('site/x.png', new Uint8Array(9 * 1024 * 1024))
  await project.sync()
  const order = putSince(s3, before)
  expect(order.indexOf('manifests')).toBeGreaterThan(order.indexOf('x.png'))
})

it('a record that is refused ahead is written when all has arrived', async () => {
  const { s3, project } = await published()
  s3.fault({ at: { op: 'PutObject', key: /manifests/ }, do: 'status:403' })
  project.write('site/x.png', 'another')
  expect(await project.sync()).toMatchObject({ published: true })
  expect(s3.faulted).toHaveLength(1)
})

it('what was recorded ahead of an upload that failed counts for nothing, and is in nobody’s way', async () => {
  const { s3, project } = await published()
  const pointer = (): string => `${s3.objects().get('p/.lading/pointer.json')?.bytes}`
  const live = pointer()
  s3.fault({ at: { op: 'PutObject', key: 'p/x.png' }, do: 'status:403' })
  project.write('site/x.png', 'another')
  await expect(project.sync()).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
  expect(pointer()).toBe(live)
  expect(await project.sync()).toMatchObject({ published: true })
  expect(`${s3.objects().get('p/x.png')?.bytes}`).toBe('another')
  expect(s3.violations).toEqual([])
})

it('an upload that has failed waits for no record', async () => {
  const { s3, project } = await published()
  const record = s3.holdAt({ op: 'PutObject', key: /manifests/ })
  const page = s3.holdAt({ op: 'PutObject', key: 'p/x.png' })
  s3.fault({ at: { op: 'PutObject', key: 'p/x.png' }, do: 'status:403' })
  project.write('site/x.png', 'another')
  const syncing = project.sync()
  await record.reached
  page.release()
  await expect(syncing).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
}, 20_000)

it('nothing is foretold of a rollback: its contents lie in the store, and are fetched once', async () => {
  const { s3, project, run } = await published()
  project.write('site/index.html', '<img src="x.png"><p>new')
  project.write('site/x.png', 'another')
  await project.sync()
  const before = s3.requests.length
  const options = resolveHistory({ to: './store', cacheDir: 'cache', ...MIRROR }, { cwd: project.dir, env: {} })
  expect(await rollback(options, run)).toMatchObject({ published: true, changed: 2 })
  const fetched = s3.requests.slice(before).filter(({ op, key }) => op === 'GetObject' && key.includes('/blobs/'))
  expect(fetched).toHaveLength(2)
})

it('nothing is foretold of a store by what the state’s does', async () => {
  const { s3, store } = await opened()
  const site = createMemoryStore()
  const run: Run = { openStore: async ({ label }) => (label.includes('state') ? store : site) }
  const project = createProject({ files: FILES, config: { ...MIRROR, state: './state' }, run })
  onTestFinished(project.remove)
  await project.sync()
  expect(putSince(s3, 0).filter((key) => key.startsWith('manifests/'))).toHaveLength(1)
})

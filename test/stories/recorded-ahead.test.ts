import { expect, it, onTestFinished } from 'vitest'
import { parseTarget } from '../../src/config/target.ts'
import { openStore, probeStore } from '../../src/providers.ts'
import { eventually } from '../rig/eventually.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { KIN } from '../rig/s3-kin.ts'
import type { Kin } from '../rig/s3-kin-traits.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'

const FILES = { 'index.html': '<img src="x.png">', 'x.png': 'x', 'y.css': 'a{}' }

/** A site that has been published once, to a store that has been probed. */
async function published(profile: Kin = KIN.aws): Promise<{ s3: StrictS3; project: Project }> {
  const s3 = await startStrictS3({ bucket: 'site', profile })
  onTestFinished(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const target = parseTarget(`s3://site/p/?region=eu-west-1&endpoint=${encodeURIComponent(s3.endpoint)}`, '/')
  const store = await openStore(target, { env, learnt: { facts: await probeStore(target, { env }) } })
  const project = createProject({ files: FILES, store, config: MIRROR })
  onTestFinished(project.remove)
  await project.sync()
  return { s3, project }
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

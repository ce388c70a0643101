import { expect, it } from 'vitest'
import { parseTarget } from '../../src/config/target.ts'
import { openStore, probeStore } from '../../src/providers.ts'
import { createProject, MIRROR } from '../rig/project.ts'
import { startStrictS3 } from '../rig/strict-s3.ts'

it('a header rule that changes is one copy for each file, and no look at any', async ({ onTestFinished }) => {
  const rig = await startStrictS3({ bucket: 'site' })
  onTestFinished(rig.close)
  const env = { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey }
  const to = `s3://site/p/?region=eu-west-1&endpoint=${encodeURIComponent(rig.endpoint)}`
  const target = parseTarget(to, '/')
  const learnt = { facts: await probeStore(target, { env }) }
  const store = await openStore(target, { env, learnt })
  const files = { 'index.html': '<img src="x.png">', 'x.png': 'x', 'y.css': 'a{}', 'z/z.txt': 'z' }
  const project = createProject({ files, store, config: MIRROR })
  onTestFinished(project.remove)
  await project.sync()

  const before = rig.requests.length
  const headers = [{ match: '**', contentLanguage: 'de' }]
  expect(await project.sync({ headers })).toMatchObject({ reheadered: 4, bytes: 0, published: true })
  const asked = rig.requests.slice(before).filter(({ key }) => key !== '' && !key.includes('.lading/'))
  expect(asked.map(({ op, key }) => `${op} ${key}`).toSorted()).toEqual(
    Object.keys(files).map((name) => `CopyObject p/${name}`),
  )
  for (const name of Object.keys(files))
    expect(rig.objects().get(`p/${name}`)?.headers).toMatchObject({ 'content-language': 'de' })
  expect(rig.violations).toEqual([])
})

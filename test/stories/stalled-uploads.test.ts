import { afterEach, expect, it } from 'vitest'
import { parseTarget } from '../../src/config/target.ts'
import { openStore } from '../../src/providers.ts'
import { createProject } from '../rig/project.ts'
import { startStrictS3 } from '../rig/strict-s3.ts'

const FILES = 400
const names = Array.from({ length: FILES }, (_, file) => `images/${file}.png`)

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

it('a deploy of which one upload of a hundred is never answered ends all the same, with each object once', async () => {
  const rig = await startStrictS3({ bucket: 'site' })
  ends.push(rig.close)
  const env = { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey }
  const to = `s3://site/assets/?region=eu-west-1&endpoint=${encodeURIComponent(rig.endpoint)}`
  // An hour: whoever waits for that does not come to the end of this test.
  const store = await openStore(parseTarget(to, '/'), { env, requestTimeoutMs: 3_600_000, retries: 0 })
  const page = names.map((name) => `<img src="${name}">`).join('\n')
  const files = { ...Object.fromEntries(names.map((name) => [name, name])), 'index.html': page }
  const project = createProject({ files, store, config: { concurrency: 16 } })
  ends.push(project.remove)

  const stalled = names.filter((_, file) => file % 100 === 99).map((name) => name.slice(0, -'.png'.length))
  for (const name of stalled) {
    rig.fault({ at: { op: 'PutObject', key: new RegExp(`${name}\\b`) }, do: 'stall' })
  }
  await project.sync()

  const images = [...rig.objects()].filter(([key]) => key.endsWith('.png'))
  expect(images.map(([, { bytes }]) => `${bytes}`).toSorted()).toEqual(names.toSorted())
  expect(rig.faulted).toHaveLength(stalled.length)
  const sent = rig.requests.filter(({ op, key }) => op === 'PutObject' && key.endsWith('.png')).length
  expect(sent).toBeLessThanOrEqual(1.05 * FILES)
  expect(rig.mutations.filter(({ key }) => key.endsWith('.png'))).toHaveLength(FILES)
  expect(rig.violations).toEqual([])
})

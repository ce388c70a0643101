import { hash } from 'node:crypto'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openStore, type Run, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { ProbedFacts } from '../../src/store/store.ts'
import { eventually } from '../rig/eventually.ts'
import { createFaultyStore } from '../rig/faulty-store.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'
import { AWS_ID, AWS_SECRET } from '../rig/secrets.ts'
import { type StrictS3, startStrictS3 } from '../rig/strict-s3.ts'

const FACTS: ProbedFacts = {
  ...{ conditionalWrites: 'full', conditionalCopy: true, conditionalSource: true, conditionalRemove: true },
  ...{ checksum: 'sha256', etagIsMd5: true, reheader: true, forgets: [] },
}

interface First {
  readonly project: Project
  /** What happened, in order: `probe`, `list`, `put KEY`, and the ends of phases. */
  readonly done: string[]
}

/** A site that has never been deployed, and a store that tells what is asked of it. */
function first(
  files: Readonly<Record<string, string>>,
  { store = createMemoryStore(), answer = Promise.resolve() }: { store?: Store; answer?: Promise<void> } = {},
): First {
  const done: string[] = []
  const told: Store = {
    ...store,
    list(prefix, options) {
      done.push('list')
      return store.list(prefix, options)
    },
    put(key, ...rest) {
      done.push(`put ${key}`)
      return store.put(key, ...rest)
    },
  }
  const run: Run = {
    emit: (event) => event.type === 'phase' && done.push(event.phase),
    async probeStore() {
      done.push('probe')
      await answer
      return FACTS
    },
  }
  const project = createProject({ files: { ...files, 'index.html': 'front' }, store: told, config: MIRROR, run })
  onTestFinished(project.remove)
  return { project, done }
}

it('probes the store before the plan stands, and only then', async () => {
  const { project, done } = first({})
  await project.sync()
  expect(done.indexOf('probe')).toBeLessThan(done.indexOf('plan'))
  expect(done.filter((what) => ['list', 'probe'].includes(what))).toEqual(['list', 'probe'])
  done.length = 0
  project.write('site/index.html', 'another')
  await project.sync()
  expect(done).not.toContain('probe')
})

it('probes no store for a plan', async () => {
  const { project, done } = first({})
  await project.plan()
  expect(done.toSorted()).toEqual(['hash', 'list', 'plan', 'scan'])
})

it('probes no store for a saved plan that no longer holds', async () => {
  const { project, done } = first({})
  const planned = join(project.dir, 'plan.json')
  await project.plan({ saveTo: planned })
  project.write('site/index.html', 'another')
  await expect(project.sync({ planned })).rejects.toMatchObject({ code: 'E_PLAN_STALE' })
  expect(done).not.toContain('probe')
})

it('takes what a killed run left in its own folder for no stranger’s', async () => {
  const store = createMemoryStore()
  const body = { size: 1, sha256: hash('sha256', 'x'), read: async () => Buffer.from('x') }
  await store.put('.lading/probe-0123456789abcdef/checked', body, {})
  const { project, done } = first({}, { store })
  await project.sync()
  expect(done.indexOf('probe')).toBeLessThan(done.indexOf('plan'))
})

it('asks nothing more of a store where the name of a file stops the run', async () => {
  const { project, done } = first({ '.env': 'KEY=1' })
  await expect(project.sync({ allow: [] })).rejects.toMatchObject({ code: 'E_SECRET_FILE' })
  expect(done).not.toContain('probe')
})

it('writes nothing, not even to probe, where others’ objects lie', async () => {
  const { store, edit } = createFaultyStore(createMemoryStore())
  await edit('index.html', 'theirs')
  const { project, done } = first({}, { store })
  await expect(project.sync()).rejects.toMatchObject({ code: 'E_FOREIGN' })
  expect(done.toSorted()).toEqual(['hash', 'list', 'scan'])
})

it('goes through the pages of a listing where there is more than one', async () => {
  const { store: inner, edit } = createFaultyStore(createMemoryStore())
  await edit('a.txt', 'theirs')
  await edit('index.html', 'theirs')
  const one: Store = {
    ...inner,
    async *list(prefix, options) {
      for await (const page of inner.list(prefix, options)) for (const object of page) yield [object]
    },
  }
  const { project } = first({ 'a.txt': 'ours' }, { store: one })
  await expect(project.sync()).rejects.toMatchObject({ code: 'E_FOREIGN', details: ['a.txt', 'index.html'] })
})

it('refuses what a file contains when the probe has ended, which removes what it has written', async () => {
  let answered = (): void => {}
  const answer = new Promise<void>((resolve) => {
    answered = resolve
  })
  const text = `const id = '${AWS_ID}', secret = '${AWS_SECRET}'`
  const { project, done } = first({ 'app.js': text }, { answer })
  const refused = expect(project.sync()).rejects.toMatchObject({ code: 'E_SECRET_CONTENT' })
  const end = refused.finally(() => done.push('refused'))
  await eventually(() => expect(done).toContain('hash'))
  await new Promise(setImmediate)
  expect(done).not.toContain('refused')
  answered()
  await end
  expect(done).toContain('probe')
})

it('overwrites nothing of a stranger’s that came after the listing, on a store that ignores conditions either', async () => {
  const s3 = await startStrictS3({ bucket: 'site-assets', profile: 'b2' })
  onTestFinished(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const to = `s3://site-assets/?region=us-east-1&endpoint=${encodeURIComponent(s3.endpoint)}`
  const files = { 'index.html': 'front', 'robots.txt': 'User-agent: *' }
  const project = createProject({ files, config: { ...MIRROR, to }, run: { env, openStore } })
  onTestFinished(project.remove)
  const hold = s3.holdAt({ op: 'PutObject', key: '.lading/deploys/1.json' })
  const refused = expect(project.sync()).rejects.toMatchObject({ code: 'E_FOREIGN' })
  await hold.reached
  const theirs = { bytes: Buffer.from('theirs'), etag: 'tag', headers: {}, checksum: undefined, lastModified: 0 }
  s3.tamper('index.html', () => theirs)
  hold.release()
  await refused
  expect(s3.objects().get('index.html')).toBe(theirs)
})

it('gives a listing up that is still under way when the plan fails', async () => {
  const memory = createMemoryStore()
  let stopped = false
  const store: Store = {
    ...memory,
    async *list(_prefix, options) {
      yield []
      await new Promise<void>((resolve) => options?.signal?.addEventListener('abort', () => resolve()))
      stopped = true
      options?.signal?.throwIfAborted()
    },
  }
  const { project } = first({ 'long.txt': 'x' }, { store: { ...store, limits: { ...memory.limits, objectBytes: 0 } } })
  await expect(project.sync()).rejects.toMatchObject({ code: 'E_TOO_LARGE' })
  await eventually(() => expect(stopped).toBe(true))
})

/** A site on a real S3 interface, which tells the keys that were put. */
async function onS3(): Promise<{ s3: StrictS3; project: Project; put(): string[] }> {
  const s3 = await startStrictS3({ bucket: 'site-assets' })
  onTestFinished(s3.close)
  const env = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const to = `s3://site-assets/?region=us-east-1&endpoint=${encodeURIComponent(s3.endpoint)}`
  const project = createProject({
    files: { 'index.html': 'front' },
    config: { ...MIRROR, to },
    run: { env, openStore },
  })
  onTestFinished(project.remove)
  const put = (): string[] => s3.requests.filter(({ op }) => op === 'PutObject').map(({ key }) => key ?? '')
  return { s3, project, put }
}

it('takes the deploy while what the probe wrote is being removed, and sends nothing before it is', async () => {
  const { s3, project, put } = await onS3()
  const hold = s3.holdAt({ op: 'DeleteObject', key: /checked$/ })
  const synced = project.sync()
  await hold.reached
  await eventually(() => expect(put()).toContain('.lading/deploys/1.json'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(put()).not.toContain('index.html')
  hold.release()
  await synced
  expect([...s3.objects().keys()].filter((key) => key.includes('probe'))).toEqual([])
  expect(put()).toContain('index.html')
})

it('publishes nothing where what the probe wrote cannot be removed, and lets the deploy go', async () => {
  const { s3, project, put } = await onS3()
  s3.fault({ at: { op: 'DeleteObject', key: /checked$/ }, do: 'status:403:InvalidAccessKeyId' })
  await expect(project.sync()).rejects.toMatchObject({ code: 'E_CREDENTIALS' })
  expect(put()).not.toContain('index.html')
  await project.sync() // at once: no lease is waited for
  expect(put()).toContain('index.html')
})

it('a run that fails ends when what the probe wrote is removed', async () => {
  const { s3, project } = await onS3()
  const hold = s3.holdAt({ op: 'DeleteObject', key: /checked$/ })
  s3.fault({ at: { op: 'PutObject', key: '.lading/deploys/1.json' }, do: 'status:403' })
  let hasEnded = false
  const refused = expect(project.sync()).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
  const ended = refused.finally(() => {
    hasEnded = true
  })
  await eventually(() => expect(s3.faulted).toHaveLength(1))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(hasEnded).toBe(false)
  hold.release()
  await ended
  expect([...s3.objects().keys()].filter((key) => key.includes('probe'))).toEqual([])
})

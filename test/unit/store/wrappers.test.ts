import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openStore } from '../../../src/providers.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { CHANGED } from '../../../src/store/store.ts'
import { withPrefix } from '../../../src/store/wrappers/with-prefix.ts'
import { withReadOnly } from '../../../src/store/wrappers/with-read-only.ts'
import { withRequests } from '../../../src/store/wrappers/with-requests.ts'
import { bodyOf } from '../../contract/bodies.ts'
import { startStrictS3 } from '../../rig/strict-s3.ts'

const PLAIN = { 'content-type': 'text/plain' }

describe('withReadOnly', () => {
  it('lets reads pass', async () => {
    const memory = createMemoryStore()
    await memory.put('a', bodyOf('x'), PLAIN)
    const store = withReadOnly(memory)
    expect(await store.head('a')).toMatchObject({ key: 'a' })
    expect(Buffer.from((await store.get('a'))?.bytes ?? []).toString()).toBe('x')
    for await (const page of store.list('')) expect(page).toMatchObject([{ key: 'a' }])
  })

  it('makes a bug of every write, and nothing of the write', async () => {
    const memory = createMemoryStore()
    await memory.put('a', bodyOf('x'), PLAIN)
    const store = withReadOnly(memory)
    const writes = [
      () => store.put('a', bodyOf('y'), PLAIN),
      () => store.copy('a', 'b'),
      () => store.reheader('a', { 'content-type': 'x/y' }),
      () => store.remove(['a']),
      () => store.sweep(),
    ]
    for (const write of writes) {
      await expect(write()).rejects.toMatchObject({ code: 'E_BUG', message: expect.stringContaining('plan wrote') })
    }
    expect(await memory.head('a')).toMatchObject({ headers: PLAIN, sha256: bodyOf('x').sha256 })
    expect(await memory.head('b')).toBeUndefined()
  })
})

describe('createMemoryStore', () => {
  it('counts ages by the clock that it is given', async () => {
    let now = 1000
    const store = createMemoryStore({ now: () => now })
    await store.put('a', bodyOf('x'), PLAIN)
    now += 5000
    await store.copy('a', 'b')
    now += 700
    expect([(await store.head('a'))?.ageMs, (await store.get('b'))?.ageMs]).toEqual([5700, 700])
    await store.reheader('a', { 'content-type': 'text/html' })
    expect((await store.head('a'))?.ageMs).toBe(0)
    now -= 60_000
    expect((await store.head('a'))?.ageMs).toBe(0)
  })
})

describe('withRequests', () => {
  it('counts calls by method, and pages of listings', async () => {
    const { store, counts } = withRequests(createMemoryStore({ pageSize: 2 }))
    for (const key of ['a', 'b', 'c']) await store.put(key, bodyOf(key), PLAIN)
    await store.head('a')
    await store.get('a')
    await store.copy('a', 'd')
    await store.reheader('a', PLAIN)
    for await (const _ of store.list(''));
    await store.remove(['a', 'b'])
    await store.sweep()
    expect(counts).toEqual({ get: 1, put: 3, copy: 1, reheader: 1, head: 1, list: 2, remove: 1, sweep: 1 })
  })
})

describe('withPrefix', () => {
  it('takes its bytes off the limit and names its share in the error', async () => {
    const store = withPrefix(createMemoryStore(), 'assets/')
    expect(store.limits.keyBytes).toBe(1017)
    await expect(store.head('k'.repeat(1018))).rejects.toMatchObject({
      code: 'E_KEY_TOO_LONG',
      why: expect.stringContaining('takes 7 of 1024'),
    })
  })

  it('counts bytes, not characters', async () => {
    await expect(createMemoryStore().head('\u{1f600}'.repeat(600))).rejects.toMatchObject({
      code: 'E_KEY_TOO_LONG',
      message: expect.stringContaining('2400 bytes'),
    })
  })

  it('adds up', async () => {
    const memory = createMemoryStore()
    const store = withPrefix(withPrefix(memory, 'a/'), 'b/')
    await store.put('c', bodyOf('x'), PLAIN)
    expect(await memory.head('a/b/c')).toMatchObject({ size: 1 })
    expect(store.label).toBe('memory/a/b/')
  })

  it('names keys of conditional removals and folders of sweeps below itself', async () => {
    const memory = createMemoryStore()
    const swept: unknown[] = []
    const store = withPrefix({ ...memory, sweep: async (options) => swept.push(options?.prefix) }, 'a/')
    const put = await store.put('b', bodyOf('x'), PLAIN)
    const etag = put.status === 'stored' ? put.etag : ''
    expect(await store.remove(['b'], { etags: new Map([['b', 'other']]) })).toEqual([{ key: 'b', reason: CHANGED }])
    expect(await store.remove(['b'], { etags: new Map([['b', etag]]) })).toEqual([])
    expect(await memory.head('a/b')).toBeUndefined()
    await store.sweep()
    await store.sweep({ prefix: 'c/' })
    expect(swept).toEqual(['a/', 'a/c/'])
    await expect(store.sweep({ prefix: '../' })).rejects.toMatchObject({ code: 'E_KEY_INVALID' })
  })

  it.each(['assets', '/', '../', 'a//', './'])('refuses the prefix %s', (prefix) => {
    expect(() => withPrefix(createMemoryStore(), prefix)).toThrow(expect.objectContaining({ code: 'E_KEY_INVALID' }))
  })

  it('passes a warm-up on, to whoever can', () => {
    const warmUp = vi.fn<(requests: number) => void>()
    withPrefix({ ...createMemoryStore(), warmUp }, 'a/').warmUp?.(7)
    withPrefix(createMemoryStore(), 'a/').warmUp?.(7)
    expect(warmUp.mock.calls).toEqual([[7]])
  })

  it('shows odd characters of a key escaped', async () => {
    await expect(createMemoryStore().head('c\u0001\u202e.png')).rejects.toMatchObject({
      subject: 'c\\x01\\u{202E}.png',
    })
  })

  it('lets control characters pass where the store takes them', async () => {
    const store = withPrefix(createMemoryStore({ allowControl: true }), 'p/')
    await store.put('nl\n.png', bodyOf('x'), PLAIN)
    expect(await store.head('nl\n.png')).toMatchObject({ key: 'nl\n.png' })
  })
})

describe('openStore', () => {
  it('opens a folder, and makes it at the first write only', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'lading-open-'))
    try {
      const path = join(parent, 'store')
      const store = await openStore({ kind: 'folder', path, label: 'my store' })
      expect(store.label).toBe('my store/')
      expect(await store.head('a')).toBeUndefined()
      for await (const _ of store.list('')) throw new Error('there is nothing to list')
      expect(await store.remove(['a'])).toEqual([])
      expect(await readdir(parent)).toEqual([])
      await store.put('a', bodyOf('x'), PLAIN)
      expect(await readdir(parent)).toEqual(['store'])
    } finally {
      await rm(parent, { recursive: true })
    }
  })

  it('opens a bucket below its prefix, writes nothing outside and tries again', async () => {
    const rig = await startStrictS3({ bucket: 'site', allowedPrefix: 'assets/' })
    try {
      const reasons: string[] = []
      const store = await openStore(
        {
          kind: 's3',
          bucket: 'site',
          prefix: 'assets/',
          endpoint: rig.endpoint,
          region: undefined,
          profile: undefined,
          label: 's3://site/assets/',
        },
        {
          onRetry: ({ reason }) => reasons.push(reason),
          env: { AWS_ACCESS_KEY_ID: rig.accessKeyId, AWS_SECRET_ACCESS_KEY: rig.secretAccessKey },
        },
      )
      rig.fault({ at: 1, do: 'status:503' })
      await store.put('img/a.png', bodyOf('x'), { 'content-type': 'image/png' })
      await store.copy('img/a.png', 'b.png')
      await store.remove(['img/a.png'])
      expect(store.label).toBe('s3://site/assets/')
      expect([...rig.objects().keys()]).toEqual(['assets/b.png'])
      expect(reasons).toHaveLength(1)
      expect(rig.violations).toEqual([])
    } finally {
      await rig.close()
    }
  })
})

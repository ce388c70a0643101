import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { probeS3 } from '../../../src/store/probe.ts'
import type { ProbedFacts } from '../../../src/store/store.ts'
import { CHANGED } from '../../../src/store/store.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { bodyOf, patternOf } from '../../contract/bodies.ts'
import { KIN, type KinName } from '../../rig/s3-kin.ts'
import type { Kin } from '../../rig/s3-kin-traits.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'
import { PROBED as facts, failureOf, openPatient, openS3, operations, optionsFor, PLAIN } from './s3-setup.ts'

const HTML = { 'content-type': 'text/html' }
const LARGE = bodyOf(patternOf(17 * 2 ** 20))

let rig: StrictS3
beforeEach(() => start())
afterEach(async () => {
  await rig.close()
  expect(rig.violations).toEqual([])
})

async function start(kin: KinName | Partial<Kin> = 'aws'): Promise<void> {
  await rig?.close()
  rig = await startStrictS3({ bucket: 'site', profile: typeof kin === 'string' ? kin : { ...KIN.aws, ...kin } })
}

async function put(key: string, text: string, headers: Readonly<Record<string, string>> = PLAIN): Promise<string> {
  const result = await openS3(rig).put(key, bodyOf(text), headers)
  if (result.status !== 'stored') throw new Error('not stored')
  return result.etag
}

/** Requests since `before`. */
const since = (before: number): string[] => operations(rig).slice(before)

describe('the guard of a write to S3', () => {
  it('is asked once for each attempt, when the request is signed and nothing is sent', async () => {
    const { store } = openPatient(rig)
    rig.fault({ at: () => true, times: 2, do: 'status:503' })
    const seen: number[] = []
    await store.put('a', bodyOf('x'), PLAIN, { guard: () => void seen.push(rig.requests.length) })
    expect(seen).toEqual([0, 1, 2])
  })

  it('ends the attempts when it throws', async () => {
    const { store } = openPatient(rig)
    rig.fault({ at: () => true, times: 1, do: 'status:503' })
    const late = new LadingError('E_LOCK_LOST', 'the lease has ended')
    let asked = 0
    const guard = (): void => {
      asked += 1
      if (asked === 2) throw late
    }
    await expect(store.put('a', bodyOf('x'), PLAIN, { guard })).rejects.toBe(late)
    expect(operations(rig)).toEqual(['PutObject'])
    expect(Object.keys(late)).not.toContain('$metadata')
  })

  it.each([
    [0, []],
    [1, ['CreateMultipartUpload']],
    [2, ['CreateMultipartUpload', 'UploadPart']],
    [4, ['CreateMultipartUpload', 'UploadPart', 'UploadPart', 'UploadPart']],
  ])('is asked before the beginning, every part and the end of an upload: %d', async (agrees, sent) => {
    const late = new LadingError('E_LOCK_LOST', 'the lease has ended')
    let left = agrees
    const guard = (): void => {
      left -= 1
      if (left < 0) throw late
    }
    await expect(openS3(rig).put('l', LARGE, PLAIN, { guard })).rejects.toBe(late)
    const writes = operations(rig).filter((op) => !/^(List|Abort)/.test(op))
    expect(writes).toEqual(sent)
    expect(rig.openUploads()).toBe(0)
  })
})

describe('the age of an object in S3', () => {
  it('is counted by the clock of the store alone', async () => {
    await put('a', 'x')
    for (const offset of [-3_600_000, 0, 86_400_000]) {
      rig.setClockOffset(offset + 90_000)
      rig.tamper('a', (object) => object && { ...object, lastModified: Date.now() + offset })
      for (const found of [await openPatient(rig).store.head('a'), await openPatient(rig).store.get('a')]) {
        // Both stamps are cut to whole seconds, each after some time of the test.
        expect(Math.round((found?.ageMs ?? 0) / 10_000)).toBe(9)
      }
    }
  })

  it('is not known when either stamp is missing', async () => {
    await put('a', 'x')
    rig.fault({
      at: { op: 'HeadObject' },
      do: ({ headers = {}, ...answer }) => {
        const { 'last-modified': _, ...rest } = headers
        return { ...answer, headers: rest }
      },
    })
    expect(await openS3(rig).head('a')).not.toHaveProperty('ageMs')
    rig.fault({
      at: { op: 'HeadObject' },
      do: (answer) => ({ ...answer, headers: { ...answer.headers, date: 'soon' } }),
    })
    expect(await openS3(rig).head('a')).not.toHaveProperty('ageMs')
  })
})

describe('a copy inside of S3', () => {
  it('of a known object is one request', async () => {
    const source = await put('a', 'x')
    const before = rig.requests.length
    expect(await openS3(rig).copy('a', 'b', { source })).toEqual({ status: 'stored', etag: source })
    expect(await openS3(rig).copy('a', 'b', { source: 'other' })).toEqual({ status: 'precondition-failed' })
    expect(await openS3(rig).copy('none', 'b', { source })).toEqual({ status: 'precondition-failed' })
    expect(since(before)).toEqual(['CopyObject', 'CopyObject', 'CopyObject'])
  })

  it('is looked for first where the store may not judge the source', async () => {
    const source = await put('a', 'x')
    const before = rig.requests.length
    const store = openS3(rig, { service: undefined })
    expect(await store.copy('a', 'b', { source })).toEqual({ status: 'stored', etag: source })
    expect(await store.copy('a', 'b', { source: 'other' })).toEqual({ status: 'precondition-failed' })
    expect(since(before)).toEqual(['HeadObject', 'CopyObject', 'HeadObject'])
  })

  it('with headers needs a look for the digest', async () => {
    const source = await put('a', 'x')
    const before = rig.requests.length
    expect(await openS3(rig).copy('a', 'b', { source, headers: HTML })).toEqual({ status: 'stored', etag: source })
    expect(since(before)).toEqual(['HeadObject', 'CopyObject'])
  })

  it('is looked at where its ETag proves nothing', async () => {
    await start({ etag: 'opaque' })
    const source = await put('a', 'x')
    const before = rig.requests.length
    expect(await openS3(rig).copy('a', 'b', { source })).toMatchObject({ status: 'stored' })
    expect(since(before)).toEqual(['CopyObject', 'HeadObject', 'HeadObject'])
  })

  it('that is not the same fails', async () => {
    await start({ etag: 'opaque' })
    const source = await put('a', 'x')
    for (const size of ['2', '0']) {
      rig.fault({
        at: { op: 'HeadObject', key: 'b' },
        do: (answer) => ({ ...answer, headers: { ...answer.headers, 'content-length': size } }),
      })
      await expect(openS3(rig).copy('a', 'b', { source })).rejects.toMatchObject({ code: 'E_INTEGRITY' })
    }
    rig.fault({
      at: { op: 'HeadObject', key: 'b' },
      do: (answer) => ({ ...answer, headers: { ...answer.headers, 'x-amz-meta-lading-sha256': bodyOf('y').sha256 } }),
    })
    await expect(openS3(rig).copy('a', 'b')).rejects.toMatchObject({ code: 'E_INTEGRITY' })
  })

  it('whose answer was lost is known again', async () => {
    const source = await put('a', 'x')
    const { store } = openPatient(rig)
    rig.fault({ at: { op: 'CopyObject' }, do: 'reset', when: 'after' })
    expect(await store.copy('a', 'b', { source, when: 'absent', headers: HTML })).toMatchObject({ status: 'stored' })
  })
})

describe('new headers in S3', () => {
  it('record the digest of an object that somebody else put', async () => {
    const bytes = Buffer.from('theirs')
    const etag = createHash('md5').update(bytes).digest('hex')
    rig.tamper('a', () => ({ bytes, etag, headers: { ...PLAIN }, checksum: undefined, lastModified: Date.now() }))
    const store = openS3(rig)
    expect(await store.head('a')).toMatchObject({ sha256: undefined })
    const { sha256 } = bodyOf(bytes)
    expect(await store.reheader('a', HTML, { sha256, when: { etag } })).toEqual({ status: 'stored', etag })
    expect(await store.head('a')).toMatchObject({ sha256, headers: HTML })
    expect(await store.reheader('a', PLAIN)).toEqual({ status: 'stored', etag })
    expect(await store.head('a')).toMatchObject({ sha256, headers: PLAIN })
  })
})

describe('new headers of an object that is known', () => {
  const known = { size: 4, sha256: bodyOf('body').sha256, headers: PLAIN }

  it('are one request where the store sees to the source of a copy', async () => {
    const etag = await put('a', 'body')
    const before = rig.requests.length
    const store = openS3(rig)
    expect(await store.reheader('a', HTML, { when: { etag }, known })).toEqual({ status: 'stored', etag })
    expect(since(before)).toEqual(['CopyObject'])
    expect(await store.head('a')).toMatchObject({ sha256: known.sha256, headers: HTML })
  })

  it('are looked at where one of before goes, which a store may leave', async () => {
    const headers = { ...PLAIN, 'cache-control': 'no-cache' }
    const etag = await put('a', 'body', headers)
    const before = rig.requests.length
    const store = openS3(rig)
    expect(await store.reheader('a', HTML, { when: { etag }, known: { ...known, headers } })).toMatchObject({ etag })
    expect(since(before)).toEqual(['CopyObject', 'HeadObject'])
    expect((await store.head('a'))?.headers).toEqual(HTML)
  })

  it('are not given to another object, nor to one that is gone', async () => {
    const etag = await put('a', 'body')
    await put('a', 'theirs')
    const store = openS3(rig)
    for (const key of ['a', 'gone'])
      expect(await store.reheader(key, HTML, { when: { etag }, known })).toEqual({ status: 'precondition-failed' })
    expect((await store.head('a'))?.headers).toEqual(PLAIN)
  })

  it('need a look where the store may copy whatever is there', async () => {
    await start({ copySource: 'ignored' })
    const etag = await put('a', 'body')
    await put('a', 'theirs')
    const store = openS3(rig, { service: undefined })
    expect(await store.reheader('a', HTML, { when: { etag }, known })).toEqual({ status: 'precondition-failed' })
    expect((await store.head('a'))?.headers).toEqual(PLAIN)
  })

  it('are told of where the store copied another one after all, whatever it says of itself', async () => {
    await start({ copySource: 'ignored' })
    const etag = await put('a', 'body')
    await put('a', 'evil')
    expect(await failureOf(openS3(rig).reheader('a', HTML, { when: { etag }, known }))).toMatchObject({
      code: 'E_INTEGRITY',
      hint: expect.stringContaining('lading sync --repair --download'),
    })
  })

  it.each([
    ['an ETag of parts', 'aws', '0123456789abcdef0123456789abcdef-2'],
    ['a store whose ETags are no MD5', { etag: 'opaque' }, undefined],
  ] as const)('need a look where an ETag would not show that: %s', async (_, kin, parts) => {
    await start(kin)
    const learnt = { facts: await probeS3(optionsFor(rig, { service: undefined })) }
    const etag = await put('a', 'body')
    const before = rig.requests.length
    await openS3(rig, { service: undefined, learnt }).reheader('a', HTML, { when: { etag: parts ?? etag }, known })
    expect(since(before)[0]).toBe('HeadObject')
  })
})

describe('removing known objects from S3', () => {
  it('asks the store to look, one request for each, and puts the others together', async () => {
    const etags = new Map<string, string>()
    for (const key of ['a', 'b', 'c']) etags.set(key, await put(key, key))
    for (const key of ['d', 'e']) await put(key, key)
    await put('b', 'changed')
    const before = rig.requests.length
    const store = openS3(rig)
    expect(await store.remove(['a', 'b', 'c', 'd', 'e', 'gone'], { etags })).toEqual([{ key: 'b', reason: CHANGED }])
    expect(since(before).toSorted()).toEqual(['DeleteObject', 'DeleteObject', 'DeleteObject', 'DeleteObjects'])
    expect([...rig.objects().keys()]).toEqual(['b'])
  })

  it('looks first where the store does not', async () => {
    await start('deaf')
    const etags = new Map<string, string>()
    for (const key of ['a', 'b']) etags.set(key, await put(key, key))
    await put('b', 'changed')
    const before = rig.requests.length
    const store = openS3(rig, { service: undefined })
    expect(await store.remove(['a', 'b'], { etags })).toEqual([{ key: 'b', reason: CHANGED }])
    expect(since(before).toSorted()).toEqual(['DeleteObjects', 'HeadObject', 'HeadObject'])
  })

  it('gives back the key that may not be removed, and tries again what may pass', async () => {
    const etags = new Map<string, string>()
    for (const key of ['a', 'b']) etags.set(key, await put(key, key))
    rig.fault({ at: { op: 'DeleteObject', key: 'a' }, do: 'status:403' })
    rig.fault({ at: { op: 'DeleteObject', key: 'b' }, do: 'status:409' })
    const { store, reasons } = openPatient(rig)
    await store.remove(['b'], { etags })
    expect(reasons).toHaveLength(1)
    expect(await store.remove(['a'], { etags })).toEqual([
      { key: 'a', reason: expect.stringContaining('access denied') },
    ])
  })

  it('believes no page that answers 200', async () => {
    const etags = new Map([['a', await put('a', 'a')]])
    rig.fault({ at: { op: 'DeleteObject' }, do: 'html200' })
    await expect(openS3(rig).remove(['a'], { etags })).rejects.toMatchObject({ code: 'E_NOT_S3' })
  })
})

describe('a store of which something was learnt', () => {
  it('says it at once, also through wrappers', async () => {
    const learnt: { facts: ProbedFacts | undefined } = { facts: undefined }
    const { store } = openPatient(rig, { learnt })
    const said = {
      conditionalWrites: 'none',
      reheader: false,
      forgets: ['cache-control'],
      foldsUnicode: false,
      listPage: 1000,
    } as const
    expect({ ...store.facts }).toEqual({ ...said, conditionalWrites: 'full', reheader: true, forgets: [] })
    learnt.facts = { ...facts, ...said }
    expect({ ...store.facts }).toEqual(said)
  })

  it.each<KinName>(['deaf', 'plain501'])('without conditions is looked at before each write: %s', async (kin) => {
    await start(kin)
    const { store } = openPatient(rig, {
      learnt: { facts: { ...facts, conditionalWrites: 'none', conditionalCopy: false } },
    })
    const first = await store.put('a', bodyOf('1'), PLAIN, { when: 'absent' })
    const etag = first.status === 'stored' ? first.etag : ''
    const failed = { status: 'precondition-failed' }
    expect(operations(rig)).toEqual(['HeadObject', 'PutObject'])
    expect(await store.put('a', bodyOf('2'), PLAIN, { when: 'absent' })).toEqual(failed)
    expect(await store.put('a', LARGE, PLAIN, { when: 'absent' })).toEqual(failed)
    expect(await store.put('a', bodyOf('2'), PLAIN, { when: { etag: 'other' } })).toEqual(failed)
    expect(await store.copy('a', 'a', { when: 'absent' })).toEqual(failed)
    expect(await store.put('a', bodyOf('2'), PLAIN, { when: { etag } })).toMatchObject({ status: 'stored' })
    expect(await store.put('l', LARGE, PLAIN, { when: 'absent' })).toMatchObject({ status: 'stored' })
    expect(rig.objects().get('a')?.bytes.toString()).toBe('2')
  })

  it('that creates once only is looked at before a replacement', async () => {
    await start({ replace: 501 })
    const store = openS3(rig, { learnt: { facts: { ...facts, conditionalWrites: 'create' } } })
    const etag = await put('a', '1')
    const before = rig.requests.length
    expect(await store.put('b', bodyOf('1'), PLAIN, { when: 'absent' })).toMatchObject({ status: 'stored' })
    expect(await store.put('a', bodyOf('2'), PLAIN, { when: { etag } })).toMatchObject({ status: 'stored' })
    expect(await store.put('a', bodyOf('3'), PLAIN, { when: { etag } })).toEqual({ status: 'precondition-failed' })
    expect(since(before)).toEqual(['PutObject', 'HeadObject', 'PutObject', 'HeadObject'])
  })

  describe('and that cannot replace headers', () => {
    const learnt = { facts: { ...facts, reheader: false } }

    it('gets the bytes again, with exactly the new ones', async () => {
      await start({ onReplace: 'keeps' })
      const etag = await put('a', 'body', { ...PLAIN, 'cache-control': 'no-cache' })
      const store = openS3(rig, { learnt })
      expect(await store.reheader('a', HTML, { when: { etag: 'other' } })).toEqual({ status: 'precondition-failed' })
      expect(await store.reheader('a', HTML, { when: { etag } })).toEqual({ status: 'stored', etag })
      expect(await store.head('a')).toMatchObject({ headers: HTML, size: 4, sha256: bodyOf('body').sha256 })
      expect((await store.head('a'))?.headers).toEqual(HTML)
      expect(await store.reheader('none', HTML)).toEqual({ status: 'precondition-failed' })
    })

    it('so does a copy with headers of its own', async () => {
      await start({ onReplace: 'keeps' })
      const source = await put('a', 'body', { ...PLAIN, 'cache-control': 'no-cache' })
      await put('b', 'theirs')
      const store = openS3(rig, { learnt })
      expect(await store.copy('a', 'b', { source, headers: HTML, when: 'absent' })).toMatchObject({
        status: 'precondition-failed',
      })
      expect(await store.copy('a', 'b', { source, headers: HTML })).toMatchObject({ status: 'stored' })
      expect((await store.head('b'))?.headers).toEqual(HTML)
      await expect(openS3(rig).copy('a', 'c', { source, headers: HTML })).rejects.toMatchObject({ code: 'E_INTEGRITY' })
    })

    it('also those of a large one that somebody else put', async () => {
      const bytes = patternOf(17 * 2 ** 20)
      const etag = createHash('md5').update(bytes).digest('hex')
      const theirs = { bytes, etag, headers: { 'content-type': 'video/mp4' }, checksum: undefined, lastModified: 0 }
      rig.tamper('l', () => theirs)
      expect(await openS3(rig, { learnt }).reheader('l', HTML)).toMatchObject({ status: 'stored' })
      expect(await openS3(rig).head('l')).toMatchObject({ headers: HTML, size: LARGE.size, sha256: LARGE.sha256 })
      expect(rig.openUploads()).toBe(0)
    })

    it('fails as a condition when the object changes in between', async () => {
      const etag = await put('a', 'body')
      const other = createHash('md5').update('newer').digest('hex')
      rig.fault({
        at: { op: 'GetObject' },
        do: (answer) => ({ ...answer, headers: { ...answer.headers, etag: `"${other}"` } }),
      })
      await expect(openS3(rig, { learnt }).reheader('a', HTML, { when: { etag } })).rejects.toMatchObject({
        code: 'E_STORE',
        retryable: true,
      })
      expect(rig.objects().get('a')?.headers).toMatchObject(PLAIN)
    })
  })
})

import { describe, expect, it } from 'vitest'
import { CHANGED, type Store } from '../../src/store/store.ts'
import { LadingError } from '../../src/words/errors.ts'
import type { HeaderSet, Key } from '../../src/words/model.ts'
import { bodyOf, patternOf } from './bodies.ts'

const PLAIN: HeaderSet = { 'content-type': 'text/plain' }
const HTML: HeaderSet = { 'content-type': 'text/html' }

/** The promises by which a deploy keeps others out: guards, sources, conditional removals, ages. */
export function guardedWrites(storeOf: () => Store): void {
  const putText = async (key: Key, content: string, headers: HeaderSet = PLAIN): Promise<string> => {
    const result = await storeOf().put(key, bodyOf(content), headers)
    if (result.status !== 'stored') throw new Error(`${key} was not stored`)
    return result.etag
  }
  const text = async (key: Key): Promise<string | undefined> => {
    const found = await storeOf().get(key)
    return found && Buffer.from(found.bytes).toString()
  }

  describe('a guard', () => {
    const reason = new LadingError('E_LOCK_LOST', 'the lease has ended')
    const refusing = (): never => {
      throw reason
    }
    const large = bodyOf(patternOf(17 * 1024 * 1024))

    it.each<[string, (store: Store, guard: () => void, etag: string) => Promise<unknown>]>([
      ['put', (store, guard) => store.put('new', bodyOf('x'), PLAIN, { guard })],
      ['put over another', (store, guard) => store.put('a', bodyOf('x'), PLAIN, { guard })],
      ['put under a condition', (store, guard, etag) => store.put('a', bodyOf('x'), PLAIN, { when: { etag }, guard })],
      ['put in parts', (store, guard) => store.put('a', large, PLAIN, { guard })],
      ['copy', (store, guard) => store.copy('a', 'new', { guard })],
      ['copy of a known object', (store, guard, etag) => store.copy('a', 'new', { source: etag, guard })],
      ['new headers', (store, guard) => store.reheader('a', HTML, { guard })],
      ['removal', (store, guard) => store.remove(['a'], { guard })],
      [
        'removal of a known object',
        (store, guard, etag) => store.remove(['a'], { etags: new Map([['a', etag]]), guard }),
      ],
    ])('that throws ends a %s before it happens, with its own reason', async (_, write) => {
      const store = storeOf()
      const etag = await putText('a', 'before')
      await expect(write(store, refusing, etag)).rejects.toBe(reason)
      expect(await text('a')).toBe('before')
      expect((await store.head('a'))?.headers).toEqual(PLAIN)
      expect(await store.head('new')).toBeUndefined()
    })

    it('that agrees is asked and lets every write happen', async () => {
      const store = storeOf()
      let asked = 0
      const guard = (): void => {
        asked += 1
      }
      const timesAsked = async (write: () => Promise<unknown>): Promise<number> => {
        const before = asked
        await write()
        return asked - before
      }
      expect(await timesAsked(() => store.put('a', bodyOf('x'), PLAIN, { guard }))).toBeGreaterThan(0)
      expect(await timesAsked(() => store.put('l', large, PLAIN, { guard }))).toBeGreaterThan(0)
      expect(await timesAsked(() => store.copy('a', 'b', { guard }))).toBeGreaterThan(0)
      expect(await timesAsked(() => store.reheader('a', HTML, { guard }))).toBeGreaterThan(0)
      expect(await timesAsked(() => store.remove(['a'], { guard }))).toBeGreaterThan(0)
      expect(await store.head('a')).toBeUndefined()
      expect(await text('b')).toBe('x')
      expect(await store.head('l')).toMatchObject({ size: large.size, sha256: large.sha256 })
    })
  })

  describe('a copy of a known object', () => {
    it('is made while the object is that one', async () => {
      const store = storeOf()
      const headers = { 'content-type': 'text/css', 'content-disposition': 'inline' }
      const source = await putText('a', 'body', headers)
      expect(await store.copy('a', 'blobs/b', { source })).toMatchObject({ status: 'stored' })
      expect(await store.head('blobs/b')).toMatchObject({ size: 4, headers, sha256: bodyOf('body').sha256 })
      expect(await text('blobs/b')).toBe('body')
    })

    it('is not made of another one, nor of nothing', async () => {
      const store = storeOf()
      const source = await putText('a', 'old')
      await putText('a', 'new')
      await putText('b', 'theirs')
      for (const to of ['b', 'c'])
        expect(await store.copy('a', to, { source })).toEqual({ status: 'precondition-failed' })
      expect(await store.copy('none', 'c', { source })).toEqual({ status: 'precondition-failed' })
      expect(await store.copy('none', 'c', { source, when: 'absent' })).toEqual({ status: 'precondition-failed' })
      expect(await text('b')).toBe('theirs')
      expect(await store.head('c')).toBeUndefined()
    })

    it('obeys a condition of its target besides', async () => {
      const store = storeOf()
      const source = await putText('a', 'mine')
      const theirs = await putText('b', 'theirs')
      expect(await store.copy('a', 'b', { source, when: 'absent' })).toEqual({ status: 'precondition-failed' })
      expect(await store.copy('a', 'b', { source, when: { etag: source } })).toEqual({ status: 'precondition-failed' })
      expect(await text('b')).toBe('theirs')
      expect(await store.copy('a', 'b', { source, when: { etag: theirs } })).toMatchObject({ status: 'stored' })
      expect(await text('b')).toBe('mine')
    })

    it('may have headers of its own, with the same digest', async () => {
      const store = storeOf()
      const source = await putText('a', 'body', { ...PLAIN, 'content-disposition': 'inline' })
      expect(await store.copy('a', 'b', { source, headers: HTML })).toMatchObject({ status: 'stored' })
      expect(await store.head('b')).toMatchObject({ headers: HTML, sha256: bodyOf('body').sha256 })
      expect((await store.head('b'))?.headers).toEqual(HTML)
      expect((await store.head('a'))?.headers).toEqual({ ...PLAIN, 'content-disposition': 'inline' })
    })

    it('is proved for a body in parts as well', async () => {
      const store = storeOf()
      const large = bodyOf(patternOf(17 * 1024 * 1024))
      const result = await store.put('l', large, PLAIN)
      const source = result.status === 'stored' ? result.etag : ''
      expect(await store.copy('l', 'b', { source })).toMatchObject({ status: 'stored' })
      expect(await store.head('b')).toMatchObject({ size: large.size, sha256: large.sha256 })
    })
  })

  describe('new headers with a digest', () => {
    it('record it with the object', async () => {
      const store = storeOf()
      const etag = await putText('a', 'body')
      const { sha256 } = bodyOf('body')
      expect(await store.reheader('a', HTML, { sha256, when: { etag } })).toMatchObject({ status: 'stored' })
      expect(await store.head('a')).toMatchObject({ headers: HTML, sha256 })
      expect(await text('a')).toBe('body')
    })
  })

  describe('removing known objects', () => {
    it('takes those that have the ETag, and gives back those that have another', async () => {
      const store = storeOf()
      const old = await putText('b', 'old')
      const etags = new Map([
        ['a', await putText('a', '1')],
        ['b', old],
        ['gone', old],
      ])
      await putText('b', 'new')
      await putText('c', 'whatever it is')
      expect(await store.remove(['a', 'b', 'c', 'gone'], { etags })).toEqual([{ key: 'b', reason: CHANGED }])
      expect(await text('b')).toBe('new')
      for (const key of ['a', 'c', 'gone']) expect(await store.head(key)).toBeUndefined()
    })
  })

  describe('the age of an object', () => {
    it('is counted from its last write', async () => {
      const store = storeOf()
      await putText('a', 'x')
      const found = [await store.head('a'), await store.get('a')]
      for (const object of found) {
        expect(object?.ageMs).toBeGreaterThanOrEqual(0)
        // Far more than this test takes, far less than what clocks of different years would give.
        expect(object?.ageMs).toBeLessThan(3_600_000)
      }
    })
  })

  describe('sweeping', () => {
    it('leaves every object, and finds nothing after writes that ended', async () => {
      const store = storeOf()
      await putText('a', 'x')
      await store.put('l', bodyOf(patternOf(17 * 1024 * 1024)), PLAIN)
      await store.copy('a', 'b')
      expect(await store.sweep()).toBe(0)
      expect([await text('a'), await text('b')]).toEqual(['x', 'x'])
      expect(await store.head('l')).toMatchObject({ size: 17 * 1024 * 1024 })
    })

    it('is of everything or of a folder', async () => {
      expect(await storeOf().sweep({ prefix: 'img/' })).toBe(0)
      await expect(storeOf().sweep({ prefix: 'img' })).rejects.toMatchObject({ code: 'E_KEY_INVALID' })
      await expect(storeOf().sweep({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'E_ABORTED' })
    })
  })
}

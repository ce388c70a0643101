import { expect, it } from 'vitest'
import type { Opened } from '../../../src/draft/opened.ts'
import { owedBy, payOwed } from '../../../src/line/owed.ts'
import { NO_POINTER } from '../../../src/plan/pointer.ts'
import type { LadingEvent } from '../../../src/words/events.ts'

const BEFORE = { seq: 1, paths: ['/gone.png'] }
const POINTER = { ...NO_POINTER, owed: [BEFORE] }
const opened = (conditionalWrites: string): Opened =>
  ({
    live: { pointer: POINTER, etag: '"e"' },
    store: { facts: { conditionalWrites } },
    learnt: { site: {}, state: {} },
  }) as unknown as Opened // what is asked of it
const OPENED = opened('full')
const CDN = { kind: 'cloudflare', zone: 'z', endpoint: undefined } as const

const many = Array.from({ length: 5001 }, (_, at) => `${at}.txt`)
const holding = (inherited: readonly string[], isOwing = true) => ({ inherited, isOwing, seq: 7 })
const pathsOf = (keys: readonly string[]): string[] => keys.map((key) => `/${key}`)
const known = { opened: OPENED, pathsOf }
const without = { cdn: undefined }

it('a run without a CDN passes on what there is, and what dead runs that had one may have changed', () => {
  const { owed, beside } = owedBy({ ...known, held: holding(['a.txt']), options: without, gone: ['b.txt'] })
  expect({ owed, beside }).toEqual({ owed: [BEFORE, { seq: 7, paths: ['/a.txt'] }], beside: [] })
  const none = owedBy({ ...known, held: holding(['a.txt'], false), options: without })
  expect(none).toEqual({ owed: [BEFORE], beside: [] })
})

it('what dead runs may have changed is not taken up by the pointer where it is much: a takedown is', () => {
  const { owed, beside } = owedBy({ ...known, held: holding(many), options: { cdn: CDN }, gone: ['b.txt'] })
  expect(owed).toEqual([BEFORE, { seq: 7, paths: ['/b.txt'] }])
  expect(beside).toHaveLength(many.length)
})

it.each(['create', 'none', 'unknown'])('a pointer that is replaced only by chance says nothing: %s', (conditions) => {
  const weak = { opened: opened(conditions), pathsOf, held: holding(['a.txt']), gone: ['b.txt'] }
  const beside = ['/gone.png', '/b.txt', '/a.txt']
  expect(owedBy({ ...weak, options: { cdn: CDN } })).toEqual({ owed: [], beside })
  expect(owedBy({ ...weak, options: without })).toEqual({ owed: [BEFORE], beside: ['/a.txt'] })
})

it('a run without a CDN names what it can pass to nobody', async () => {
  const said: LadingEvent[] = []
  const owing = owedBy({ ...known, held: holding(many), options: without })
  await payOwed(undefined, owing, { stores: OPENED, run: { emit: (event) => void said.push(event) } })
  expect(said).toMatchObject([{ code: 'W_CDN', message: expect.stringContaining('5001 addresses') }])
})

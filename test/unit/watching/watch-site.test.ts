import { describe, expect, it } from 'vitest'
import { type ErrorCode, LadingError } from '../../../src/index.ts'
import { type Deploy, type Moment, play } from './play.ts'

const failure = (code: ErrorCode, retryable = false): LadingError => new LadingError(code, 'it failed', { retryable })

describe('a watched folder', () => {
  it('is deployed at once, then only when something has changed', async () => {
    const { runs, watched, error, isClosed } = await play({
      at: { 60000: ({ change }) => change('a.html', 'b.css', 'a.html') },
    })
    expect(runs).toEqual([200, 60_200])
    expect(watched).toEqual([
      { type: 'watch', state: 'waiting' },
      { type: 'watch', state: 'changed', changes: 2, paths: ['a.html', 'b.css'] },
      { type: 'watch', state: 'waiting' },
    ])
    expect({ error, isClosed }).toEqual({ error: undefined, isClosed: true })
  })

  it('is deployed when it has been quiet for a moment', async () => {
    const { runs } = await play({
      at: {
        1000: ({ change }) => change('a'),
        1150: ({ change }) => change('b'),
        1350: ({ change }) => change('c'),
      },
    })
    expect(runs).toEqual([200, 1600])
  })

  it('that never gets quiet is deployed nevertheless', async () => {
    const at = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [1000 + index * 100, log] as const))
    const { runs } = await play({ at })
    expect(runs.slice(0, 2)).toEqual([200, 31_000])
    expect(runs.length).toBeLessThan(5)
  })

  it('that changes during a run is deployed exactly once more', async () => {
    const { runs, watched } = await play({
      deploys: [{ takesMs: 5000 }],
      at: {
        1000: ({ change }) => change('a'),
        2000: ({ change }) => change('b'),
        3000: ({ change }) => change('a'),
      },
    })
    expect(runs).toEqual([200, 5400])
    expect(watched[1]).toMatchObject({ state: 'changed', paths: ['a', 'b'] })
  })

  it('that is missing is waited for, and not before it is quiet deployed', async () => {
    const { runs, watched } = await play({
      files: 0,
      at: { 90000: ({ holds }) => holds(1), 90100: ({ holds }) => holds(2), 90250: ({ holds }) => holds(3) },
    })
    expect(watched).toEqual([
      { type: 'watch', state: 'empty' },
      { type: 'watch', state: 'waiting' },
    ])
    expect(runs).toEqual([90_600])
  })

  it('that a build empties and fills again is deployed once, when it is full', async () => {
    const { runs, watched } = await play({
      files: 3,
      at: {
        1000: ({ holds }) => holds(0),
        9000: ({ holds }) => holds(1),
        10000: ({ holds }) => holds(2),
        11500: ({ holds }) => holds(3),
      },
    })
    expect(runs).toEqual([200, 11_800])
    expect(watched.map(({ state }) => state)).toEqual(['waiting', 'empty', 'changed', 'waiting'])
  })

  it('that has lost files is deployed after two seconds without a change', async () => {
    const { runs } = await play({ files: 3, at: { 1000: ({ holds }) => holds(2) } })
    expect(runs).toEqual([200, 3000])
  })

  it('that becomes empty again and again is never deployed, however long that takes', async () => {
    const at = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [1000 * index + 900, empty] as const))
    expect((await play({ files: 0, at })).runs).toEqual([])
  })
})

describe('a folder that changes while a run reads it', () => {
  const at = {
    1000: ({ change }: Moment) => change('a'),
    1300: ({ holds }: Moment) => holds(1),
    1500: ({ holds }: Moment) => holds(3),
  }

  it('is not deployed half: the run is given up before it sends anything, and begun again when it is quiet', async () => {
    const { runs, ended, watched, events } = await play({ files: 3, deploys: [{}, { plansMs: 400 }, {}], at })
    expect(runs).toEqual([200, 1200, 1800])
    expect(ended).toHaveLength(2)
    expect(watched.map(({ state }) => state)).toEqual(['waiting', 'changed', 'waiting'])
    expect(watched[1]).toMatchObject({ paths: ['a', '.'] })
    expect(events.filter(({ type }) => type === 'phase')).toHaveLength(2)
  })

  it('is no failure, whatever the run has met in it', async () => {
    const fails = failure('E_MAX_DELETE')
    const { runs, ended } = await play({
      files: 3,
      deploys: [{}, { plansMs: 400, isPlanless: true, fails }, {}],
      at,
    })
    expect(runs).toEqual([200, 1200, 1800])
    expect(ended.map((run) => 'error' in run)).toEqual([false, false])
  })

  it('for ever is deployed nevertheless', async () => {
    const at = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [1000 + index * 500, log] as const))
    const { ended } = await play({ deploys: [{}, ...Array.from({ length: 300 }, () => ({ plansMs: 400 }))], at })
    expect(ended.length).toBeGreaterThan(3)
    expect(ended.length).toBeLessThan(8)
  })

  it('while a run plans again, which has published by then, does not end it', async () => {
    const phase = { type: 'phase', phase: 'plan', files: 1, bytes: 1, ms: 1 } as const
    const again: Deploy = { takesMs: 400, says: (emit) => emit(phase) }
    const { runs, ended } = await play({ files: 3, deploys: [{}, again, {}], at })
    expect(runs).toEqual([200, 1200, 1800])
    expect(ended).toHaveLength(3)
  })

  it('after the plan stands is deployed as it was read, and once more', async () => {
    const { runs, ended } = await play({ files: 3, deploys: [{}, { takesMs: 400 }, {}], at })
    expect(runs).toEqual([200, 1200, 1800])
    expect(ended).toHaveLength(3)
  })
})

describe('a run that failed', () => {
  it('is reported, and the change that mends it is deployed', async () => {
    const error = failure('E_SECRET_FILE')
    const { runs, ended, watched } = await play({
      deploys: [{ fails: error }],
      at: { 60000: ({ change }) => change('.env') },
    })
    expect(runs).toEqual([200, 60_200])
    expect(ended).toEqual([{ error }, { summary: expect.objectContaining({ ok: true }) }])
    expect(watched[0]).toEqual({ type: 'watch', state: 'waiting', againMs: undefined })
  })

  it.each([
    ['E_UNREACHABLE', false],
    ['E_THROTTLED', false],
    ['E_LOCKED', false],
    ['E_UPLOAD', true],
  ] as const)('with %s is tried again by itself, each time later, until it succeeds', async (code, retryable) => {
    const fails = failure(code, retryable)
    const { runs, watched } = await play({ deploys: [{ fails }, { fails }, { fails }, {}, { fails }, {}], at: AT_LAST })
    expect(runs).toEqual([200, 10_400, 30_600, 70_800, 600_200, 610_400])
    expect(watched.map(({ state }) => state).join(' ')).toBe(
      'waiting again waiting again waiting again waiting changed waiting again waiting',
    )
    expect(watched[2]).toEqual({ type: 'watch', state: 'waiting', againMs: 20_000 })
  })

  it('for a passing reason is tried with the next change, where that comes first', async () => {
    const { runs } = await play({
      deploys: [{ fails: failure('E_UNREACHABLE') }],
      at: { 3000: ({ change }) => change('a') },
    })
    expect(runs).toEqual([200, 3200])
  })

  it('is tried again every five minutes at most', async () => {
    const deploys = Array.from({ length: 12 }, () => ({ fails: failure('E_UNREACHABLE') }))
    const { runs } = await play({ deploys })
    expect(runs.slice(-1)[0]).toBe((runs.at(-2) ?? 0) + 300_200)
  })

  it.each([
    ['E_CONFIG', failure('E_CONFIG')],
    ['E_MISSING_PACKAGE', failure('E_MISSING_PACKAGE')],
    ['E_ORDER', failure('E_ORDER')],
    ['E_CHANNEL', failure('E_CHANNEL')],
    ['E_CREDENTIALS', failure('E_CREDENTIALS')],
    ['a bug', new TypeError('x is not a function')],
  ])('with %s ends the watch, for no change will mend it', async (_, fails) => {
    const { runs, error, isClosed, ended } = await play({ deploys: [{ fails }], at: AT_LAST })
    expect({ runs, error, isClosed, ended }).toEqual({ runs: [200], error: fails, isClosed: true, ended: [] })
  })

  it('for want of credentials is left behind when they were good before: a session expires, and is renewed', async () => {
    const { runs, error } = await play({
      deploys: [{}, { fails: failure('E_CREDENTIALS') }, {}],
      at: { 1000: ({ change }) => change('a'), 5000: ({ change }) => change('a') },
    })
    expect({ runs, error }).toEqual({ runs: [200, 1200, 5200], error: undefined })
  })
})

describe('being stopped', () => {
  const reason = new Error('stopped by SIGINT')

  it('between two runs is how watching ends', async () => {
    const { runs, error, isClosed } = await play({ at: { 5000: ({ stop }) => stop(reason) } })
    expect({ runs, error, isClosed }).toEqual({ runs: [200], error: undefined, isClosed: true })
  })

  it('while changes are gathered deploys nothing more', async () => {
    const { runs, error } = await play({ at: { 5000: ({ change }) => change('a'), 5100: ({ stop }) => stop(reason) } })
    expect({ runs, error }).toEqual({ runs: [200], error: undefined })
  })

  it('while an empty folder is waited for is no failure', async () => {
    const { runs, error } = await play({ files: 0, at: { 5000: ({ stop }) => stop(reason) } })
    expect({ runs, error }).toEqual({ runs: [], error: undefined })
  })

  it('in the middle of a run ends with the reason, as a run alone does', async () => {
    const { error, isClosed } = await play({
      deploys: [{ takesMs: 5000 }],
      at: { 1000: ({ stop }) => stop(reason) },
    })
    expect({ error, isClosed }).toEqual({ error: reason, isClosed: true })
  })
})

describe('pages that a run has rewritten in place', () => {
  const written = {
    says: (emit: (event: ReturnType<typeof page>) => void) => emit(page('index.html')),
    summary: { pages: { written: 1, unchanged: 0, removed: 0 } },
    takesMs: 100,
  }
  const at = { 250: ({ change }: Moment) => change('index.html') }

  it('are looked at once more, and nothing is said of it', async () => {
    const { runs, watched, ended } = await play({ deploys: [written], at })
    expect(runs).toEqual([200, 500])
    expect(watched).toEqual([{ type: 'watch', state: 'waiting' }])
    expect(ended).toHaveLength(1)
  })

  it('and that somebody saves much later are told, also where nothing has changed in them', async () => {
    const deploys = [written, { summary: { published: false } }, { summary: { published: false } }]
    const { runs, watched } = await play({ deploys, at: { ...at, 60000: at[250] } })
    expect(runs).toEqual([200, 500, 60_200])
    expect(watched.map(({ state }) => state)).toEqual(['waiting', 'changed', 'waiting'])
  })

  it('and that somebody else has changed at the same time are deployed and told', async () => {
    const { watched, ended, events } = await play({ deploys: [written, {}], at })
    expect(watched.map(({ state }) => state)).toEqual(['waiting', 'changed', 'waiting'])
    expect(ended).toHaveLength(2)
    const [told] = [events.map(({ type }) => type).filter((type) => type !== 'phase')]
    expect(told).toEqual(['file', 'summary', 'watch', 'watch', 'summary', 'watch'])
  })

  it('and that can no longer be deployed are told', async () => {
    const fails = failure('E_SECRET_CONTENT')
    const { watched, ended } = await play({ deploys: [written, { fails }], at })
    expect(watched.map(({ state }) => state)).toEqual(['waiting', 'changed', 'waiting'])
    expect(ended[1]).toEqual({ error: fails })
  })
})

const AT_LAST = { 600000: ({ change }: Moment) => change('a') }
const log = ({ change }: Moment): void => change('log.txt')
const empty = ({ holds }: Moment): void => holds(0)

function page(path: string) {
  return { type: 'file', op: 'page', key: path, path, bytes: 1, reason: 'rewritten', done: true } as const
}

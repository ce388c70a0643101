import { describe, expect, it } from 'vitest'
import type { Manifest, ManifestRow } from '../../../src/plan/manifest.ts'
import type { Release } from '../../../src/plan/release.ts'
import { goesOn, type History, keptReleases, type RetentionRules, retain } from '../../../src/plan/retention.ts'

const DAY_MS = 86_400_000
const NOW = Date.parse('2026-06-30T12:00:00.000Z')
const RULES: RetentionRules = { nowMs: NOW, keepReleases: 2, keepDays: 14 }

const daysAgo = (days: number): string => new Date(NOW - days * DAY_MS).toISOString()

interface Sketch {
  readonly days: number
  readonly channel?: string
  readonly paths?: readonly string[]
  readonly stored?: readonly string[]
  readonly pages?: readonly string[]
  readonly lingering?: readonly string[]
  readonly previous?: string
}

function release(id: string, { days, paths = [], stored = [], pages = [], ...rest }: Sketch): Release {
  return {
    id,
    seq: 1,
    channel: rest.channel ?? 'production',
    createdAt: daysAgo(days),
    previous: rest.previous,
    restores: undefined,
    mode: 'host',
    url: undefined,
    paths: new Map(paths.map((key) => [`path of ${key}`, key])),
    stored: new Map(stored.map((key) => [key, { sha256: `sha of ${key}`, headers: {} }])),
    pages: new Map(pages.map((path) => [path, `sha of ${path}`])),
    lingering: new Set(rest.lingering ?? []),
  }
}

/** Releases of one channel, newest first, by their ages in days. */
const aged = (name: string, ...days: readonly number[]): Release[] =>
  days.map((day, index) => release(`${name}${index}`, { days: day, channel: name }))

const living = (...releases: readonly Release[]): History => ({ releases, endedAt: undefined })
const ended = (daysBefore: number, ...releases: readonly Release[]): History => ({
  releases,
  endedAt: daysAgo(daysBefore),
})

const kept = (histories: readonly History[], rules: Partial<RetentionRules> = {}): string[] =>
  keptReleases(histories, { ...RULES, ...rules }).map(({ id }) => id)

describe('the releases that stay', () => {
  it.each<[string, History[], Partial<RetentionRules>, string[]]>([
    ['the newest, however old', [living(...aged('p', 400))], { keepReleases: 1 }, ['p0']],
    ['as many as the number says', [living(...aged('p', 100, 200, 300))], {}, ['p0', 'p1']],
    ['and all that are young', [living(...aged('p', 1, 2, 3, 13, 15))], {}, ['p0', 'p1', 'p2', 'p3']],
    ['none for its age on the day itself', [living(...aged('p', 0, 1, 14))], {}, ['p0', 'p1']],
    ['by number alone with keepDays 0', [living(...aged('p', 0, 0, 0))], { keepDays: 0 }, ['p0', 'p1']],
    ['of an ended channel the last one, counted from the end', [ended(13, ...aged('e', 100, 200))], {}, ['e0']],
    ['of an ended channel also what is young itself', [ended(1, ...aged('e', 2, 5, 20))], {}, ['e0', 'e1']],
    ['of a channel that ended long ago nothing', [ended(14, ...aged('e', 100, 200))], {}, []],
    ['of an ended channel nothing with keepDays 0', [ended(0, ...aged('e', 0))], { keepDays: 0 }, []],
    ['of no channel nothing', [], {}, []],
  ])('are %s', (_, histories, rules, expected) => {
    expect(kept(histories, rules)).toEqual(expected)
  })

  it('are the newest of each of five previews that are older than production', () => {
    const previews = [30, 60, 90, 120, 365].map((days, index) => living(...aged(`preview${index}-`, days, days + 1)))
    const production = living(...aged('production', 0, 1, 2))
    const names = kept([...previews, production], { keepReleases: 1, keepDays: 1 })
    expect(names).toEqual([...[0, 1, 2, 3, 4].map((index) => `preview${index}-0`), 'production0'])
  })
})

describe('a history is followed further back', () => {
  const before = { previous: 'r0' }
  it.each<[string, History, boolean]>([
    ['while there are fewer than stay by number', living(release('r', { days: 99, ...before })), true],
    ['while the last one is young', living(...aged('p', 1, 2), release('r', { days: 3, ...before })), true],
    ['not beyond both', living(...aged('p', 99), release('r', { days: 99, ...before })), false],
    ['not beyond its beginning', living(release('r', { days: 1 })), false],
    ['not by number once it has ended', ended(1, release('r', { days: 99, ...before })), false],
    ['by age also when it has ended', ended(1, release('r', { days: 2, ...before })), true],
    ['not when nothing is there', living(), false],
  ])('%s', (_, history, expected) => {
    expect(goesOn(history, RULES)).toBe(expected)
  })
})

function manifest(rows: Readonly<Record<string, number | undefined>>): Manifest {
  const full = Object.entries(rows).map(([key, days]): [string, ManifestRow] => [
    key,
    {
      key,
      sha256: 'x',
      size: 1,
      headers: {},
      etag: undefined,
      unnamedSince: days === undefined ? undefined : daysAgo(days),
    },
  ])
  return { seq: 1, rows: new Map(full) }
}

describe('objects', () => {
  const NAMED = release('r', { days: 1, paths: ['a/asset'], stored: ['own.html'], lingering: ['a/lingering'] })

  it.each<[string, number | undefined, Partial<RetentionRules>, 'stays' | 'goes' | 'begins']>([
    ['a/asset', undefined, {}, 'stays'],
    ['own.html', undefined, {}, 'stays'],
    ['a/lingering', undefined, {}, 'stays'],
    // a kept release outweighs any age
    ['a/asset', 99, {}, 'stays'],
    ['a/other', undefined, {}, 'begins'],
    ['a/other', undefined, { keepDays: 0 }, 'begins'],
    ['a/other', 13, {}, 'stays'],
    ['a/other', 14, {}, 'goes'],
    ['a/other', 0, { keepDays: 0 }, 'goes'],
    // a clock that ran ahead
    ['a/other', -1, {}, 'stays'],
  ])('%s, not named for %s days, with %j: %s', (key, days, rules, expected) => {
    const { gone, unnamed } = retain(manifest({ [key]: days }), [NAMED], { ...RULES, ...rules })
    expect(gone.map(({ row }) => row.key)).toEqual(expected === 'goes' ? [key] : [])
    expect(unnamed).toEqual(expected === 'begins' ? [key] : [])
  })

  it('go with the day since which nobody names them', () => {
    const { gone } = retain(manifest({ 'a/other': 20 }), [], RULES)
    expect(gone.map(({ reason }) => reason)).toEqual(['not named since 2026-06-10'])
  })

  it('all stay when the manifest is empty or absent', () => {
    expect(retain(undefined, [NAMED], RULES)).toMatchObject({ gone: [], unnamed: [] })
    expect(retain(manifest({}), [], RULES)).toMatchObject({ gone: [], unnamed: [] })
  })

  it('of five previews older than production stay as long as their channels live', () => {
    const names = [0, 1, 2, 3, 4].map((index) => `a/preview${index}`)
    const previews = names.map((key) => living(release(key, { days: 200, paths: [key] })))
    const production = living(release('p', { days: 0, paths: ['a/production'] }))
    const rules = { ...RULES, keepReleases: 1, keepDays: 0 }
    const rows = manifest({ ...Object.fromEntries(names.map((key) => [key, 200])), 'a/production': undefined })
    expect(retain(rows, keptReleases([...previews, production], rules), rules).gone).toEqual([])
    const [first, ...others] = previews
    const withOneEnded = [...others, production, ended(1, ...(first?.releases ?? []))]
    const { gone } = retain(rows, keptReleases(withOneEnded, rules), rules)
    expect(gone.map(({ row }) => row.key)).toEqual(['a/preview0'])
  })
})

it('the contents that stay are those of files at their own paths and of pages, of every kept release', () => {
  const first = release('r1', { days: 9, stored: ['a.html'], pages: ['p.html'], paths: ['a/x'] })
  const second = release('r2', { days: 1, stored: ['b.html'] })
  const { contents } = retain(manifest({}), [first, second], RULES)
  expect([...contents].sort()).toEqual(['sha of a.html', 'sha of b.html', 'sha of p.html'])
})

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileFacts, SiteFile } from '../../../src/site/file.ts'
import { openHashCache } from '../../../src/site/hash/hash-cache.ts'
import { DEPLOY_RULE } from '../../../src/site/secrets/anchors.ts'
import { seededRandom } from '../../rig/virtual-clock.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lading-hashes-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const LONG_AGO = Date.now() - 60_000

/** Numbers as file systems give them: a fraction in the times, an inode beyond 32 bits. */
function file(path: string, changed: Partial<SiteFile> = {}): SiteFile {
  const stamp = { dev: 66_305, ino: 2 ** 40 + path.length, size: 12, mtimeMs: LONG_AGO + 0.25, ctimeMs: LONG_AGO + 0.5 }
  return { path, written: path, disk: `/site/${path}`, originOnly: false, isAlias: false, ...stamp, ...changed }
}

const digestOf = (path: string): string => Buffer.from(path).toString('hex').padEnd(64, '0').slice(0, 64)
const facts = (path: string, more: Partial<FileFacts> = {}): FileFacts => {
  return { sha256: digestOf(path), utf8: true, magic: undefined, findings: [], ...more }
}

const PATHS = ['a.css', 'b/ünicode.html', 'b/z.png', 'c.js']

function written(fingerprint = ''): void {
  const cache = openHashCache(dir, '/site', { fingerprint })
  for (const path of PATHS) cache.remember(file(path), facts(path))
  expect(cache.save()).toBe(true)
}

const again = (fingerprint = '') => openHashCache(dir, '/site', { fingerprint })
const theFile = (): string => join(dir, readdirSync(dir).find((name) => name.startsWith('hashes-')) ?? '')

describe('the facts of a file are known again', () => {
  it.each([
    ['in order', PATHS],
    ['in any order', [...PATHS].reverse()],
    ['between files that are new', ['0', ...PATHS.flatMap((path) => [path, `${path}.new`])]],
  ])('%s', (_, asked) => {
    written()
    const cache = again()
    for (const path of asked) expect(cache.recall(file(path))).toEqual(PATHS.includes(path) ? facts(path) : undefined)
  })

  it('with what the first bytes say, what the text is, and what was found in it', () => {
    const found = facts('a', {
      utf8: false,
      magic: 'png',
      findings: [{ rule: 'Google API key', line: 1, column: 4, sample: 'AIza…x' }],
    })
    const cache = again()
    cache.remember(file('a'), found)
    cache.remember(file('b'), facts('b', { magic: 'woff2' }))
    cache.save()
    expect(again().recall(file('a'))).toEqual(found)
    expect(again().recall(file('b'))).toEqual(facts('b', { magic: 'woff2' }))
  })

  it('when they were recalled and others learnt in between', () => {
    written()
    const cache = again()
    cache.recall(file('c.js'))
    cache.remember(file('aa'), facts('aa'))
    cache.recall(file('a.css'))
    cache.save()
    const next = again()
    for (const path of ['a.css', 'aa', 'c.js']) expect(next.recall(file(path))).toEqual(facts(path))
    expect(next.recall(file('b/z.png'))).toBeUndefined()
  })
})

describe('the facts of a file are not known', () => {
  it.each<[string, Partial<SiteFile>]>([
    ['size', { size: 13 }],
    ['time of change', { mtimeMs: LONG_AGO + 0.5 }],
    ['time of any change at all', { ctimeMs: LONG_AGO + 0.75 }],
    ['inode', { ino: 2 ** 40 }],
    ['device', { dev: 66_306 }],
  ])('when its %s is another', (_, changed) => {
    written()
    expect(again().recall(file('a.css', changed))).toBeUndefined()
  })

  it.each([
    ['written', 'mtimeMs'],
    ['changed in any way', 'ctimeMs'],
  ] as const)('when it had been %s a moment before', (_, time) => {
    const changed = { [time]: Date.now() - 1000 }
    const cache = again()
    cache.remember(file('a', changed), facts('a'))
    cache.save()
    expect(again().recall(file('a', changed))).toBeUndefined()
  })

  it('when it was not searched for the credentials in force, and are when it was', () => {
    written('mine')
    expect(again('mine').recall(file('a.css'))).toEqual(facts('a.css'))
    expect(again('others').recall(file('a.css'))).toBeUndefined()
    const none = again()
    for (const path of PATHS) none.recall(file(path))
    none.remember(file('d'), facts('d'))
    none.save()
    expect(again('mine').recall(file('a.css'))).toEqual(facts('a.css'))
    expect(again('mine').recall(file('d'))).toBeUndefined()
  })

  it('after a save that did not ask for it', () => {
    written()
    const cache = again()
    cache.recall(file('a.css'))
    cache.save()
    expect(again().recall(file('c.js'))).toBeUndefined()
  })

  it('however much of the file is missing, or what else lies there', () => {
    written()
    const whole = readFileSync(theFile())
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(theFile(), whole.subarray(0, length))
      const cache = again()
      for (const path of PATHS) expect(cache.recall(file(path))).toBeUndefined()
    }
    writeFileSync(theFile(), '{"v":"0","rows":4}\n')
    expect(again().recall(file('a.css'))).toBeUndefined()
  })
})

it('a cache that has learnt nothing is not written again', () => {
  written()
  const before = statSync(theFile(), { bigint: true }).ino
  const cache = again()
  for (const path of PATHS) cache.recall(file(path))
  expect(cache.save()).toBe(true)
  expect(statSync(theFile(), { bigint: true }).ino).toBe(before)
})

/** A file as it is now, with what a cache that forgets nothing would know of it. */
interface Modelled {
  readonly file: SiteFile
  readonly facts: FileFacts
  readonly searched: string
  readonly isCached: boolean
}

type Drawing = ReturnType<typeof drawingFrom>

function drawingFrom(seed: number) {
  const random = seededRandom(seed)
  const below = (end: number): number => Math.floor(random() * end)
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T // none of them is empty
  const draw = (path: string): Pick<Modelled, 'file' | 'facts' | 'isCached'> => {
    const isRacy = below(8) === 0
    const rules = oneOf([[], [], ['Google API key'], [DEPLOY_RULE]])
    return {
      file: file(path, { ino: below(1e9), mtimeMs: (isRacy ? Date.now() + 60_000 : LONG_AGO) + random() }),
      facts: {
        sha256: Array.from({ length: 64 }, () => below(16).toString(16)).join(''),
        utf8: random() < 0.5,
        magic: oneOf([undefined, 'png', 'pdf', 'zip'] as const),
        findings: rules.map((rule) => ({ rule, line: below(9), column: 1, sample: `${below(99)}` })),
      },
      isCached: !isRacy && !rules.includes(DEPLOY_RULE),
    }
  }
  return { random, oneOf, draw }
}

/** One run over these files. @returns what is to be known after it */
function runOver(paths: readonly string[], model: ReadonlyMap<string, Modelled>, { random, oneOf, draw }: Drawing) {
  const fingerprint = oneOf(['', '', 'mine', 'others'])
  const cache = openHashCache(dir, '/site', { fingerprint })
  const next = new Map<string, Modelled>()
  for (const path of paths) {
    const before = random() < 0.8 ? model.get(path) : undefined
    const isKnown = before?.isCached === true && ['', before.searched].includes(fingerprint)
    const now = isKnown ? before : { ...(before ?? draw(path)), searched: fingerprint }
    expect(cache.recall(now.file)).toEqual(isKnown ? now.facts : undefined)
    if (!isKnown) cache.remember(now.file, now.facts)
    next.set(path, now)
  }
  expect(cache.save()).toBe(true)
  return next
}

it.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'over ten runs in which files come, change and go it knows what a simple list would (%i)',
  (seed) => {
    const drawing = drawingFrom(seed)
    const { random, oneOf } = drawing
    const names = Array.from({ length: 40 }, (_, index) => `${oneOf(['a', 'ü/', '😀', 'ｅ', 'z/z/'])}${index}`)
    let model = new Map<string, Modelled>()
    for (let run = 0; run < 10; run++) {
      const paths = names.filter(() => random() < 0.9)
      model = runOver(oneOf([paths, [...paths].sort()]), model, drawing)
    }
  },
)

import { describe, expect, it } from 'vitest'
import { collapsePaths } from '../../../src/cdn/collapse.ts'

const numbered = (count: number, path: (number: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => path(index + 1))

const isCovered = (path: string, sent: readonly string[]): boolean =>
  sent.some((one) => one === path || (one.endsWith('*') && path.startsWith(one.slice(0, -1))))

/** From 0 up to but not including `limit`, the same sequence for the same seed. */
function numbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

function randomPath(next: (limit: number) => number): string {
  const folders = numbered(next(5), () => `${'abcd'[next(4)]}/`)
  const name = ['', `${next(40)}.html`, `${next(40)}`, 'b', next(30) === 0 ? 'w*' : 'a.css'][next(5)]
  return `/${folders.join('')}${name}`
}

describe('collapsing', () => {
  it('leaves paths alone that are within the budget', () => {
    expect(collapsePaths([], 1)).toEqual([])
    expect(collapsePaths(['/b', '/a', '/a'], 2)).toEqual(['/a', '/b'])
    expect(
      collapsePaths(
        numbered(100, (n) => `/p/${n}`),
        100,
      ),
    ).toHaveLength(100)
  })

  it('takes the folder that holds most', () => {
    const paths = [...numbered(6, (n) => `/img/${n}.png`), ...numbered(4, (n) => `/css/${n}.css`), '/index.html']
    expect(collapsePaths(paths, 6)).toEqual([...numbered(4, (n) => `/css/${n}.css`), '/img/*', '/index.html'])
    expect(collapsePaths(paths, 5)).toEqual(['/css/*', '/img/*', '/index.html'])
  })

  it('takes the deepest of equals', () => {
    expect(collapsePaths(['/a/1', '/a/2', '/b/c/1', '/b/c/2'], 3)).toEqual(['/a/1', '/a/2', '/b/c/*'])
  })

  it('does not take a folder above all others first', () => {
    const paths = [...numbered(9, (n) => `/docs/a/${n}`), ...numbered(3, (n) => `/docs/b/${n}`)]
    expect(collapsePaths(paths, 4)).toEqual(['/docs/a/*', '/docs/b/1', '/docs/b/2', '/docs/b/3'])
  })

  it('finds folders of one page each by the folder above them', () => {
    const paths = [...numbered(200, (n) => `/blog/${n}/index.html`), '/a/1', '/a/2']
    expect(collapsePaths(paths, 100)).toEqual(['/a/1', '/a/2', '/blog/*'])
  })

  it('takes the whole site last', () => {
    expect(collapsePaths(['/a/1', '/b/1', '/c'], 2)).toEqual(['/*'])
    expect(collapsePaths(['/a/1', '/a/2'], 1)).toEqual(['/a/*'])
    expect(collapsePaths(['/a/1', '/b'], 0)).toEqual(['/*'])
  })

  it('never makes more than fifteen wildcards', () => {
    const wide = numbered(300, (n) => `/f${n % 30}/${n}`)
    expect(collapsePaths(wide, 100)).toEqual(['/*'])
    expect(collapsePaths([...wide.map((path) => `/x${path}`), '/y'], 100)).toEqual(['/x/*', '/y'])
    const sixteen = numbered(32, (n) => `/f${n % 16}/${n}`)
    expect(collapsePaths(sixteen, 17).filter((path) => path.endsWith('*'))).toHaveLength(15)
    expect(collapsePaths(sixteen, 16)).toEqual(['/*'])
  })

  it('counts wildcards that were given', () => {
    const given = numbered(20, (n) => `/a/${n}*`)
    expect(collapsePaths([...given, '/b'], 100)).toEqual(['/a/*', '/b'])
    const sixteen = numbered(16, (n) => `/${n}*`)
    expect(collapsePaths(sixteen, 100)).toEqual(['/*'])
    expect(collapsePaths(sixteen.slice(1), 100)).toHaveLength(15)
  })

  it('covers every path of 300 random trees within budget and limit, and sends nothing that covers none', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const next = numbers(seed)
      const paths = numbered(1 + next(400), () => randomPath(next))
      const budget = 1 + next(120)
      const sent = collapsePaths(paths, budget)
      expect(sent.length, `seed ${seed}`).toBeLessThanOrEqual(budget)
      expect(sent.filter((path) => path.endsWith('*')).length, `seed ${seed}`).toBeLessThanOrEqual(15)
      expect(
        paths.filter((path) => !isCovered(path, sent)),
        `seed ${seed}`,
      ).toEqual([])
      expect(
        sent.filter((one) => !paths.some((path) => isCovered(path, [one]))),
        `seed ${seed}`,
      ).toEqual([])
      expect(collapsePaths([...paths].reverse(), budget), `seed ${seed}`).toEqual(sent)
    }
  })
})

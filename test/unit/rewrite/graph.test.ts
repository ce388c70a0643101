import { describe, expect, it } from 'vitest'
import { stronglyConnected } from '../../../src/rewrite/index.ts'

const components = (edges: Record<string, string>): string[] =>
  stronglyConnected(Object.keys(edges), (node) => edges[node] ?? '').map((nodes) => nodes.sort().join(''))

describe('stronglyConnected', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ a: '' }, ['a']],
    [{ a: 'b', b: 'c', c: '' }, ['c', 'b', 'a']],
    [{ c: '', b: 'c', a: 'b' }, ['c', 'b', 'a']],
    [{ a: 'a' }, ['a']],
    [{ a: 'b', b: 'a' }, ['ab']],
    [{ a: 'b', b: 'cd', c: 'a', d: 'e', e: 'd' }, ['de', 'abc']],
    [{ a: 'bc', b: 'd', c: 'd', d: '' }, ['d', 'b', 'c', 'a']],
    [{ a: 'bz', b: '' }, ['b', 'a']],
  ])('%j', (edges, expected) => expect(components(edges)).toEqual(expected))

  it('puts every component after those it leads to, on graphs of many shapes', () => {
    let seed = 7
    const random = (limit: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % limit
    }
    for (let round = 0; round < 50; round += 1) {
      const size = 2 + random(12)
      const edges = Array.from({ length: size }, () => Array.from({ length: random(4) }, () => random(size)))
      const order = stronglyConnected([...edges.keys()], (node) => edges[node] ?? [])
      expect(order.flat().sort((a, b) => a - b)).toEqual([...edges.keys()])
      const rank = new Map(order.flatMap((component, index) => component.map((node) => [node, index] as const)))
      for (const [from, targets] of edges.entries()) {
        for (const to of targets) {
          const together = reaches(edges, from, to) && reaches(edges, to, from)
          expect(rank.get(from) === rank.get(to)).toBe(together)
          expect(rank.get(from) ?? -1).toBeGreaterThanOrEqual(rank.get(to) ?? -1)
        }
      }
    }
  })

  it('survives a chain of a hundred thousand', () => {
    const length = 100_000
    const nodes = Array.from({ length }, (_, index) => index)
    const order = stronglyConnected(nodes, (node) => (node + 1 < length ? [node + 1] : []))
    expect(order[0]).toEqual([length - 1])
    expect(order).toHaveLength(length)
  })
})

function reaches(edges: readonly number[][], from: number, to: number): boolean {
  const seen = new Set([from])
  for (const node of seen) for (const next of edges[node] ?? []) seen.add(next)
  return seen.has(to)
}

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { Seats } from '../../../src/store/wrappers/seats.ts'

it('who has come and not gone is there, and a seat that was left is somebody else’s', () => {
  const seats = new Seats<object>()
  const [a, b, c] = [{}, {}, {}]
  const ofA = seats.take(a)
  seats.take(b)
  expect(seats.leave(a, ofA)).toBe(true)
  expect(seats.take(c)).toBe(ofA)
  expect(seats.leave(a, ofA)).toBe(false)
  expect(new Set(seats)).toEqual(new Set([b, c]))
  expect(seats.taken).toBe(2)
})

it('whoever is sent away by one before it is not seen any more', () => {
  const seats = new Seats<object>()
  const all = [{}, {}].map((member) => ({ member, seat: seats.take(member) }))
  const seen: object[] = []
  for (const member of seats) {
    seen.push(member)
    for (const other of all) seats.leave(other.member, other.seat)
  }
  expect(seen).toHaveLength(1)
})

it('of thousands who have come and gone none grows old in memory', () => {
  setFlagsFromString('--expose-gc')
  const collect: (options: { readonly type: 'minor' | 'major' }) => void = runInNewContext('gc')
  const seats = new Seats<object>()
  const running: { readonly member: object; readonly seat: number }[] = []
  // What earlier tests of the process have just made grows old first: young objects do so at their second collection.
  for (const type of ['major', 'minor', 'minor'] as const) collect({ type })
  const before = oldBytes()
  for (let count = 0; count < 10_000; count++) {
    const member = { holds: new Array<number>(1000).fill(count) } // 8 KB, as what belongs to a request may have
    running.push({ member, seat: seats.take(member) })
    const first = running.length > 64 ? running.shift() : undefined
    if (first) seats.leave(first.member, first.seat)
    // whatever has been collected as a whole has grown old
    if (count % 500 === 0) collect({ type: count === 1000 ? 'major' : 'minor' })
  }
  // of 80; in a Set a third of them do
  expect(oldBytes() - before).toBeLessThan(8_000_000)
})

function oldBytes(): number {
  const old = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')
  return old?.space_used_size ?? Number.NaN
}

/** Buckets per second. */
const PARTS = 10
const PART_MS = 1000 / PARTS

/** Counts what happened within the last second. */
export function createWindow(): { add(nowMs: number): void; count(nowMs: number): number } {
  // One bucket more than a second has: the oldest counts only by the share of it within the last second.
  const counts = new Array<number>(PARTS + 1).fill(0)
  let newest = 0
  const forget = (nowMs: number): void => {
    const part = Math.floor(nowMs / PART_MS)
    for (let at = Math.max(newest + 1, part - PARTS); at <= part; at++) counts[at % counts.length] = 0
    newest = Math.max(newest, part)
  }
  return {
    add(nowMs) {
      forget(nowMs)
      counts[newest % counts.length] = (counts[newest % counts.length] ?? 0) + 1
    },
    count(nowMs) {
      forget(nowMs)
      const oldest = counts[(newest + 1) % counts.length] ?? 0
      const gone = nowMs / PART_MS - newest
      return counts.reduce((sum, count) => sum + count, 0) - oldest * Math.min(1, gone)
    },
  }
}

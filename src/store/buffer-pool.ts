/** The smallest piece of memory that is lent, in bytes; the others are its multiples by powers of two. */
const SMALLEST = 16 * 1024
/** What is kept for the next borrower at most, in bytes; what comes back beyond it is left to the collector. */
const KEPT = 64 * 1024 * 1024

/** Memory on loan. */
export interface Loan {
  /** As many bytes as were asked for, with whatever somebody else has left in them. */
  readonly bytes: Buffer
  /** Lets somebody else have it. Only for who is certain that nothing reads or writes it any more; else never called. */
  giveBack(): void
}

const free = new Map<number, Buffer[]>()
let kept = 0

/**
 * Memory that is used again and again: what is fresh has to be mapped and cleared page by page, which for large bodies
 * costs more than hashing them, and is let go long after its use.
 */
export function lend(size: number): Loan {
  const capacity = capacityFor(size)
  const known = free.get(capacity)?.pop()
  if (known !== undefined) kept -= capacity
  const whole = known ?? Buffer.allocUnsafeSlow(capacity)
  return { bytes: whole.subarray(0, size), giveBack: once(() => keep(whole)) }
}

/** What small pieces are cut from, in bytes: little enough, for a single piece in a stalled upload holds all of it. */
const SLAB = 128 * 1024
let slab = Buffer.alloc(0)
let cut = 0

/**
 * Memory for a small body, which nobody has to give back: a piece of a larger one, which is let go when nobody has any
 * of it any more. Each piece on its own would be one more thing for the collector to watch.
 */
export function slice(size: number): Buffer {
  if (cut + size > slab.length) {
    if (size > SLAB / 4) return Buffer.allocUnsafeSlow(size)
    slab = Buffer.allocUnsafeSlow(SLAB)
    cut = 0
  }
  const piece = slab.subarray(cut, cut + size)
  cut += size
  return piece
}

/** Of what is not touched nothing is mapped, so the rest of the capacity costs addresses alone. */
function capacityFor(size: number): number {
  let capacity = SMALLEST
  while (capacity < size) capacity *= 2
  return capacity
}

function keep(whole: Buffer): void {
  const capacity = whole.byteLength
  if (kept + capacity > KEPT) return
  kept += capacity
  const others = free.get(capacity)
  if (others === undefined) free.set(capacity, [whole])
  else others.push(whole)
}

/** Memory that came back twice would be lent to two. */
export function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
  }
}

/** The smallest buffer that is lent, in bytes; the other sizes are this times a power of two. */
const SMALLEST = 16 * 1024
/** Most bytes kept in the pool; what is given back beyond that is left to the garbage collector. */
const KEPT = 64 * 1024 * 1024

/** Memory on loan. */
export interface Loan {
  /** Of the size asked for; not cleared, so it holds what its last borrower left in it. */
  readonly bytes: Buffer
  /** Returns it to the pool. Only to be called when it is certain that nothing reads or writes it any more. */
  giveBack(): void
}

const free = new Map<number, Buffer[]>()
let kept = 0

/**
 * A buffer from the pool. Fresh memory has to be mapped and zeroed page by page, which for large bodies costs more than
 * hashing them, and is freed long after its use.
 */
export function lend(size: number): Loan {
  const capacity = capacityFor(size)
  const known = free.get(capacity)?.pop()
  if (known !== undefined) kept -= capacity
  const whole = known ?? Buffer.allocUnsafeSlow(capacity)
  return { bytes: whole.subarray(0, size), giveBack: once(() => keep(whole)) }
}

/** Bytes of the slabs that small buffers are cut from. Small: one slice in a stalled upload keeps its slab alive. */
const SLAB = 128 * 1024
let slab = Buffer.alloc(0)
let cut = 0

/**
 * Memory for a small body, which need not be given back: a slice of a slab, which is freed when none of its slices is
 * referenced any more. A buffer for each would be more work for the garbage collector.
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

/** Pages that are not touched are not mapped, so unused capacity costs only address space. */
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

/** Memory given back twice would be lent to two borrowers. */
export function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
  }
}

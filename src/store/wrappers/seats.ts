/**
 * A set of current members, for thousands that join and leave. It keeps them in slots of an array, because a `Set` under
 * such load costs the garbage collector time: it is rebuilt again and again, and each old table still refers to its
 * members, so that requests that have long ended are copied along with those that run.
 */
export class Seats<T extends object> implements Iterable<T> {
  readonly #seats: (T | undefined)[] = []
  readonly #free: number[] = []

  get taken(): number {
    return this.#seats.length - this.#free.length
  }

  /** @returns the seat, which is reused once it is left */
  take(member: T): number {
    const seat = this.#free.pop() ?? this.#seats.length
    this.#seats[seat] = member
    return seat
  }

  /** @returns whether it was there */
  leave(member: T, seat: number): boolean {
    if (this.#seats[seat] !== member) return false
    this.#seats[seat] = undefined
    this.#free.push(seat)
    return true
  }

  /** In no order. Members that leave meanwhile are skipped. */
  *[Symbol.iterator](): Generator<T, void> {
    for (const member of this.#seats) if (member !== undefined) yield member
  }
}

/**
 * Those who are there at the moment, of thousands who come and go. In a `Set` each change leaves something behind that
 * the collector has to carry: it is made anew again and again, and what it was before still holds who was in it, so that
 * requests that are long over are moved about with those that run.
 */
export class Seats<T extends object> implements Iterable<T> {
  readonly #seats: (T | undefined)[] = []
  readonly #free: number[] = []

  get taken(): number {
    return this.#seats.length - this.#free.length
  }

  /** @returns the seat, which is somebody else's once it is left */
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

  /** In no order. Whoever leaves meanwhile is not seen any more. */
  *[Symbol.iterator](): Generator<T, void> {
    for (const member of this.#seats) if (member !== undefined) yield member
  }
}

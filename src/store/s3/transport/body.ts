const NOTHING = Buffer.alloc(0)

/** Largest first allocation for a body, in bytes, whatever length a server announces. */
const FIRST_BYTES = 1024 * 1024

/**
 * The body of an answer, as far as it is wanted. One growing buffer: chunks may arrive byte by byte, and in a list each
 * would cost a hundred.
 */
export class AnswerBody {
  #memory: Buffer = NOTHING
  #size = 0
  #wanted = 0

  /** @param wanted bytes; any beyond are dropped */
  begin(wanted: number): void {
    this.#memory = NOTHING
    this.#size = 0
    this.#wanted = wanted
  }

  /**
   * @param bytes are copied
   * @param left how many are still to come, including these, where that is known
   * @returns whether there is more than is wanted
   */
  add(bytes: Buffer, left?: number): boolean {
    const size = Math.min(this.#wanted, this.#size + bytes.length)
    const isMore = this.#size + bytes.length > this.#wanted
    if (size > this.#memory.length) this.#grow(size, left === undefined ? undefined : this.#size + left)
    bytes.copy(this.#memory, this.#size, 0, size - this.#size)
    this.#size = size
    return isMore
  }

  /** All of it. Drops its reference to it. */
  take(): Buffer {
    const body = this.#memory.subarray(0, this.#size)
    this.begin(0)
    return body
  }

  #grow(needed: number, whole: number | undefined): void {
    const double = 2 * this.#memory.length
    const likely = whole === undefined ? double : Math.min(whole, Math.max(FIRST_BYTES, double))
    const more = Buffer.allocUnsafe(Math.max(needed, Math.min(likely, this.#wanted)))
    this.#memory.copy(more, 0, 0, this.#size)
    this.#memory = more
  }
}

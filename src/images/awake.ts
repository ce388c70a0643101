/** The longest time between two looks that counts as awake, in milliseconds: many times what a busy machine takes. */
const GAP_MS = 2000

/**
 * A clock that stands still while we do: on a machine that sleeps, and after Ctrl-Z, all processes rest, and what was
 * begun before has taken no time. To be looked at often.
 *
 * @returns milliseconds since its start
 */
export function createAwakeClock(now: () => number = () => performance.now()): () => number {
  let last = now()
  let awakeMs = 0
  return () => {
    const at = now()
    awakeMs += Math.min(Math.max(0, at - last), GAP_MS)
    last = at
    return awakeMs
  }
}

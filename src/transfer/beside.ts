/**
 * Waits for both, which are under way: neither outlives the other, whichever fails.
 * @returns what the first has come to
 */
export async function beside<T>(first: Promise<T>, second: Promise<unknown>): Promise<T> {
  const [one, other] = await Promise.allSettled([first, second])
  if (one.status === 'rejected') throw one.reason
  if (other.status === 'rejected') throw other.reason
  return one.value
}

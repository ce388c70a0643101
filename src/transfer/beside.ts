/**
 * Waits for both running promises, also when one of them fails, so that neither outlives the other.
 * @returns the result of the first
 */
export async function beside<T>(first: Promise<T>, second: Promise<unknown>): Promise<T> {
  const [one, other] = await Promise.allSettled([first, second])
  if (one.status === 'rejected') throw one.reason
  if (other.status === 'rejected') throw other.reason
  return one.value
}

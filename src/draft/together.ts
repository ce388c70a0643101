import type { Run } from '../line/run.ts'

/** Runs both at once; when one fails, the other is told to stop and waited for. */
export async function together<A, B>(
  { signal }: Pick<Run, 'signal'>,
  start: (signal: AbortSignal) => readonly [Promise<A>, Promise<B>],
): Promise<[A, B]> {
  const failure = new AbortController()
  const works = start(signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]))
  try {
    return await Promise.all(works)
  } catch (error) {
    failure.abort(error)
    await Promise.allSettled(works)
    throw error
  }
}

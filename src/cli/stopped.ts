/** Being stopped is how some commands end; the exit code says by which signal. */
export function stoppedBy(signal: AbortSignal | undefined): number {
  const reason: unknown = signal?.reason
  const given = reason instanceof Error && 'exitCode' in reason ? reason.exitCode : undefined
  return typeof given === 'number' ? given : 130
}

/** Resolves when it is stopped, with the exit code. */
export function untilStopped(signal: AbortSignal | undefined): Promise<number> {
  return new Promise((end) => {
    const stop = (): void => end(stoppedBy(signal))
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

import { vi } from 'vitest'

/** Long for a busy machine, and less than a test has: whoever waits in vain is told what for. In milliseconds. */
const LONG_MS = 30_000

/** What `look` returns once it no longer throws. Vitest's own waits last a second, which a process may need to start. */
export const eventually = <T>(look: () => T | Promise<T>, timeout: number = LONG_MS): Promise<T> =>
  vi.waitFor(look, { timeout })

import { fileURLToPath } from 'node:url'

/** The folder of the program: `src` or `dist` and what stands beside it. Its stack frames are of no use to the user. */
const PROGRAM = fileURLToPath(new URL('../../', import.meta.url))

/** Those frames of an error's stack that are the person's own. A parser or loader that refuses a file leaves none. */
export function ownFrames(cause: unknown): string[] {
  const stack = cause instanceof Error ? (cause.stack ?? '') : ''
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.replace(/\?changed=[\d.]+/, ''))
  return frames
    .filter(
      (line) => !/node:|\(<anonymous>\)|at <anonymous>$|[\\/]node_modules[\\/]/.test(line) && !line.includes(PROGRAM),
    )
    .map((line) => line.trim())
}

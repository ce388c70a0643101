import { LadingError } from '../index.ts'
import type { Flags } from './io.ts'

/** `--port`; `undefined` when it was not given. @throws E_USAGE */
export function portFlag({ port }: Flags): number | undefined {
  if (port === undefined) return undefined
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new LadingError('E_USAGE', '--port is out of range', {
    why: `It must be a whole number from 0 to 65535, got ${String(port)}.`,
    hint: '0 takes any free one.',
  })
}

import type { LadingEvent } from '../../index.ts'
import type { Terminal } from '../terminal.ts'

/** Turns events into text or records. Errors are not its matter: they end the command, and `run.ts` renders them. */
export interface Reporter {
  event(event: LadingEvent): void
  /** Clears transient output (the live line). Called once, also after a failure. */
  close(): void
}

export interface ReporterOptions {
  readonly terminal: Terminal
  /** Every file, and all items of a warning. */
  readonly isVerbose: boolean
  /** Neither where to nor which phases are told: a run before it has told both. @default false */
  readonly isBrief?: boolean | undefined
  /** Paths are shown relative to it; absolute. */
  readonly cwd: string
  /** Monotonic, in milliseconds. */
  readonly now: () => number
}

type Handlers = { readonly [T in LadingEvent['type']]?: (event: Extract<LadingEvent, { readonly type: T }>) => void }

/** An event's way to the handler of its type; types without one are passed over. */
export function dispatch(handlers: Handlers): Reporter['event'] {
  // The handler under an event's type takes that event: the table guarantees it, but indexing loses the type.
  return (event) => handlers[event.type]?.(event as never)
}

/** Says nothing; errors still appear. */
export const quietReporter: Reporter = { event: () => undefined, close: () => undefined }

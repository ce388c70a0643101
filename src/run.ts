import type { Emit } from './events.ts'
import type { OpenStore } from './providers.ts'

/** What a run is given from outside. Everything has a default; tests and plugins hand in their own. */
export interface Run {
  /** Receives what happens. @default nobody */
  readonly emit?: Emit | undefined
  /** Ends the run: what is in hand is given up, nothing is published half. */
  readonly signal?: AbortSignal | undefined
  /** @default () => new Date() */
  readonly now?: (() => Date) | undefined
  /** Where credentials are looked for. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Opens stores. @default the adapters that come with Lading */
  readonly openStore?: OpenStore | undefined
}

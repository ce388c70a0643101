import type { OpenStore, ProbeStore } from '../providers.ts'
import type { Ask } from '../transfer/ask.ts'
import type { Clock } from '../transfer/lease.ts'
import type { Emit } from '../words/events.ts'

/** What a run is given from outside. Everything has a default; tests and plugins hand in their own. */
export interface Run {
  /** Receives what happens. @default nobody */
  readonly emit?: Emit | undefined
  /** Emit every reference that stays as it is, and addresses in scripts; all pages are read for it. @default false */
  readonly tellsReferences?: boolean | undefined
  /** Emit every object that stays as it is; false skips looking at each file of an unchanged site. @default true */
  readonly tellsKept?: boolean | undefined
  /** Aborts the run: work in progress is dropped, and no release is published half. */
  readonly signal?: AbortSignal | undefined
  /** @default the machine's */
  readonly clock?: Clock | undefined
  /** How long a deploy is held without a sign of life before another run may take it over, in milliseconds. @default 30_000 */
  readonly leaseMs?: number | undefined
  /** A number from 0 up to but not including 1. @default Math.random */
  readonly random?: (() => number) | undefined
  /** Where credentials are looked for. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Opens stores. @default the adapters that come with Lading */
  readonly openStore?: OpenStore | undefined
  /** Asks the public address what visitors get. @default over the network */
  readonly ask?: Ask | undefined
  /** Finds out what a store does. @default the probe that comes with Lading */
  readonly probeStore?: ProbeStore | undefined
}

import type { HistoryOptions } from '../config/history.ts'
import type { StoreOptions } from '../config/resolve.ts'
import { namedElsewhere } from '../draft/decide.ts'
import { type Opened, openAndRead, openStores, readForChange } from '../draft/opened.ts'
import { type Alteration, alter } from '../line/alter.ts'
import type { Run } from '../line/run.ts'
import { describeOrder } from '../plan/order.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { Key, Mode } from '../words/model.ts'
import { closest, shellWord } from '../words/units.ts'
import type { Going } from './report.ts'

/** One line of releases. */
export interface ChannelInfo {
  readonly name: string
  /** The live release; of an ended channel its last one. */
  readonly release: string
  readonly mode: Mode | undefined
  readonly url: string | undefined
  /** `github:Deploy #41`, when its live release has one. */
  readonly order: string | undefined
  /** ISO 8601; absent while it lives. */
  readonly endedAt: string | undefined
}

/** The channels of a store, by name; ended ones as long as their releases are kept. */
export async function channels(options: StoreOptions, run: Run = {}): Promise<ChannelInfo[]> {
  const { live } = await openAndRead(options, run, run.emit ?? (() => {}))
  const living = [...(live?.pointer.channels ?? [])].map(([name, { release, mode, url, order }]): ChannelInfo => {
    return { name, release, mode, url: url ?? undefined, order: order && describeOrder(order), endedAt: undefined }
  })
  const ended = [...(live?.pointer.ended ?? [])].map(([name, { release, endedAt }]): ChannelInfo => {
    return { name, release, mode: undefined, url: undefined, order: undefined, endedAt }
  })
  return [...living, ...ended].sort((a, b) => (a.name < b.name ? -1 : 1))
}

export interface EndOptions extends HistoryOptions {
  readonly name: string
  /** Says what would no longer be named and changes nothing. @default false */
  readonly dryRun?: boolean | undefined
}

/** The result of ending a channel. */
export interface Ended {
  readonly channel: string
  readonly release: string
  /** Objects that nobody names then; `prune` removes them when their time is up. */
  readonly unnamed: readonly Going[]
}

interface EndPlan extends Alteration, Ended {}

/**
 * Ends a channel: `prune` removes what only its releases name, after the usual time.
 * @throws E_CHANNEL when there is no such channel
 */
export async function endChannel(options: EndOptions, run: Run = {}): Promise<Ended> {
  const emit: Emit = run.emit ?? (() => {})
  const stores = await openStores(options, run, emit)
  const at = new Date((run.clock ?? SYSTEM_CLOCK).wallMs()).toISOString()
  const plan = (opened: Opened): Promise<EndPlan> => planEnd(opened, options, at)
  const decided = options.dryRun
    ? await plan(await readForChange(stores))
    : await alter({ options, stores, run: { ...run, emit }, plan })
  if (decided === undefined) throw noChannel(options.name, [])
  const { channel, release, unnamed } = decided
  return { channel, release, unnamed }
}

async function planEnd(opened: Opened, options: EndOptions, at: string): Promise<EndPlan> {
  const { name, concurrency } = options
  const { live, manifest, state } = opened
  const current = live?.pointer.channels.get(name)
  if (live === undefined || current === undefined) throw noChannel(name, [...(live?.pointer.channels.keys() ?? [])])
  const named = await namedElsewhere(live.pointer, { channel: name, concurrency }, state)
  const rows = new Map(manifest?.rows)
  const unnamed: Going[] = []
  for (const [key, row] of rows) {
    if (named.has(key) || row.unnamedSince !== undefined) continue
    rows.set(key, { ...row, unnamedSince: at })
    unnamed.push({ key, size: row.size, reason: 'only this channel names it' })
  }
  const channels = new Map(live.pointer.channels)
  channels.delete(name)
  const ended = new Map(live.pointer.ended).set(name, { release: current.release, endedAt: at })
  const keys: Key[] = []
  return {
    keys,
    channel: name,
    release: current.release,
    unnamed,
    perform: async () => ({ rows, pointer: { channels, ended } }),
  }
}

function noChannel(name: string, known: readonly string[]): LadingError {
  const guess = closest(name, known)
  return new LadingError('E_CHANNEL', `There is no channel "${name}"`, {
    hint:
      guess === undefined
        ? 'lading channel list shows those that there are.'
        : `Did you mean: lading channel end ${shellWord(guess)}`,
  })
}

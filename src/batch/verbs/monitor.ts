import type { FleetCount } from '../fleet.ts'
import { readAccount } from '../leader/account.ts'
import type { Lane } from '../plan/lanes.ts'
import { GROUP_INSTANCE } from '../plan/prices.ts'
import { type Spending, spendingOf } from '../plan/scale-account.ts'
import { LEADER_LOOK_SECONDS } from '../plan/sighting.ts'
import type { Gauge } from '../queue.ts'
import { createInstanceReader, type InstanceRecord } from './control.ts'
import { metered } from './meter.ts'
import type { OpenBatch } from './open.ts'
import { createPart, isFresh, type Look, type Trouble } from './parts.ts'
import { createSights, type SeenBatch } from './sights.ts'
import { LISTINGS_PER_SECOND, LOOK_SECONDS } from './watch.ts'

/** A queue as it is at the moment. */
export interface SeenQueue extends Gauge {
  readonly name: Lane | 'assembly' | 'dead'
}

/** Everything at a batch's place, at one look. */
export interface Overview {
  /** ISO 8601. */
  readonly at: string
  /** Until the next look is due, in seconds: as {@link Batches.watch} waits. */
  readonly pauseSeconds: number
  /** Open ones first, then newest first. */
  readonly batches: readonly SeenBatch[]
  /** Newest report first. */
  readonly instances: readonly InstanceRecord[]
  readonly queues: readonly SeenQueue[]
  /** The Auto Scaling group, where one was named. */
  readonly fleet?: FleetCount | undefined
  /** What the open batches allow together; absent where none has a budget. */
  readonly spending?: Spending | undefined
  readonly troubles: readonly Trouble[]
}

/** Looks at everything at a batch's place, again and again, and writes nothing. */
export interface Monitor {
  /** One at a time. Rejects when the signal fires; what cannot be read is among the troubles. */
  look(signal?: AbortSignal): Promise<Overview>
}

/** Of the listings a second, those that may go into finding new batches. */
const SCANS_PER_SECOND = LISTINGS_PER_SECOND / 5

/** As often as the leader asks the group, in milliseconds. */
const FLEET_MS = LEADER_LOOK_SECONDS * 1000

/** @param now milliseconds since 1970 */
export function createMonitor(
  { fleet, lanes, assembly, dead, ...place }: Pick<OpenBatch, 'store' | 'lanes' | 'assembly' | 'dead' | 'fleet'>,
  now: () => number,
): Monitor {
  const { store, listings } = metered(place.store)
  const sights = createSights(store, now)
  const find = createPart('the list of batches', sights.find)
  const instances = createPart('what workers say of themselves', createInstanceReader(store))
  const spending = createPart('the account of the fleet', async (signal) =>
    spendingOf(await readAccount(store, signal), GROUP_INSTANCE.hourDollars),
  )
  const group = createPart('the Auto Scaling group', async (signal) => fleet?.count(signal))
  const queues = Object.entries({ ...lanes, assembly, dead }).map(([name, queue]) =>
    createPart(`the queue ${name}`, async () => ({ name: name as SeenQueue['name'], ...(await queue.gauge()) })),
  )
  let [foundAt, findMs, countedAt] = [0, 0, 0]
  let counted: FleetCount | undefined

  const findNew = async (look: Look): Promise<void> => {
    if (isFresh(now() - foundAt, findMs)) return
    const before = listings()
    await find(look)
    foundAt = now()
    findMs = (1000 * (listings() - before)) / SCANS_PER_SECOND
  }
  const count = async (look: Look): Promise<FleetCount | undefined> => {
    if (isFresh(now() - countedAt, FLEET_MS)) return counted
    counted = await group(look)
    countedAt = now()
    return counted
  }

  return {
    async look(signal) {
      const troubles: Trouble[] = []
      const look: Look = { troubles, signal }
      await findNew(look)
      const before = listings()
      const note = (batch: string, error: Trouble['error']): void =>
        void troubles.push({ what: `batch ${batch}`, error })
      const [batches, workers, gauges, account, instancesOfGroup] = await Promise.all([
        sights.look(note, signal),
        instances(look),
        Promise.all(queues.map((gauge) => gauge(look))),
        spending(look),
        count(look),
      ])
      return {
        at: new Date(now()).toISOString(),
        pauseSeconds: Math.max(LOOK_SECONDS, (listings() - before) / (LISTINGS_PER_SECOND - SCANS_PER_SECOND)),
        batches,
        instances: workers ?? [],
        queues: gauges.flatMap((queue) => queue ?? []),
        ...(instancesOfGroup && { fleet: instancesOfGroup }),
        ...(account && { spending: account }),
        troubles,
      }
    },
  }
}

import { createServer, type Server } from 'node:http'
import { type Chaos, type ChaosOptions, createChaos } from './chaos.ts'
import { type Credentials, createClients } from './s3-clients.ts'
import { type Desk, type RequestRecord, serve } from './s3-desk.ts'
import { createFaultBox, type Fault, type FaultHit } from './s3-faults.ts'
import { createHoldBox, type Hold } from './s3-holds.ts'
import { createJournal, type Mutation } from './s3-journal.ts'
import { KIN, type KinName } from './s3-kin.ts'
import type { Kin } from './s3-kin-traits.ts'
import type { Match } from './s3-match.ts'
import { createPace } from './s3-pace.ts'
import type { S3Object, S3State } from './s3-protocol.ts'
import { callOf } from './s3-router.ts'
import { restoreTo, type Snapshot, snapshotOf } from './snapshot.ts'

export interface StrictS3Options {
  readonly bucket: string
  /** Whose quirks it has, by name or in full; simulated, see `s3-kin.ts`. @default 'aws' */
  readonly profile?: KinName | Kin
  /** Objects on a page of a listing. @default 1000 */
  readonly maxKeys?: number
  /** A write outside of it is a violation. @default everywhere is allowed */
  readonly allowedPrefix?: string
  /** The server's clock minus ours, in milliseconds. @default 0 */
  readonly clockOffsetMs?: number
  /** Whether writes to one key are held to the profile's pace. @default false */
  readonly isPaced?: boolean
}

export interface StrictS3 extends Credentials {
  readonly endpoint: string
  /** Every request, in the order of their answers. */
  readonly requests: readonly RequestRecord[]
  /** What no client of ours may ever send: writes outside the prefix, requests that lost their key. */
  readonly violations: readonly string[]
  /** Every fault that was set and happened, in order. */
  readonly faulted: readonly FaultHit[]
  /** Every change of what is stored, in order. */
  readonly mutations: readonly Mutation[]
  objects(): ReadonlyMap<string, S3Object>
  /** Uploads in parts that were begun and neither completed nor given up. */
  openUploads(): number
  /** Keys of its own for one client, so that it is known in faults, holds and mutations by this name. */
  credentials(name: string): Credentials
  fault(fault: Fault): void
  /** Faults at random from now on, where none was set; see {@link createChaos}. */
  chaos(seed: string | number, options?: ChaosOptions): Chaos
  /** Takes back faults and chaos. */
  clearFaults(): void
  /** Makes the first request that matches wait before the server acts, or after it and before the answer. */
  holdAt(at: Match, when?: 'before' | 'after'): Hold
  /** Moves the server's clock to that far from ours, in milliseconds. */
  setClockOffset(ms: number): void
  /** Where the mutation log is now. */
  mark(): number
  /** The changes since a mark. */
  since(mark: number): readonly Mutation[]
  snapshot(): Snapshot
  restore(snapshot: Snapshot): void
  /** Changes an object as by hand, past the protocol; `undefined` removes it. */
  tamper(key: string, change: (object: S3Object | undefined) => S3Object | undefined): void
  close(): Promise<void>
}

/**
 * An object store in this process that believes nothing: signatures, hashes and checksums are verified, conditions
 * are atomic, listings are paged, and everything that it was asked is on record. Processes can talk to it as well.
 */
export async function startStrictS3(options: StrictS3Options): Promise<StrictS3> {
  const clients = createClients()
  const desk = deskOf(options, clients.secretOf)
  const { journal, faults, holds, state } = desk
  let count = 0
  const server = createServer((incoming, outgoing) => {
    count += 1
    const number = count
    // An address that cannot be decoded is a client's mistake as well.
    const served = async (): Promise<void> =>
      serve({ incoming, outgoing }, callOf(incoming, { number, ...clients.of(incoming) }), desk)
    served().catch((error: unknown) => {
      desk.violations.push(`request ${number}: ${String(error)}`)
      outgoing.destroy()
    })
  })
  return {
    endpoint: await listen(server),
    ...clients.credentials(''),
    requests: desk.requests,
    violations: desk.violations,
    faulted: faults.hits,
    mutations: journal.mutations,
    objects: () => new Map(state.objects),
    openUploads: () => state.uploads.size,
    credentials: clients.credentials,
    fault: faults.add,
    chaos(seed, chaosOptions) {
      const chaos = createChaos(seed, chaosOptions)
      faults.setChaos(chaos)
      return chaos
    },
    clearFaults: faults.clear,
    holdAt: holds.add,
    setClockOffset: desk.setClockOffset,
    mark: () => journal.mutations.length,
    since: (mark) => journal.mutations.slice(mark),
    snapshot: () => snapshotOf(state),
    restore: (snapshot) => restoreTo(state, snapshot),
    tamper: (key, change) => tamper(desk, key, change),
    close: () => {
      holds.releaseAll()
      return closed(server)
    },
  }
}

function deskOf(options: StrictS3Options, secretOf: Desk['signer']['secretOf']): Desk {
  const { bucket, profile = 'aws', maxKeys = 1000, allowedPrefix = '', isPaced = false } = options
  let clockOffsetMs = options.clockOffsetMs ?? 0
  const now = (): number => Date.now() + clockOffsetMs
  const journal = createJournal()
  const kin = typeof profile === 'string' ? KIN[profile] : profile
  const state: S3State = { bucket, kin, maxKeys, now, objects: journal.objects, uploads: journal.uploads }
  return {
    state,
    journal,
    allowedPrefix,
    pace: isPaced ? createPace(state) : () => undefined,
    violations: [],
    requests: [],
    signer: { secretOf, now },
    faults: createFaultBox(),
    holds: createHoldBox(),
    setClockOffset: (ms) => {
      clockOffsetMs = ms
    },
  }
}

function tamper({ journal, state }: Desk, key: string, change: Parameters<StrictS3['tamper']>[1]): void {
  journal.during({ op: 'tamper', number: 0, client: 'tamper', connection: 0 }, () => {
    const object = change(state.objects.get(key))
    if (object) state.objects.set(key, object)
    else state.objects.delete(key)
  })
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

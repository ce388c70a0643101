import { setImmediate as turn } from 'node:timers/promises'
import type { Clock, Emit, LadingEvent, Summary, SyncOptions, WatchEvent, WatchRun } from '../../../src/index.ts'
import { watchSite } from '../../../src/index.ts'

/** The world of a watched folder at one moment of its own time. */
export interface Moment {
  change(...paths: string[]): void
  /** How many files the folder holds from now on; 0 where it is gone. */
  holds(files: number): void
  stop(reason?: Error): void
}

/** One run of the story: how long it takes, what it says, and how it ends. */
export interface Deploy {
  /** Until the plan stands: the files were read. @default 0 */
  readonly plansMs?: number
  /** From then on. @default 0 */
  readonly takesMs?: number
  /** Whether it fails before the plan stands. @default false */
  readonly isPlanless?: boolean
  readonly fails?: unknown
  /** @default it changes something */
  readonly summary?: Partial<Summary>
  readonly says?: (emit: Emit) => void
}

export interface Story {
  /** @default 1 */
  readonly files?: number
  /** By the time in milliseconds. */
  readonly at?: Readonly<Record<number, (moment: Moment) => void>>
  /** The first run, the second one, ...; later ones take no time and change nothing. */
  readonly deploys?: readonly Deploy[]
}

export interface Told {
  /** When each run began, in milliseconds. */
  readonly runs: readonly number[]
  readonly events: readonly LadingEvent[]
  readonly watched: readonly WatchEvent[]
  readonly ended: readonly Parameters<NonNullable<WatchRun['onRun']>>[0][]
  /** What watching ended with, if it failed. */
  readonly error: unknown
  readonly isClosed: boolean
}

const SUMMARY: Summary = {
  ...{ ok: true, exit: 0, mode: 'mirror', dryRun: false, added: 1, changed: 0, reheadered: 0, adopted: 0, kept: 0 },
  ...{ expired: 0, removed: 0, bytes: 1, pages: { written: 0, unchanged: 0, removed: 0 }, published: true },
  ...{ references: { moved: 0, kept: 0, missing: 0 }, notUploaded: 0, warnings: 0, ms: 1 },
}

/** Turns in which nobody waits for time, until it is sure that everybody waits for a change. */
const IDLE_TURNS = 10

/**
 * Watches a folder that exists only here, in a time that passes only here. When the story has been told and nothing is
 * left to wait for, watching is stopped.
 */
export async function play({ files = 1, at = {}, deploys = [] }: Story): Promise<Told> {
  const left = Object.entries(at).map(([ms, deed]) => ({ ms: Number(ms), deed }))
  const stop = new AbortController()
  let [now, sleepers, held, isClosed] = [0, 0, files, false]
  let notice: (path: string) => void = () => {}
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => (begin = resolve)) // what it needs is loaded by then
  const runs: number[] = []
  const events: LadingEvent[] = []
  const ended: Told['ended'][number][] = []

  const moment: Moment = {
    change: (...paths) => {
      for (const path of paths) notice(path)
    },
    holds: (count) => {
      held = count
      notice('.')
    },
    stop: (reason) => stop.abort(reason ?? new Error('enough')),
  }
  const passUntil = async (ms: number, signal: AbortSignal | undefined): Promise<void> => {
    for (;;) {
      await turn()
      signal?.throwIfAborted()
      const next = left[0]
      if (next === undefined || next.ms > ms) break
      left.shift()
      now = Math.max(now, next.ms)
      next.deed(moment)
    }
    now = Math.max(now, ms)
  }
  const clock: Clock = {
    wallMs: () => now,
    monotonicMs: () => now,
    async sleep(ms, signal) {
      sleepers += 1
      await passUntil(now + ms, signal).finally(() => (sleepers -= 1))
    },
  }
  const deploy = async (_: SyncOptions, { emit = () => {}, signal }: WatchRun): Promise<Summary> => {
    const { plansMs = 0, takesMs = 0, ...told } = deploys[runs.push(now) - 1] ?? { summary: { published: false } }
    const { fails, isPlanless = false, summary, says } = told
    await clock.sleep(plansMs, signal)
    if (isPlanless) throw fails
    emit({ type: 'phase', phase: 'plan', files: 1, bytes: 1, ms: plansMs })
    await clock.sleep(takesMs, signal)
    says?.(emit)
    signal?.throwIfAborted()
    if (fails !== undefined) throw fails
    const result = { ...SUMMARY, ...summary }
    emit({ type: 'summary', ...result })
    return result
  }
  const timePasses = async (): Promise<void> => {
    await begun
    for (let idle = 0; !isClosed; idle = sleepers > 0 ? 0 : idle + 1) {
      await turn()
      if (idle < IDLE_TURNS) continue
      if (left[0] === undefined) return moment.stop()
      await passUntil(left[0].ms, undefined)
      idle = 0
    }
  }
  const watching = watchSite({} as SyncOptions, {
    clock,
    signal: stop.signal,
    emit: (event) => events.push(event),
    onRun: (run) => void ended.push(run),
    deploy,
    watchFolder: (_, heard) => {
      notice = heard
      begin()
      return { renew: async () => held, close: () => (isClosed = true) }
    },
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const [error] = await Promise.all([watching, timePasses()])
  const watched = events.filter((event) => event.type === 'watch')
  return { runs, events, watched, ended, error, isClosed }
}

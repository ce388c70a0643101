import { LadingError, type WorkerEvent, type WorkRequest } from '../../index.ts'
import { BATCH_WORKER_OPTIONS } from '../batch-options.ts'
import type { CliIo, CommandInput } from '../io.ts'
import { numberFlag } from '../number-flag.ts'
import { workerEventText, workerStatsText } from '../reporters/batch-worker.ts'
import { jsonData, jsonSummary } from '../reporters/json.ts'
import { batchesFor, voiceOf } from '../session.ts'

/** How long what is in work may take after SIGTERM before it is handed back, in milliseconds. */
const GRACE_MS = 20_000

/** What a shell reports for SIGINT. */
const INTERRUPTED = 130

export async function run(input: CommandInput): Promise<number> {
  const { flags, io } = input
  const voice = voiceOf(input)
  const batches = await batchesFor(input, BATCH_WORKER_OPTIONS, { isStoppedByHand: true })
  const slots = numberFlag(flags, 'slots', { least: 1, most: 1024, isWhole: true })
  const onEvent = (event: WorkerEvent): void => {
    if (voice.isJson) voice.out.write(jsonData('worker', workerRecord(event)))
    else if (!voice.isQuiet) voice.err.write(workerEventText(event, voice.isVerbose))
  }
  const ends = endsOf(io)
  const stats = await batches.work({
    ...(typeof flags.instance === 'string' && { instance: flags.instance }),
    ...(slots !== undefined && { slots }),
    ...idleOf(flags.idle),
    onEvent,
    ...ends.signals,
  })
  ends.done()
  if (voice.isJson)
    voice.out.write(jsonSummary({ ok: true, exit: 0, instance: stats.instance, reason: stats.reason, ...stats.counts }))
  else if (!voice.isQuiet) voice.err.write(workerStatsText(stats))
  return 0
}

function idleOf(flag: unknown): Pick<WorkRequest, 'idleSeconds'> {
  if (flag === undefined) return {}
  if (flag === 'never') return { idleSeconds: 'never' }
  if (typeof flag === 'number' && flag >= 0) return { idleSeconds: flag }
  throw new LadingError('E_USAGE', '--idle is a number of seconds, or never')
}

/** SIGTERM and SIGHUP drain, and after a while stop; SIGINT, of somebody at the keyboard, stops. */
function endsOf({ signal }: CliIo): {
  readonly signals: Pick<WorkRequest, 'drain' | 'stop'>
  readonly done: () => void
} {
  const [drain, stop] = [new AbortController(), new AbortController()]
  let timer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    const reason: unknown = signal?.reason
    const isInterrupt = reason instanceof Error && 'exitCode' in reason && reason.exitCode === INTERRUPTED
    if (isInterrupt) stop.abort()
    else {
      drain.abort()
      timer = setTimeout(() => stop.abort(), GRACE_MS)
    }
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  return { signals: { drain: drain.signal, stop: stop.signal }, done: () => clearTimeout(timer) }
}

/** Errors go out as their code and words. */
function workerRecord(event: WorkerEvent): object {
  const { type: event_, ...rest } = event
  if (event.type !== 'trouble') return { event: event_, ...rest }
  const { what, error, waitMs } = event
  const { code, message, why } = error
  return { event: event_, what, code, message, ...(why !== undefined && { why }), waitMs }
}

import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Emit, SubmitRequest, WorkerCommand } from '../../index.ts'
import { BATCH_OPTIONS, BATCH_SUBMIT_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { laneFlag } from '../lane-flag.ts'
import { placesIn, shellLine } from '../next-line.ts'
import { numberFlag } from '../number-flag.ts'
import { submittedExit, submittedJson, submittedText, watchReport } from '../reporters/batch.ts'
import { imagesProgress } from '../reporters/images.ts'
import { jsonSummary } from '../reporters/json.ts'
import { batchesFor, voiceOf } from '../session.ts'

const HOUR_SECONDS = 3600

export async function run(input: CommandInput): Promise<number> {
  const { flags } = input
  const request = requestOf(input)
  const local = numberFlag(flags, 'local', { least: 1, most: 256, isWhole: true })
  const voice = voiceOf(input)
  const progress = imagesProgress((text) => voice.err.write(text))
  const emit: Emit = (event) => {
    if (event.type === 'progress' && !(voice.isJson || voice.isQuiet)) progress(event)
  }
  const batches = await batchesFor(input, BATCH_SUBMIT_OPTIONS, { emit })
  if (local !== undefined) batches.assertLocal()
  const submitted = await batches.submit(request)
  const { result, sent } = submitted
  const workers =
    local === undefined || (result && sent === 0)
      ? undefined
      : await batches.startWorkers(local, workerCommand(input, local))
  const isWatched = flags.watch === true
  const places = placesIn(input.words, BATCH_OPTIONS)
  const look = { line: (command: string) => shellLine(command, places, input.io.env), workers, isWatched }
  const exit = submittedExit(submitted, look)
  if (voice.isJson) voice.out.write(submittedJson(submitted) + (isWatched ? '' : jsonSummary({ ok: exit === 0, exit })))
  else {
    if (!voice.isQuiet) voice.err.write(submittedText(submitted, look))
    voice.out.write(`${submitted.batch}\n`)
  }
  if (!isWatched) return exit
  const report = watchReport(voice, submitted.batch, exit)
  const watching = { onStatus: report.status, isReopened: result?.partial }
  return report.end(await batches.watch(submitted.batch, watching))
}

function requestOf({ flags, args, io }: CommandInput): SubmitRequest {
  const budget = numberFlag(flags, 'budget', { least: 0, most: 1e6 })
  return {
    root: resolve(io.cwd, args[0] ?? ''),
    recipe: typeof flags.recipe === 'string' ? flags.recipe : 'web',
    lane: laneFlag(flags.lane),
    ...(typeof flags.batch === 'string' && { batch: flags.batch }),
    deadlineSeconds: HOUR_SECONDS * (numberFlag(flags, 'deadline', { least: 0.01, most: 24 * 30 }) ?? 12),
    ...(budget !== undefined && { budget }),
    maxInstances: numberFlag(flags, 'maxInstances', { least: 1, most: 10_000, isWhole: true }) ?? 10,
  }
}

/** This same program with the same place; together, the workers use every core once. */
function workerCommand({ io, flags }: CommandInput, count: number): WorkerCommand {
  const slots = Math.max(1, Math.floor(availableParallelism() / count))
  const main = fileURLToPath(new URL('../main.cjs', import.meta.url))
  const place = ['to', 'queues', 'config'].flatMap((name) => {
    const value = flags[name]
    return typeof value === 'string' ? [`--${name}`, value] : []
  })
  return {
    file: process.execPath,
    args: [main, 'batch', 'worker', '--slots', String(slots), ...place],
    env: io.env,
    cwd: io.cwd,
  }
}

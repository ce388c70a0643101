import { resolve } from 'node:path'
import { EXIT, LadingError, readScenario, type ScenarioBatch, simulateBatches } from '../../index.ts'
import { BATCH_SIMULATE_OPTIONS } from '../batch-options.ts'
import { refuseFlags } from '../idle-flags.ts'
import type { CommandInput } from '../io.ts'
import { laneFlag } from '../lane-flag.ts'
import { numberFlag } from '../number-flag.ts'
import { jsonData, jsonSummary } from '../reporters/json.ts'
import { simulationText } from '../reporters/simulation.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

/** What is said of one batch, which a list says of each. */
const OF_ONE = ['--recipe', '--lane', '--per-hour', '--deadline', '--budget']
/** What is said of a fleet. */
const OF_FLEET = [
  ...['--budget', '--max-instances', '--slots', '--lifetime', '--boot', '--interruptions', '--hour-price'],
  // Nothing but interruptions is random.
  '--seed',
]

export async function run(input: CommandInput): Promise<number> {
  const { flags, io } = input
  const local = numberFlag(flags, 'local', { least: 1, most: 256, isWhole: true })
  if (local !== undefined) await refuseFlags(flags, OF_FLEET, '--local')
  const batches = await batchesOf(input)
  const { config } = await loadFor(input, BATCH_SIMULATE_OPTIONS)
  const report = await simulateBatches(
    {
      ...{ batches, local, recipes: config.images?.recipes },
      seed: numberFlag(flags, 'seed', { least: 0, most: 2 ** 32 - 1, isWhole: true }),
      fleet: {
        maxInstances: numberFlag(flags, 'maxInstances', { least: 1, most: 10_000, isWhole: true }),
        slots: numberFlag(flags, 'slots', { least: 1, most: 1024, isWhole: true }),
        lifetimeMinutes: numberFlag(flags, 'lifetime', { least: 10, most: 10_080, isWhole: true }),
        bootSeconds: numberFlag(flags, 'boot', { least: 0, most: 3600 }),
        interruptionsPerHour: numberFlag(flags, 'interruptions', { least: 0, most: 60 }),
        instanceHour: numberFlag(flags, 'hourPrice', { least: 0, most: 1000 }),
        coreSpeed: numberFlag(flags, 'coreSpeed', { least: 0.01, most: 100 }),
      },
    },
    runOf(io),
  )
  const { isJson, out } = voiceOf(input)
  const exit = report.done === report.images ? EXIT.ok : EXIT.incomplete
  if (isJson) out.write(jsonData('simulation', report) + jsonSummary({ ok: exit === 0, exit }))
  else out.write(simulationText(report))
  return exit
}

async function batchesOf({ args, flags, io }: CommandInput): Promise<readonly ScenarioBatch[]> {
  const [folder] = args
  if (typeof flags.batches === 'string') {
    await refuseFlags(flags, OF_ONE, '--batches')
    if (folder === undefined) return readScenario(resolve(io.cwd, flags.batches), flags.batches)
    throw new LadingError('E_USAGE', 'a folder does nothing beside --batches', { hint: `Leave ${folder} out.` })
  }
  if (folder === undefined) {
    throw new LadingError('E_USAGE', 'there is nothing to simulate', {
      hint: 'Write lading batch simulate FOLDER, or --batches FILE with a list of them.',
    })
  }
  return [
    {
      folder: resolve(io.cwd, folder),
      recipe: typeof flags.recipe === 'string' ? flags.recipe : 'web',
      lane: laneFlag(flags.lane),
      perHour: numberFlag(flags, 'perHour', { least: 1, most: 10_000_000 }),
      deadlineHours: numberFlag(flags, 'deadline', { least: 0.01, most: 24 * 30 }),
      budget: numberFlag(flags, 'budget', { least: 0, most: 1e6 }),
    },
  ]
}

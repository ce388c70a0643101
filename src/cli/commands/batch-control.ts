import { type InstanceRecord, LadingError, type Order } from '../../index.ts'
import { BATCH_CONTROL_OPTIONS } from '../batch-options.ts'
import { refuseFlags } from '../idle-flags.ts'
import type { CommandInput } from '../io.ts'
import { toldText } from '../reporters/batch-orders.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { table } from '../reporters/table.ts'
import { batchesFor, voiceOf } from '../session.ts'

const TAKES_VALUE: ReadonlySet<string> = new Set(['concurrency', 'cancel'])

export async function run(input: CommandInput): Promise<number> {
  const [verb = 'stats', value] = input.args
  if (value !== undefined && !TAKES_VALUE.has(verb)) {
    throw new LadingError('E_USAGE', `${verb} takes no value`, { hint: `Leave ${value} out.` })
  }
  const batches = await batchesFor(input, BATCH_CONTROL_OPTIONS)
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (verb === 'list') {
    await refuseFlags(input.flags, ['--instance'], 'list')
    const found = await batches.instances()
    if (isJson) out.write(found.map((record) => jsonData('instance', record)).join('') + jsonEnd)
    else out.write(table(['instance', 'state', 'running', 'waiting', 'at', ''], found.map(rowOf)))
    return 0
  }
  const order = orderOf(verb, value)
  const { instance } = input.flags
  const told = await batches.command(order, typeof instance === 'string' ? instance : undefined)
  if (isJson) out.write(jsonData('command', { verb, told }) + jsonEnd)
  else if (!isQuiet) err.write(`ok: ${toldText(verb, told)}\n`)
  return 0
}

const rowOf = ({ instance, state, running, waiting, at, reason }: InstanceRecord): string[] => [
  instance,
  state,
  String(running),
  String(waiting),
  at,
  reason,
]

function orderOf(verb: string, value: string | undefined): Order {
  switch (verb) {
    case 'drain':
    case 'stop':
    case 'pause':
    case 'resume':
    case 'stats':
      return { verb }
    case 'concurrency': {
      const slots = Number(value)
      if (Number.isInteger(slots) && slots >= 1 && slots <= 1024) return { verb, slots }
      throw new LadingError('E_USAGE', 'how many at once?', { hint: 'lading batch control concurrency 4' })
    }
    case 'cancel':
      if (value !== undefined) return { verb, batch: value }
      throw new LadingError('E_USAGE', 'which batch is to be cancelled?', { hint: 'lading batch control cancel BATCH' })
    default:
      throw new LadingError('E_USAGE', `there is no command "${verb}"`, {
        hint: 'There are drain, stop, pause, resume, concurrency N, stats, cancel BATCH and list.',
      })
  }
}

import { resolve } from 'node:path'
import { EXIT, plural, printable } from '../../index.ts'
import { BATCH_REPRO_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { jsonData, jsonSummary } from '../reporters/json.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const [batch = '', item = ''] = input.args
  const { flags, io } = input
  const out = typeof flags.out === 'string' ? flags.out : `repro-${item.replace(/[^\w.-]+/g, '-')}`
  const batches = await batchesFor(input, BATCH_REPRO_OPTIONS)
  const made = await batches.repro({ batch, item, folder: resolve(io.cwd, out) })
  const { receipt } = made
  const exit = 'code' in receipt ? EXIT.incomplete : EXIT.ok
  const voice = voiceOf(input)
  if (voice.isJson) voice.out.write(jsonData('repro', made) + jsonSummary({ ok: exit === 0, exit }))
  else if (!voice.isQuiet) {
    const end =
      'code' in receipt
        ? `fails here too: ${receipt.code} ${receipt.message}`
        : `${plural(receipt.variants.length, 'variant')} in ${receipt.cpuMs} ms of one core`
    voice.err.write(`${made.item} ${printable(made.path)}: ${printable(end)}\n  ${printable(out)}\n`)
  }
  return exit
}

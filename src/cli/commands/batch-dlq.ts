import { BATCH_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { table } from '../reporters/table.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const letters = await (await batchesFor(input, BATCH_OPTIONS)).deadLetters()
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (isJson) out.write(letters.map((letter) => jsonData('dead-letter', letter)).join('') + jsonEnd)
  else if (letters.length > 0) {
    const rows = letters.map(({ id, kind, batch = '', item = '', sentAt, reason }) => [
      id,
      kind,
      batch,
      item,
      sentAt,
      reason,
    ])
    out.write(table(['id', 'kind', 'batch', 'item', 'sent', 'reason'], rows))
  } else if (!isQuiet) err.write('No dead letters.\n')
  return 0
}

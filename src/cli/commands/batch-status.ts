import { BATCH_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { statusJson, statusText } from '../reporters/batch.ts'
import { jsonSummary } from '../reporters/json.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const [batch = ''] = input.args
  const status = await (await batchesFor(input, BATCH_OPTIONS)).status(batch)
  const { isJson, out } = voiceOf(input)
  out.write(isJson ? statusJson(status) + jsonSummary({ ok: true, exit: 0 }) : statusText(status))
  return 0
}

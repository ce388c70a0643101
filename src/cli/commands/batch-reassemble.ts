import { BATCH_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { resultText } from '../reporters/batch.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const [batch = ''] = input.args
  const result = await (await batchesFor(input, BATCH_OPTIONS)).reassemble(batch)
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (isJson) out.write(jsonData('batch-result', result) + jsonEnd)
  else if (!isQuiet) err.write(resultText(result))
  return 0
}

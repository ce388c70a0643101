import { plural } from '../../index.ts'
import { BATCH_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const moved = await (await batchesFor(input, BATCH_OPTIONS)).redrive(input.args)
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (isJson) out.write(jsonData('redrive', moved) + jsonEnd)
  else if (!isQuiet) {
    const stay = moved.left > 0 ? `; ${plural(moved.left, 'letter')} stay` : ''
    err.write(`ok: ${plural(moved.sent, 'message')} sent once more${stay}.\n`)
  }
  return 0
}

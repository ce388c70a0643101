import { unlock } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { UNLOCK_OPTIONS } from '../options.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { runOf, storeFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const options = await storeFor(input, UNLOCK_OPTIONS)
  const given = await unlock({ ...options, name: args[0], force: flags.force === true }, runOf(io))
  const { isJson, isQuiet, out, err } = voiceOf(input)
  if (isJson) out.write((given === undefined ? '' : jsonData('unlock', given)) + jsonEnd)
  else if (!isQuiet) {
    err.write(
      given === undefined
        ? 'ok: No deploy is held.\n'
        : `ok: gave up ${given.description}\nThe next run looks at what it had begun, and goes on.\n`,
    )
  }
  return 0
}

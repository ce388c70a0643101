import { resolve } from 'node:path'
import { estimateBatch } from '../../index.ts'
import { BATCH_ESTIMATE_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { estimateText } from '../reporters/batch.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const recipe = typeof flags.recipe === 'string' ? flags.recipe : 'web'
  const { config } = await loadFor(input, BATCH_ESTIMATE_OPTIONS)
  const request = { recipe, recipes: config.images?.recipes }
  const estimate = await estimateBatch(resolve(io.cwd, args[0] ?? ''), request, runOf(io))
  const { isJson, out } = voiceOf(input)
  out.write(isJson ? jsonData('estimate', { ...estimate, recipe }) + jsonEnd : estimateText(estimate))
  return 0
}

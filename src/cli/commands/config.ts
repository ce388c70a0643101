import { describeOption, listConfig, printable, resolveConfig } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { CONFIG_OPTIONS } from '../options.ts'
import { jsonData, jsonEnd } from '../reporters/json.ts'
import { loadFor, type Voice, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const voice = voiceOf(input)
  const key = input.flags.explain
  return typeof key === 'string' ? explainOption(key, voice) : show(input, voice)
}

/** Prints first and checks then: what is wrong is easier seen beside the values. */
async function show(input: CommandInput, { isJson, out, err, isQuiet }: Voice): Promise<number> {
  const { io } = input
  const loaded = await loadFor(input, CONFIG_OPTIONS)
  const context = { cwd: io.cwd, env: io.env, sources: loaded.sources }
  const rows = listConfig(loaded, context)
  if (isJson) {
    out.write(rows.map((row) => jsonData('option', row)).join(''))
  } else {
    const texts = rows.map(({ key, value, source }) => [key, valueText(value), source.name] as const)
    const width = Math.max(...texts.map(([, value]) => value.length))
    out.write(
      texts
        .map(([key, value, source]) => `${key.padEnd(20)}${value.padEnd(Math.min(48, width))}  ${source}\n`)
        .join(''),
    )
    if (!isQuiet) err.write(loaded.file === undefined ? 'There is no lading.config.* here.\n' : '')
  }
  resolveConfig(loaded.config, context)
  if (isJson) out.write(jsonEnd)
  return 0
}

function valueText(value: unknown): string {
  if (value === undefined) return '(unset)'
  return typeof value === 'string' ? printable(value) : JSON.stringify(value)
}

function explainOption(key: string, { isJson, out }: Voice): number {
  const found = describeOption(key)
  if (isJson) {
    const { key: _, ...documentation } = found
    out.write(jsonData('option', { key, documentation }) + jsonEnd)
    return 0
  }
  const lines = [`${found.key}: ${found.type}`, `  ${found.text}`]
  if (found.default !== undefined) lines.push(`  default      ${found.default}`)
  if (found.env !== undefined) lines.push(`  environment  ${found.env}`)
  out.write(`${lines.join('\n')}\n`)
  return 0
}

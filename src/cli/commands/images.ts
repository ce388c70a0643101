import { type ImagesResult, renderImages, resolveImages } from '../../index.ts'
import type { CommandInput } from '../io.ts'
import { IMAGES_OPTIONS } from '../options.ts'
import { imageLine, imagesProgress, imagesText } from '../reporters/images.ts'
import { jsonRecord, jsonSummary } from '../reporters/json.ts'
import { loadFor, runOf, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const { args, flags, io } = input
  const { config, sources } = await loadFor(input, IMAGES_OPTIONS)
  const asked = { source: args[0] ?? '', recipe: textOf(flags.recipe), manifest: textOf(flags.manifest) }
  const options = resolveImages(config, asked, { cwd: io.cwd, env: io.env, sources })
  const { isJson, isQuiet, isVerbose, err } = voiceOf(input)
  const progress = imagesProgress((text) => err.write(text))
  const result: ImagesResult = await renderImages(
    options,
    runOf(io, (event) => {
      if (isJson) io.stdout.write(jsonRecord(event))
      else if (isQuiet) return
      else if (event.type === 'image' && (isVerbose || event.result === 'failed')) err.write(`${imageLine(event)}\n`)
      else if (event.type === 'progress') progress(event)
    }),
  )
  if (isJson) io.stdout.write(jsonSummary(result))
  else if (!isQuiet || result.failures.length > 0) err.write(imagesText(result, asked.manifest))
  return result.exit
}

const textOf = (flag: unknown): string | undefined => (typeof flag === 'string' ? flag : undefined)

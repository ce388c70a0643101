import { resolve } from 'node:path'
import { imageManifestFile, printable } from '../../index.ts'
import { BATCH_WATCH_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { numberFlag } from '../number-flag.ts'
import { watchReport } from '../reporters/batch.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const [batch = ''] = input.args
  const everySeconds = numberFlag(input.flags, 'every', { least: 0.1, most: 3600 })
  const { manifest } = input.flags
  const file = typeof manifest === 'string' ? await imageManifestFile(resolve(input.io.cwd, manifest)) : undefined
  const batches = await batchesFor(input, BATCH_WATCH_OPTIONS)
  const voice = voiceOf(input)
  const report = watchReport(voice, batch)
  const end = await batches.watch(batch, { everySeconds, onStatus: report.status })
  await file?.write(await batches.imageManifest(batch))
  const exit = report.end(end)
  if (file !== undefined && !voice.isJson && !voice.isQuiet)
    voice.err.write(`Wrote ${printable(String(manifest))}, which sync --pictures reads.\n`)
  return exit
}

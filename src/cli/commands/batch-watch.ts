import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LadingError } from '../../index.ts'
import { BATCH_WATCH_OPTIONS } from '../batch-options.ts'
import type { CommandInput } from '../io.ts'
import { numberFlag } from '../number-flag.ts'
import { watchReport } from '../reporters/batch.ts'
import { batchesFor, voiceOf } from '../session.ts'

export async function run(input: CommandInput): Promise<number> {
  const [batch = ''] = input.args
  const everySeconds = numberFlag(input.flags, 'every', { least: 0.1, most: 3600 })
  const batches = await batchesFor(input, BATCH_WATCH_OPTIONS)
  const report = watchReport(voiceOf(input), batch)
  const end = await batches.watch(batch, { everySeconds, onStatus: report.status })
  const { manifest } = input.flags
  if (typeof manifest === 'string') await writeOut(resolve(input.io.cwd, manifest), await batches.imageManifest(batch))
  return report.end(end)
}

async function writeOut(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes)
  } catch (cause) {
    throw new LadingError('E_WRITE', 'the image manifest cannot be written', { subject: file, cause })
  }
}

import { type BuildRecord, formatBytes, plural, type Summary, uploadBuild, writeBuildRecord } from '../src/index.ts'
import type { BuildSettings } from './options.ts'

/** What a build that succeeded leaves behind. */
export interface Outcome {
  readonly settings: BuildSettings
  /** Absolute. */
  readonly outDir: string
  readonly record: BuildRecord
}

/**
 * Writes `<outDir>/.lading/build.json` and, where that is asked for, sends the assets.
 * @returns the line for the bundler's log
 * @throws E_UPLOAD and what else the core rejects with: a build whose assets did not arrive has failed
 */
export async function finishBuild({ settings, outDir, record }: Outcome): Promise<string> {
  await writeBuildRecord(outDir, record)
  const named = `${plural(record.files.size, 'asset')} named, ${record.origin.size} kept at the site`
  if (!settings.upload) return record.rewritten ? `${named}; "lading sync" sends them and publishes the pages` : named
  return sentLine(await uploadBuild(settings.syncOptions(outDir)))
}

function sentLine({ added, changed, kept, bytes }: Summary): string {
  const sent = added + changed
  return `${plural(sent, 'asset')} sent (${formatBytes(bytes)}), ${kept} already there`
}

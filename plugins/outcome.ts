import { LadingError, plural, writeBuildRecord } from '../src/build/index.ts'
import type { BuildRecord, FileEvent, WarningEvent } from '../src/index.ts'
import { forgetEarlier, withEarlier } from './earlier-build.ts'
import type { BuildSettings } from './options.ts'

/** What a build that succeeded leaves behind. */
export interface Outcome {
  readonly settings: BuildSettings
  /** Absolute. */
  readonly outDir: string
  readonly record: BuildRecord
  /** The bundler's own channel for warnings; the text has no "lading" before it. */
  warn(text: string): void
}

/**
 * Writes `<outDir>/.lading/build.json` and, where that is asked for, sends the assets.
 * @returns what belongs into the bundler's log: a line, and after an upload that sent something the largest assets
 * @throws E_UPLOAD and what else the core rejects with, unless `onError` says that it is only a warning: a build whose
 * assets did not arrive has failed
 */
export async function finishBuild(outcome: Outcome): Promise<string> {
  const { settings, outDir, record } = outcome
  await writeBuildRecord(outDir, await withEarlier(record, { outDir, addresses: settings.addresses }))
  await forgetEarlier(outDir)
  const named = `${plural(record.files.size, 'asset')} named, ${record.origin.size} kept at the site`
  if (!settings.upload) return record.rewritten ? `${named}; "lading sync" sends them and publishes the pages` : named
  try {
    return await upload(outcome)
  } catch (error) {
    if (settings.onError === 'fail' || !isSurvivable(error)) throw error
    const { inFull } = await import('./masked-failure.ts')
    const told = inFull(error)
    outcome.warn(`nothing is complete in the store, and the build goes on (onError: 'warn')\n${messageOf(told)}`)
    return `${named}; the upload failed, "lading sync" sends what is missing`
  }
}

async function upload({ settings, outDir, record, warn }: Outcome): Promise<string> {
  const files: FileEvent[] = []
  const warnings: WarningEvent[] = []
  // Loads the store's SDK and the planner: on demand, since most builds send nothing.
  const [{ uploadBuild }, { uploadReport, warningText }] = await Promise.all([
    import('../src/index.ts'),
    import('./report.ts'),
  ])
  const summary = await uploadBuild(
    { ...settings.syncOptions(outDir), dryRun: settings.dryRun },
    {
      emit(event) {
        if (event.type === 'file') files.push(event)
        if (event.type === 'warning') warnings.push(event)
      },
    },
  )
  for (const warning of warnings) warn(warningText(warning))
  return uploadReport({ files, summary, url: record.url, outDir })
}

/** An abort must end the build, and an unexpected error is a bug of ours: neither may become a warning. */
function isSurvivable(error: unknown): boolean {
  return error instanceof LadingError && error.code !== 'E_ABORTED' && error.code !== 'E_BUG'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

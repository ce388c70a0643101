import {
  formatBytes,
  formatDuration,
  type ProgressEvent,
  plural,
  type SummaryEvent,
  type WarningEvent,
} from '../../index.ts'
import {
  fileLine,
  KEY_WIDTH,
  noteRounds,
  referenceLine,
  referencesLine,
  resultLine,
  retryLine,
  startLine,
  waitLine,
} from './lines.ts'
import { dispatch, type Reporter, type ReporterOptions } from './reporter.ts'
import { renderWarnings } from './warnings.ts'

/** A line of progress this often, in milliseconds, also when little was done; or a retry, when nothing was. */
const PROGRESS_MS = 10_000

/** When another tenth is done, a line may come this soon: a run of seconds needs none. */
const TENTH_MS = 1000

/** For logs: a line per phase, progress now and then, nothing drawn twice. */
export function createPlainReporter({ terminal, isVerbose, isBrief = false, cwd, now }: ReporterOptions): Reporter {
  const warnings: WarningEvent[] = []
  let lastMs = now()
  let lastTenth = 0
  let waitingFor: string | undefined
  let saidMs = lastMs
  const say = (line: string): void => {
    saidMs = now()
    terminal.write(`${line}\n`)
  }
  const noteRound = noteRounds(say)

  const progress = ({ files, bytes, retries }: ProgressEvent): void => {
    const tenth = bytes.total === 0 ? 0 : Math.floor((bytes.done / bytes.total) * 10)
    const waitMs = tenth > lastTenth ? TENTH_MS : PROGRESS_MS
    if (bytes.done >= bytes.total || now() - lastMs < waitMs) return
    lastTenth = tenth
    lastMs = now()
    const share = `${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`
    say(
      `  ${files.done}/${files.total} files  ${share}${retries > 0 ? `  ${plural(retries, 'retry', 'retries')}` : ''}`,
    )
  }

  const summary = (event: SummaryEvent): void => {
    const references = referencesLine(event)
    if (references !== '') say(references)
    terminal.write(renderWarnings(warnings, terminal, { isVerbose }))
    say(`ok: ${resultLine(event)}`)
  }

  const event = dispatch({
    ...(!isBrief && {
      start: (event) => say(startLine(event, terminal, cwd)),
      phase: ({ phase, files, bytes, ms }) => {
        noteRound(phase)
        const volume = phase === 'publish' ? '' : `${formatBytes(bytes)}  `
        say(`${phase}: ${plural(files, 'file')}  ${volume}${formatDuration(ms)}`)
      },
    }),
    wait: (event) => {
      if (event.deploy !== waitingFor) say(waitLine(event))
      waitingFor = event.deploy
    },
    progress,
    warning: (event) => warnings.push(event),
    summary,
    retry: (event) => {
      if (isVerbose || now() - saidMs >= PROGRESS_MS) say(`  ${retryLine(event)}`)
    },
    ...(isVerbose && {
      reference: (event) => say(`  ${referenceLine(event)}`),
      file: (event) => say(fileLine(event, KEY_WIDTH)),
    }),
  })
  return { event, close: () => undefined }
}

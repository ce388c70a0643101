import { isAbsolute } from 'node:path'
import {
  formatBytes,
  formatDuration,
  type Phase,
  type PhaseEvent,
  type ProgressEvent,
  plural,
  type SummaryEvent,
  type WarningEvent,
} from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import {
  fileLine,
  KEY_WIDTH,
  noteRounds,
  referenceLine,
  referencesLine,
  resultLine,
  retryForms,
  retryLine,
  startLine,
  waitForms,
} from './lines.ts'
import { createLiveLine } from './live-line.ts'
import { dispatch, type Reporter, type ReporterOptions } from './reporter.ts'
import { renderWarnings } from './warnings.ts'
import { hanging } from './wrap.ts'

const BAR_WIDTH = 24

/** A retry is told when nothing else moved for so long, in milliseconds: beside uploads that go on, it is only counted. */
const QUIET_MS = 1000

const DONE: Readonly<Record<Phase, string>> = {
  scan: 'scanned',
  hash: 'hashed',
  plan: 'planned',
  upload: 'uploaded',
  publish: 'published',
  invalidate: 'told the CDN about',
}
/** What begins when a phase has ended. After publishing no event says what: it may be that a CDN is told, if there is one. */
const NEXT: Readonly<Record<Phase, string>> = {
  scan: 'hashing',
  hash: 'planning',
  plan: 'uploading',
  upload: 'publishing',
  publish: 'finishing',
  invalidate: 'finishing',
}

/** For people: finished phases as lines, the present one as a single line that is redrawn and never scrolls. */
export function createTtyReporter(options: ReporterOptions): Reporter {
  const { terminal, isVerbose, isBrief = false, cwd, now } = options
  const live = createLiveLine(terminal, now)
  const warnings: WarningEvent[] = []
  let doing = 'starting'
  let startedMs = now()
  let movedMs = startedMs

  const print = (text: string): void => {
    live.clear()
    terminal.write(text)
  }

  const begin = (deed: string): void => {
    doing = deed
    live.draw([`${doing} ${terminal.glyphs.ellipsis}`, doing])
  }

  const noteRound = noteRounds((line) => print(`${line}\n`))

  const phaseDone = (event: PhaseEvent): void => {
    if (!isBrief) noteRound(event.phase)
    if (event.files > 0 && !isBrief) print(`${phaseLine(event, terminal)}\n`)
    startedMs = now()
    live.clear()
    begin(event.phase === 'plan' && event.files === 0 ? NEXT.publish : NEXT[event.phase])
  }

  const summary = (event: SummaryEvent): void => {
    const references = referencesLine(event)
    const block = references === '' ? '' : `  ${references}\n`
    const result = `${hanging(`${terminal.style('green', terminal.glyphs.ok)} ${resultLine(event)}`, 2, terminal)}\n`
    print(block + renderWarnings(warnings, terminal, { isVerbose }) + result)
  }

  const event = dispatch({
    start: (event) => {
      if (!isBrief) print(`${startLine(event, terminal, cwd)}\n`)
      // a rollback names a release where others name a folder, and scans nothing
      begin(isAbsolute(event.root) ? 'scanning' : 'planning')
    },
    phase: phaseDone,
    wait: (event) => live.draw(waitForms(event)),
    waited: ({ ms }) => {
      startedMs += ms // nothing was sent meanwhile
      live.clear()
      begin(doing)
    },
    progress: (event) => {
      movedMs = now()
      doing = NEXT.plan
      live.draw(progressForms(event, { doing, terminal, ms: movedMs - startedMs }))
    },
    retry: (event) => {
      if (isVerbose) print(`  ${retryLine(event)}\n`)
      else if (now() - movedMs >= QUIET_MS) live.draw([...retryForms(event).map((text) => `${doing}  ${text}`), doing])
    },
    warning: (event) => warnings.push(event),
    summary,
    ...(isVerbose && {
      reference: (event) => print(`  ${referenceLine(event)}\n`),
      file: (event) => print(`  ${fileLine(event, KEY_WIDTH)}\n`),
    }),
  })
  return { event, close: live.close }
}

function phaseLine({ phase, files, bytes, ms }: PhaseEvent, { glyphs, style }: Terminal): string {
  const volume = phase === 'publish' ? '' : ` (${formatBytes(bytes)})`
  return `${style('green', glyphs.ok)} ${DONE[phase]} ${plural(files, 'file')}${volume} in ${formatDuration(ms)}`
}

interface ProgressState {
  readonly doing: string
  readonly terminal: Terminal
  readonly ms: number
}

function progressForms(
  { files, bytes, retries }: ProgressEvent,
  { doing, terminal, ms }: ProgressState,
): readonly string[] {
  const { full, empty } = terminal.glyphs
  const share = bytes.total === 0 ? 1 : Math.min(1, bytes.done / bytes.total)
  const filled = Math.round(share * BAR_WIDTH)
  const perSecond = ms > 0 ? (bytes.done / ms) * 1000 : 0
  const leftMs = perSecond > 0 ? ((bytes.total - bytes.done) / perSecond) * 1000 : 0
  const count = `${doing}  ${files.done}/${files.total} files`
  const bar = full.repeat(filled) + empty.repeat(BAR_WIDTH - filled)
  const volume = `${formatBytes(bytes.done)} / ${formatBytes(bytes.total)}`
  const speed = `${formatBytes(Math.round(perSecond))}/s`
  const rest = [...(retries > 0 ? [plural(retries, 'retry', 'retries')] : []), `ETA ${formatDuration(leftMs)}`]
  const lines = [
    [count, bar, volume, speed, ...rest],
    [count, volume, speed, ...rest],
    [count, volume, ...rest],
    [count, ...rest],
    [count],
    [doing],
  ]
  return lines.map((parts) => parts.join('  '))
}

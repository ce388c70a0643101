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
  retryLine,
  startLine,
  waitLine,
} from './lines.ts'
import { createLiveLine } from './live-line.ts'
import { dispatch, type Reporter, type ReporterOptions } from './reporter.ts'
import { renderWarnings } from './warnings.ts'

const BAR_WIDTH = 24

/** What the spinner before it and the free column after it take of a terminal's width. */
const AROUND = 3

/** A retry is told when nothing else moved for so long, in milliseconds: beside uploads that go on, it is only counted. */
const QUIET_MS = 1000

const DOING: Readonly<Record<Phase, string>> = {
  scan: 'scanning',
  hash: 'hashing',
  plan: 'planning',
  upload: 'uploading',
  publish: 'publishing',
  invalidate: 'telling the CDN',
}
const DONE: Readonly<Record<Phase, string>> = {
  scan: 'scanned',
  hash: 'hashed',
  plan: 'planned',
  upload: 'uploaded',
  publish: 'published',
  invalidate: 'told the CDN about',
}
const NEXT: Readonly<Record<Phase, Phase | undefined>> = {
  scan: 'hash',
  hash: 'plan',
  plan: 'upload',
  upload: 'publish',
  publish: 'invalidate',
  invalidate: undefined,
}

/** For people: finished phases as lines, the present one as a single line that is redrawn and never scrolls. */
export function createTtyReporter(options: ReporterOptions): Reporter {
  const { terminal, isVerbose, isBrief = false, cwd, now } = options
  const live = createLiveLine(terminal, now)
  const warnings: WarningEvent[] = []
  let phase: Phase = 'scan'
  let startedMs = now()
  let movedMs = startedMs

  const print = (text: string): void => {
    live.clear()
    terminal.write(text)
  }

  const noteRound = noteRounds((line) => print(`${line}\n`))

  const phaseDone = (event: PhaseEvent): void => {
    if (!isBrief) noteRound(event.phase)
    if (event.files > 0 && !isBrief) print(`${phaseLine(event, terminal)}\n`)
    phase = NEXT[event.phase] ?? event.phase
    startedMs = now()
    live.clear()
    live.draw(`${DOING[phase]} ${terminal.glyphs.ellipsis}`)
  }

  const summary = (event: SummaryEvent): void => {
    const references = referencesLine(event)
    const block = references === '' ? '' : `  ${references}\n`
    const result = `${terminal.style('green', terminal.glyphs.ok)} ${resultLine(event)}\n`
    print(block + renderWarnings(warnings, terminal, { isVerbose }) + result)
  }

  const event = dispatch({
    start: (event) => {
      if (!isBrief) print(`${startLine(event, terminal, cwd)}\n`)
      live.draw(`${DOING.scan} ${terminal.glyphs.ellipsis}`)
    },
    phase: phaseDone,
    wait: (event) => live.draw(waitLine(event)),
    progress: (event) => {
      movedMs = now()
      live.draw(progressText(event, { phase, terminal, ms: movedMs - startedMs }))
    },
    retry: (event) => {
      if (isVerbose) print(`  ${retryLine(event)}\n`)
      else if (now() - movedMs >= QUIET_MS) live.draw(`${DOING[phase]}  ${retryLine(event)}`)
    },
    warning: (event) => warnings.push(event),
    summary,
    ...(isVerbose && {
      reference: (event) => print(`  ${referenceLine(event)}\n`),
      file: (event) => print(`  ${fileLine(event, KEY_WIDTH)}\n`),
    }),
  })
  return { event, close: live.clear }
}

function phaseLine({ phase, files, bytes, ms }: PhaseEvent, { glyphs, style }: Terminal): string {
  const volume = phase === 'publish' ? '' : ` (${formatBytes(bytes)})`
  return `${style('green', glyphs.ok)} ${DONE[phase]} ${plural(files, 'file')}${volume} in ${formatDuration(ms)}`
}

interface ProgressState {
  readonly phase: Phase
  readonly terminal: Terminal
  readonly ms: number
}

function progressText({ files, bytes, retries }: ProgressEvent, { phase, terminal, ms }: ProgressState): string {
  const { full, empty } = terminal.glyphs
  const share = bytes.total === 0 ? 1 : Math.min(1, bytes.done / bytes.total)
  const filled = Math.round(share * BAR_WIDTH)
  const perSecond = ms > 0 ? (bytes.done / ms) * 1000 : 0
  const leftMs = perSecond > 0 ? ((bytes.total - bytes.done) / perSecond) * 1000 : 0
  const doing = `${DOING[phase]}  ${files.done}/${files.total} files`
  const bar = full.repeat(filled) + empty.repeat(BAR_WIDTH - filled)
  const volume = `${formatBytes(bytes.done)} / ${formatBytes(bytes.total)}`
  const speed = `${formatBytes(Math.round(perSecond))}/s`
  const rest = [...(retries > 0 ? [plural(retries, 'retry', 'retries')] : []), `ETA ${formatDuration(leftMs)}`]
  return widest(terminal.columns - AROUND, [
    [doing, bar, volume, speed, ...rest],
    [doing, volume, speed, ...rest],
    [doing, volume, ...rest],
    [doing, ...rest],
  ])
}

/** The first line that has room, else the last one: a number that is cut says another number. */
function widest(columns: number, lines: readonly (readonly string[])[]): string {
  const texts = lines.map((parts) => parts.join('  '))
  return texts.find((text) => text.length <= columns) ?? texts.at(-1) ?? ''
}

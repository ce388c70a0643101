import {
  formatBytes,
  formatDuration,
  type Phase,
  type PhaseEvent,
  type ProgressEvent,
  plural,
  printable,
  type SummaryEvent,
  type WarningEvent,
} from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { fileLine, KEY_WIDTH, referenceLine, referencesLine, resultLine, startLine, waitLine } from './lines.ts'
import { dispatch, type Reporter, type ReporterOptions } from './reporter.ts'
import { renderWarnings } from './warnings.ts'

/** Ten frames a second are smooth to the eye and cheap over ssh. In milliseconds. */
const FRAME_MS = 100

const BAR_WIDTH = 24

/** Columns from which the bar does not push out the numbers. */
const ROOM_FOR_BAR = 120

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
  const live = createLiveLine(options)
  const warnings: WarningEvent[] = []
  let phase: Phase = 'scan'
  let startedMs = now()

  const print = (text: string): void => {
    live.clear()
    terminal.write(text)
  }

  const phaseDone = (event: PhaseEvent): void => {
    if (event.files > 0 && !isBrief) print(`${phaseLine(event, terminal)}\n`)
    phase = NEXT[event.phase] ?? event.phase
    startedMs = now()
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
    progress: (event) => live.draw(progressText(event, { phase, terminal, ms: now() - startedMs })),
    warning: (event) => warnings.push(event),
    summary,
    ...(isVerbose && {
      reference: (event) => print(`  ${referenceLine(event)}\n`),
      file: (event) => print(`  ${fileLine(event, KEY_WIDTH)}\n`),
      retry: ({ attempt, key, reason }) => print(`  retry ${attempt}: ${printable(key)}  ${printable(reason)}\n`),
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
  const parts = [
    `${DOING[phase]}  ${files.done}/${files.total} files`,
    ...(terminal.columns < ROOM_FOR_BAR ? [] : [full.repeat(filled) + empty.repeat(BAR_WIDTH - filled)]),
    `${formatBytes(bytes.done)} / ${formatBytes(bytes.total)}`,
    `${formatBytes(Math.round(perSecond))}/s`,
    plural(retries, 'retry', 'retries'),
    `ETA ${formatDuration(leftMs)}`,
  ]
  return parts.join('  ')
}

interface LiveLine {
  /** Draws `text` in place of what stands there, at most ten times a second. */
  draw(text: string): void
  clear(): void
}

function createLiveLine({ terminal, now }: ReporterOptions): LiveLine {
  let isDrawn = false
  let lastMs = Number.NEGATIVE_INFINITY
  let frame = 0
  return {
    draw: (text) => {
      if (!terminal.isLive || now() - lastMs < FRAME_MS) return
      lastMs = now()
      frame += 1
      const { spinner } = terminal.glyphs
      const line = `${spinner[frame % spinner.length] ?? ''} ${text}`
      // One column stays free: some terminals wrap when the last one is written.
      terminal.write(`\r\x1b[K${[...line].slice(0, Math.max(0, terminal.columns - 1)).join('')}`)
      isDrawn = true
    },
    clear: () => {
      if (isDrawn) terminal.write('\r\x1b[K')
      isDrawn = false
    },
  }
}

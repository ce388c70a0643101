import { formatDuration } from '../../index.ts'
import type { Terminal } from '../terminal.ts'
import { columnsOf, fitting } from './columns.ts'

/** Ten frames a second are smooth to the eye and cheap over ssh. In milliseconds. */
const FRAME_MS = 100

/** A line that has said the same for so long says for how long, so that it is not taken for a program that hangs. */
const STILL_MS = 3000

/** Columns of the spinner, with the blank behind it. */
const SPINNER = 2

/** The last line of a terminal, redrawn in its place. */
export interface LiveLine {
  /**
   * Draws in place of what stands there, at most ten times a second, and keeps it moving until it is cleared.
   *
   * @param forms of the same text, widest first: the first one that has room is shown, for a number that is cut says
   * another number. Only the last one may be cut.
   */
  draw(forms: readonly string[]): void
  clear(): void
  /** Clears it for good. */
  close(): void
}

export function createLiveLine(terminal: Terminal, now: () => number): LiveLine {
  let timer: NodeJS.Timeout | undefined
  let lastMs = Number.NEGATIVE_INFINITY
  let frame = 0
  let said: readonly string[] = []
  let saidAtMs = 0
  let isClosed = false

  const write = (): void => {
    lastMs = now()
    frame += 1
    const { spinner } = terminal.glyphs
    const stillMs = lastMs - saidAtMs
    const still = stillMs < STILL_MS ? '' : `  (${formatDuration(stillMs)})`
    // One column stays free: some terminals wrap when the last one is written.
    const room = terminal.columns - 1
    const line = `${spinner[frame % spinner.length] ?? ''} ${formFor(said, still, room - SPINNER)}`
    terminal.write(`\r\x1b[K${fitting(Array.from(line), room).join('')}`)
  }

  const tick = (): void => {
    if (now() - lastMs >= FRAME_MS) write()
  }

  const clear = (): void => {
    if (timer !== undefined) terminal.write('\r\x1b[K')
    clearInterval(timer)
    timer = undefined
    said = []
    // What comes next is drawn at once: nothing else may come for a long time.
    lastMs = Number.NEGATIVE_INFINITY
  }

  return {
    draw: (forms) => {
      if (!terminal.isLive || isClosed) return
      if (forms[0] !== said[0]) saidAtMs = now()
      said = forms
      if (now() - lastMs < FRAME_MS) return
      write()
      // The run ends when its work does, not when its line stands still.
      timer ??= setInterval(tick, FRAME_MS).unref()
    },
    clear,
    close: () => {
      isClosed = true
      clear()
    },
  }
}

/** With how long it has stood still, if that has room beside any of them. */
function formFor(forms: readonly string[], still: string, room: number): string {
  const fits = (suffix: string) => (form: string) => columnsOf(form + suffix) <= room
  const beside = forms.find(fits(still))
  return beside === undefined ? (forms.find(fits('')) ?? forms.at(-1) ?? '') : beside + still
}

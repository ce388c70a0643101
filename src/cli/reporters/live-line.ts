import { formatDuration } from '../../index.ts'
import type { Terminal } from '../terminal.ts'

/** Ten frames a second are smooth to the eye and cheap over ssh. In milliseconds. */
const FRAME_MS = 100

/** A line that has said the same for so long says for how long, so that it is not taken for a program that hangs. */
const STILL_MS = 3000

/** The last line of a terminal, redrawn in its place. */
export interface LiveLine {
  /** Draws `text` in place of what stands there, at most ten times a second, and keeps it moving until it is cleared. */
  draw(text: string): void
  clear(): void
}

export function createLiveLine(terminal: Terminal, now: () => number): LiveLine {
  let timer: NodeJS.Timeout | undefined
  let lastMs = Number.NEGATIVE_INFINITY
  let frame = 0
  let said = ''
  let saidAtMs = 0

  const write = (): void => {
    lastMs = now()
    frame += 1
    const { spinner } = terminal.glyphs
    const stillMs = lastMs - saidAtMs
    const still = stillMs < STILL_MS ? '' : `  (${formatDuration(stillMs)})`
    // One column stays free: some terminals wrap when the last one is written.
    const room = Math.max(0, terminal.columns - 1)
    const line = cut(`${spinner[frame % spinner.length] ?? ''} ${said}`, room - still.length) + still
    terminal.write(`\r\x1b[K${cut(line, room)}`)
  }

  const tick = (): void => {
    if (now() - lastMs >= FRAME_MS) write()
  }

  return {
    draw: (text) => {
      if (!terminal.isLive) return
      if (text !== said) saidAtMs = now()
      said = text
      if (now() - lastMs < FRAME_MS) return
      write()
      // The run ends when its work does, not when its line stands still.
      timer ??= setInterval(tick, FRAME_MS).unref()
    },
    clear: () => {
      if (timer !== undefined) terminal.write('\r\x1b[K')
      clearInterval(timer)
      timer = undefined
      said = ''
      // What comes next is drawn at once: nothing else may come for a long time.
      lastMs = Number.NEGATIVE_INFINITY
    },
  }
}

const cut = (text: string, columns: number): string => [...text].slice(0, Math.max(0, columns)).join('')
